"""The demo: what a first look and the checks from outside find, however often it is loaded."""

import json
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from nexi_quota import imports
from nexi_quota.enums import ConfirmationState, ContractState, LedgerKind, Origin
from nexi_quota.models import (
    Buyer,
    Confirmation,
    Country,
    ExchangeRate,
    InsuranceContract,
    LedgerEntry,
    Notice,
    Quota,
    RatingRule,
)
from portal.accounts import totp
from portal.accounts.models import User
from portal.applications.models import Application
from portal.outbox import drain

pytestmark = pytest.mark.django_db
LOGINS = {
    "nexi-a-view": "nexi.view",
    "nexi-a-input": "nexi.input",
    "nexi-a-apply": "nexi.apply",
    "nexi-a-admin": "nexi.admin",
    "nexi-b-apply": "nexi.apply",
    "staff-nexi": "nexi.staff",
    "staff-nexi-2": "nexi.staff",
    "sysadmin": "system.admin",
}


@pytest.fixture(autouse=True)
def _fresh_choices() -> Any:
    yield
    cache.clear()


@pytest.fixture
def demo() -> None:
    call_command("demo", "nexi", "system", stdout=StringIO())


def counts() -> dict[str, int]:
    models = [
        model for app in ("nexi_quota", "accounts", "applications") for model in apps.get_app_config(app).get_models()
    ]
    return {model.__name__: model._default_manager.count() for model in models}


def accounts() -> dict[str, dict[str, Any]]:
    out = StringIO()
    call_command("demo", "--accounts", stdout=out)
    return {account["login"]: account for account in json.loads(out.getvalue())}


def test_loading_it_twice_changes_nothing(demo: None) -> None:
    first = counts()
    call_command("demo", "nexi", "system", stdout=StringIO())
    assert counts() == first
    assert (first["Confirmation"], first["InsuranceContract"], first["Application"]) == (6, 4, 3)


def test_what_staff_changed_stays_when_it_is_loaded_again(demo: None) -> None:
    Quota.objects.filter(buyer__code="304-000001").update(limit_jpy=1)
    call_command("demo", "nexi", "system", stdout=StringIO())
    assert Quota.objects.get(buyer__code="304-000001").limit_jpy == 1


def test_the_accounts_are_listed_for_programs() -> None:
    found = accounts()
    of_other_portals = {login for login, account in found.items() if account["portal"] not in {"nexi", "admin"}}
    assert {login: found[login]["role"] for login in found.keys() - of_other_portals} == LOGINS
    assert {account["password"] for account in found.values()} == {"demo-password-2026"}
    assert all(set(a) == {"login", "password", "totp_secret", "portal", "organisation", "role"} for a in found.values())
    assert found["nexi-b-apply"]["organisation"] == "100000002"
    assert found["staff-nexi"]["organisation"] is None
    assert found == accounts()


@pytest.mark.parametrize("login", LOGINS)
def test_every_account_logs_in_with_its_password_and_secret(demo: None, login: str, client: Any) -> None:
    account = accounts()[login]
    answer = client.post("/account/login/", {"login": login, "password": account["password"]})
    assert answer.status_code in {302, 303}
    user = User.objects.get(login=login)
    assert user.has_role(account["role"])
    factor = totp.factor_of(user)
    assert factor is not None
    assert totp.decrypt(factor.secret) == account["totp_secret"]


def test_it_refuses_in_production(settings: Any) -> None:
    settings.PORTAL_ENV = "production"
    for arguments in ([], ["--accounts"]):
        with pytest.raises(CommandError, match="本番環境"):
            call_command("demo", *arguments, stdout=StringIO())
    assert not User.objects.exists()


def test_the_buyers_are_those_of_the_contract(demo: None) -> None:
    rows = Buyer.objects.rated(timezone.localdate()).values_list("code", "rating_now", "quota__limit_jpy", "state")
    assert {code: (rating, limit, state) for code, rating, limit, state in rows} == {
        "310-000001": ("EF", 100_000_000, "active"),
        "310-000002": ("EE", 500_000_000, "active"),
        "304-000001": ("EA", 300_000_000, "active"),
        "123-000001": ("EM", 50_000_000, "active"),
        "123-000002": ("EM", None, "active"),
        "304-000003": ("EC", None, "active"),
        "304-000004": ("ER", None, "active"),
        "304-000005": ("EB", None, "active"),
        "304-000006": ("GS", None, "active"),
        "304-000007": ("SA", None, "active"),
        "105-000001": ("EF", 80_000_000, "sleeping"),
    }
    since = timezone.localdate() - timedelta(days=30)
    rates = ExchangeRate.objects.values_list("currency_id", "date", "jpy_per_unit")
    assert set(rates) == {("USD", since, 150), ("EUR", since, 160)}


def test_exporter_a_has_a_valid_confirmation_and_one_that_expired_yesterday(demo: None) -> None:
    today = timezone.localdate()
    valid, expired = Confirmation.objects.filter(reference__in=["DEMO-1", "DEMO-2"]).order_by("reference")
    assert (valid.payer.code, valid.amount, valid.state) == ("310-000002", 100_000, ConfirmationState.VALID)
    assert valid.organisation.code == "100000001"
    assert (expired.expires_on, expired.state) == (today - timedelta(days=1), ConfirmationState.EXPIRED)
    assert expired.application.number.startswith(f"{expired.confirmed_on:%y%m%d}")
    kinds = LedgerEntry.objects.filter(confirmation=expired).order_by("pk").values_list("kind", "amount_jpy")
    assert list(kinds) == [(LedgerKind.HOLD, 30_000_000), (LedgerKind.EXPIRE, -30_000_000)]
    assert Quota.objects.get(buyer__code="310-000001").held_jpy == 0
    assert Confirmation.objects.listed(today).filter(origin=Origin.REQUEST).get() == valid
    assert Application.objects.filter(state="submitted").count() == 3


