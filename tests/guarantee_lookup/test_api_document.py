"""The OpenAPI document of the banks' API: right by its own rules, readable, and kept by every answer."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from guarantee_lookup.api import API
from guarantee_lookup.models import ServiceRules
from portal.api.document import document
from tests.guarantee_lookup.driver import Teller
from tests.guarantee_lookup.program import ROOT, program_of


def test_the_document_is_right_by_its_own_rules_and_readable(client: Client, db: None) -> None:
    described: Any = document(API)
    assert list(OPENAPI_31_VALIDATOR.iter_errors(described)) == []
    operation = described["paths"]["/lookups"]["post"]
    assert {"201", "400", "401", "403", "404", "405", "409", "413", "415", "422", "429"} == set(operation["responses"])
    body = operation["requestBody"]["content"]["application/json"]
    assert body["schema"]["required"] == ["kind", "number", "basis"]
    assert set(body["example"]) <= set(body["schema"]["properties"])
    page = client.get(ROOT).content.decode()
    for words in ("POST /lookup/api/v1/lookups", "GET /lookup/api/v1/lookups/{receipt}", "figures[].free", "E-NONE"):
        assert words in page


@pytest.mark.django_db(transaction=True)
def test_schemathesis_finds_no_answer_that_the_document_does_not_promise(
    master: Teller, live_server: Any, settings: Any, tmp_path: Path
) -> None:
    # As fast as it can: the limits have their own tests.
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    ServiceRules.objects.update(
        user_hour=10**6, user_day=10**6, institution_day=10**6, none_in_a_row=10**6, none_hour=10**6, none_day=10**6
    )
    program = program_of(master)
    program.asks()
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("run", f"{live_server.url}{ROOT}openapi.json", "--continue-on-failure", "--no-color", "--checks", "all"),
        # Which numbers fit which kind, and which basis needs a consent, no schema says.
        *("--exclude-checks", "positive_data_acceptance"),
        *("--max-examples", "6", "--phases", "examples,coverage,fuzzing,stateful"),
        *("--header", f"Authorization: Bearer {program.text}"),
    ]
    result = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-8_000:]
    assert "Tested: 3" in result.stdout
