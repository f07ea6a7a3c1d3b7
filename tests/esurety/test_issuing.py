"""From the paid fee to the certificate, and what a change, a correction and a cancellation leave (F13, F14)."""

import json
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command

from esurety.models import Certificate
from esurety.services import issuing
from portal.documents.glyphs import MissingGlyphs
from portal.outbox import drain
from tests.esurety.driver import Shop, key_of, pdf_of

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]


def states(guarantee: object) -> list[tuple[int, str, str]]:
    rows = Certificate.objects.filter(guarantee=guarantee).order_by("sequence")
    return [(row.sequence, row.target, row.get_state_display()) for row in rows]


def test_a_certificate_is_issued_signed_and_can_be_checked_offline(clock, shop: Shop, tmp_path: Path, capsys):
    guarantee = shop.guarantee()
    assert guarantee.number == "01261000001"
    certificate = guarantee.current
    content = pdf_of(certificate)
    saved = tmp_path / "証書.pdf"
    saved.write_bytes(content)
    call_command("verify_certificate", str(saved))
    assert json.loads(capsys.readouterr().out)["ok"]
    text = subprocess.run(["pdftotext", "-layout", str(saved), "-"], capture_output=True, text=True, check=True).stdout
    for said in ("保証証書(前払金保証)", "01261-000001", "20,000,000円", "架空市長", "見本道路改良工事", "確認用"):
        assert said in text
    saved.write_bytes(content.replace(b"/Producer", b"/Producor", 1))
    with pytest.raises(SystemExit):
        call_command("verify_certificate", str(saved))


def test_versions_follow_each_other_as_in_the_worked_example(clock, shop: Shop):
    guarantee = shop.guarantee()
    shop.revise(guarantee, "change", amount=19_000_000)
    shop.revise(guarantee, "correction", amount=18_000_000)
    shop.revise(guarantee, "change", amount=17_000_000)
    assert guarantee.amount == 17_000_000
    shop.revise(guarantee, "withdrawal")
    assert states(guarantee) == [
        (1, "新規", "旧版（変更により）"),
        (2, "変更1", "訂正済"),
        (3, "変更1 訂正", "発行済"),
        (4, "変更2", "変更取消"),
    ]
    assert (guarantee.current.sequence, guarantee.amount) == (3, 18_000_000)
    shop.revise(guarantee, "change", amount=16_000_000)
    assert states(guarantee)[-1] == (5, "変更2", "発行済")
    keys = {key_of(row) for row in Certificate.objects.filter(guarantee=guarantee)}
    assert len(keys) == 5
    chain = list(Certificate.objects.filter(guarantee=guarantee).order_by("sequence"))
    assert [row.previous_sha256 for row in chain[1:]] == [
        chain[0].payload_sha256,
        chain[1].payload_sha256,
        chain[2].payload_sha256,
        chain[2].payload_sha256,
    ]


def test_a_character_that_paper_cannot_show_keeps_a_certificate_from_being_issued(clock, shop: Shop):
    item = shop.concluded(work="見本😀工事")
    with pytest.raises(MissingGlyphs, match="😀"):
        issuing.issue(item, shop.person("approver"))
    item.refresh_from_db()
    assert item.state == "concluded"
    assert not Certificate.objects.exists()


def test_a_job_that_runs_twice_makes_one_certificate(clock, shop: Shop):
    made = issuing.issue(shop.concluded(), shop.person("approver"))
    issuing.store(made, b"%PDF-first")
    issuing.store(made, b"%PDF-second")
    drain()
    made.refresh_from_db()
    assert pdf_of(made) == b"%PDF-first"
    assert made.keys.count() == 1