def test_exporter_a_has_two_web_contracts_one_on_paper_and_one_of_equipment(demo: None) -> None:
    today = timezone.localdate()
    found = InsuranceContract.objects.filter(organisation__code="100000001", state=ContractState.OPEN)
    kinds = list(found.order_by("reference").values_list("product", "origin", "payer__code", "confirmation__state"))
    assert kinds == [
        ("01", "web", "310-000002", "insured"),
        ("01", "web", "310-000002", "insured"),
        ("01", "paper", "304-000001", "insured"),
        ("03", "association", "123-000001", "insured"),
    ]
    assert {contract.due_on < today for contract in found.filter(origin="web")} == {True, False}
    assert found.filter(due_on__lt=today).get().due_on == today - timedelta(days=10)
    equipment = found.get(product="03").confirmation
    assert (equipment.origin, equipment.application.state) == (Origin.REQUEST, "submitted")
    held = dict(Quota.objects.filter(held_jpy__gt=0).values_list("buyer__code", "held_jpy"))
    assert held == {"310-000002": 21_000_000, "304-000001": 3_000_000, "123-000001": 3_000_000}
    call_command("verify_quota", stdout=StringIO())


def test_loading_it_again_on_a_later_day_finds_the_contracts_as_they_are(
    demo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = list(InsuranceContract.objects.order_by("pk").values())
    folder = settings.DATA_DIR / "demo"
    before = [(folder / name).read_bytes() for name in ("contracts.csv", "losses.csv")]
    later = timezone.now() + timedelta(days=5)
    monkeypatch.setattr(timezone, "now", lambda: later)
    call_command("demo", "nexi", "system", stdout=StringIO())
    assert list(InsuranceContract.objects.order_by("pk").values()) == first
    assert [(folder / name).read_bytes() for name in ("contracts.csv", "losses.csv")] == before


def test_the_pages_show_it_to_exporter_a_and_not_to_exporter_b(demo: None, client: Any) -> None:
    number, gone = (Confirmation.objects.get(reference=name).number for name in ("DEMO-1", "DEMO-2"))
    client.force_login(User.objects.get(login="nexi-a-view"))
    page = client.get("/nexi/quotas/").content.decode()
    assert number in page
    assert gone not in page
    assert client.get(f"/nexi/quotas/{number}/certificate.pdf").content.startswith(b"%PDF")
    assert client.get(f"/nexi/quotas/{gone}/certificate.pdf").status_code == 410
    client.force_login(User.objects.get(login="nexi-b-apply"))
    assert number not in client.get("/nexi/quotas/").content.decode()


def test_the_sample_files_hold_what_is_loaded(demo: None) -> None:
    folder = settings.DATA_DIR / "demo"
    assert {"notices.csv", "notices.xlsx"} <= {path.name for path in folder.iterdir()}
    for path in (folder / f"{kind.slug}.csv" for kind in imports.KINDS):
        with path.open("rb") as file:
            report = imports.load(file, path.name, timezone.localdate())
        # The loss notice is there to be tried.
        assert (report.ok, report.has_changes) == (True, path.stem == "losses"), (path.name, report.problems)


@pytest.mark.stores_files
@pytest.mark.parametrize("name", ["notices.csv", "notices.xlsx"])
def test_the_sample_file_of_notices_is_taken_over_by_exporter_a(demo: None, client: Any, name: str) -> None:
    client.force_login(User.objects.get(login="nexi-a-apply"))
    content = (settings.DATA_DIR / "demo" / name).read_bytes()
    answer = client.post("/nexi/bulk/", {"file": SimpleUploadedFile(name, content)}, follow=True)
    assert answer.status_code == 200, re.findall(r"\d行目[^<]*", answer.content.decode())
    page = answer.redirect_chain[0][0]
    assert "4件（決済通知 3件、枠戻通知 1件）" in answer.content.decode()
    client.post(page)
    drain()
    assert "4件の通知を取り込みました" in client.get(page).content.decode()
    found = Notice.objects.order_by("line").values_list("kind", "amount", "day")
    today = timezone.localdate()
    assert list(found) == [
        *(("settlement", amount, today) for amount in (5_000, 20_000, 8_000)),
        ("release", 20_000, today),
    ]
    call_command("verify_quota", stdout=StringIO())


def test_every_upload_has_its_template(demo: None, client: Any) -> None:
    for login, page in (("nexi-a-apply", "/nexi/bulk/"), ("staff-nexi", "/admin/nexi_quota/buyer/import/")):
        client.force_login(User.objects.get(login=login))
        html = client.get(page).content.decode()
        links = re.findall(r'href="([^"]+)">雛形をダウンロード', html)
        assert len(links) == (2 if login == "nexi-a-apply" else len(imports.KINDS))
        for link in links:
            answer = client.get(link)
            assert answer.status_code == 200
            assert "attachment" in answer["Content-Disposition"]


def test_reference_data_are_loaded_without_the_demo_and_only_what_is_missing() -> None:
    out = StringIO()
    call_command("load_reference_data", stdout=out)
    added = json.loads(out.getvalue())["added"]
    assert added == {
        "country": Country.objects.count(),
        "currency": 18,
        "ratingrule": RatingRule.objects.count(),
        "countrypolicy": 0,
    }
    Country.objects.filter(code="310").update(name="別名")
    out = StringIO()
    call_command("load_reference_data", "--samples", stdout=out)
    added = json.loads(out.getvalue())["added"]
    assert (added["country"], added["currency"], added["ratingrule"]) == (0, 0, 0)
    assert added["countrypolicy"] > 40
    assert Country.objects.get(code="310").name == "別名"
