"""The OpenAPI document: right by its own rules, kept by every answer, and readable by people."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from nexi_quota.api import API
from portal.api.document import document
from tests.conftest import LogIn
from tests.nexi_quota.driver import Exporter
from tests.nexi_quota.holdings_api import LISTS, ROOT, Program, holds_something, program_of

STATUSES = {"200", "400", "401", "404", "405", "422", "429"}


@pytest.fixture
def described() -> Any:
    return document(API)


def test_it_is_openapi_3_1(described: Any) -> None:
    assert described["openapi"].startswith("3.1.")
    assert list(OPENAPI_31_VALIDATOR.iter_errors(described)) == []
    described["paths"]["/quotas"]["get"]["parameters"][0]["in"] = "nowhere"
    assert list(OPENAPI_31_VALIDATOR.iter_errors(described)) != []


def test_every_reference_leads_somewhere(described: Any) -> None:
    text = json.dumps(described)
    references = {part.split('"')[0] for part in text.split('"$ref": "#/')[1:]}
    assert references
    for reference in references:
        found = described
        for step in reference.split("/"):
            found = found[step]


def test_it_names_every_endpoint_answer_and_parameter_in_japanese(described: Any) -> None:
    assert described["paths"].keys() == {f"/{name}{rest}" for name in LISTS for rest in ("", "/{number}")}
    for path in described["paths"].values():
        assert path.keys() == {"get"}
        assert path["get"]["responses"].keys() == STATUSES
        assert path["get"]["responses"]["200"]["content"]["application/json"]["example"]
        for parameter in path["get"]["parameters"]:
            assert not parameter["description"].isascii()
    for schema in described["components"]["schemas"].values():
        undescribed = [name for name, one in schema["properties"].items() if schema["title"] and not one]
        assert undescribed == []


def test_it_is_public_and_says_where_the_endpoints_are(client: Client, described: Any) -> None:
    answer: Any = client.get(f"{ROOT}openapi.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == described
    assert answer.json()["servers"] == [{"url": ROOT.rstrip("/")}]


@pytest.mark.django_db
def test_people_read_the_same_on_a_page(client: Client, described: Any, log_in: LogIn, ana: Exporter) -> None:
    for reader in (client, ana.client):
        page = reader.get(ROOT).content.decode()
        for path, operations in described["paths"].items():
            assert f"GET {ROOT.rstrip('/')}{path}" in page
            for parameter in operations["get"]["parameters"]:
                assert f">{parameter['name']}<" in page
        for words in ("payer.country.code", "answers[].label", "保証枠有効期限", f"{ROOT}openapi.json"):
            assert words in page


def check(document: str, program: Program, folder: Path, **options: str) -> subprocess.CompletedProcess[str]:
    """Run all checks of schemathesis in a process of its own, as a partner would."""
    options |= {"header": f"Authorization: Bearer {program.text}", "checks": "all", "max-examples": "6"}
    command = [Path(sys.executable).with_name("schemathesis"), "run", document, "--continue-on-failure", "--no-color"]
    command += [part for name, value in options.items() for part in (f"--{name}", value)]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.django_db(transaction=True)
def test_schemathesis_finds_no_answer_that_the_document_does_not_promise(
    ana: Exporter, live_server: Any, settings: Any, tmp_path: Path
) -> None:
    # As fast as it can: the limit has its own test.
    settings.API_REQUESTS_PER_MINUTE = 1_000_000
    holds_something(ana)
    phases = "examples,coverage,fuzzing,stateful"
    result = check(f"{live_server.url}{ROOT}openapi.json", program_of(ana), tmp_path, phases=phases)
    assert result.returncode == 0, (result.stdout + result.stderr)[-8_000:]
    assert "Tested: 6" in result.stdout
    assert "No issues found" in result.stdout


@pytest.mark.django_db(transaction=True)
def test_schemathesis_finds_an_answer_that_the_document_does_not_promise(
    ana: Exporter, live_server: Any, described: Any, tmp_path: Path
) -> None:
    answer = described["paths"]["/quotas"]["get"]["responses"]["200"]["content"]["application/json"]
    answer["schema"]["properties"]["next_cursor"]["type"] = "integer"
    (tmp_path / "openapi.json").write_text(json.dumps(described))
    result = check(f"{tmp_path}/openapi.json", program_of(ana), tmp_path, url=live_server.url + ROOT, phases="examples")
    assert result.returncode == 1, result.stdout
    assert "is not of type" in result.stdout
