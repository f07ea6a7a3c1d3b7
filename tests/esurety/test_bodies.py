"""発注者: the packaged files, the import with its report, 対応発注者一覧, and the masters of the staff."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
import time_machine
from django.core.management import call_command

from esurety.enums import HandInChannel, Product, StartBasis
from esurety.models import AcceptanceRule, Body, SubmissionRule
from esurety.rules.limits import MoneyRules
from esurety.rules.media import why_not_electronic
from esurety.rules.submission import fill
from esurety.selectors import bodies as selectors
from esurety.services import bodies
from portal.accounts.models import Organisation
from portal.audit.models import Event
from tests.esurety.rules.examples import works

NOW = datetime(2026, 5, 11, 1, 0, tzinfo=UTC)


def words(response):
    body = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def observed(db):
    """The 21 observed bodies and the two of the demonstration."""
    return bodies.load_packaged("bodies.csv"), bodies.load_packaged("demo_bodies.csv")


@pytest.fixture
def contractor(log_in):
    company = Organisation.objects.create(portal="surety", code="2000000001", name="株式会社架空建設")
    return log_in("surety-user", "surety.view", organisation=company)


@pytest.fixture
def clerk(log_in):
    return log_in("surety-clerk", "surety.clerk", is_staff=True)


def table(*rows, **more):
    """Return a CSV file of one body a row, with the columns of the first."""
    base = {"団体コード": "999903", "名称": "架空町", "宛名": "架空町長"}
    lines = [{**base, **row} for row in rows or [{}]]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(dict.fromkeys(name for line in lines for name in line)), restval="")
    writer.writeheader()
    writer.writerows(lines)
    return io.BytesIO(text.getvalue().encode(more.get("encoding", "utf-8-sig")))


def load(*rows, **more):
    return bodies.load(table(*rows, **more), "bodies.csv")


# --- The packaged bodies -----------------------------------------------------------


def test_the_observed_bodies_are_taken_over_once(observed):
    packaged, demo = observed
    assert (packaged.added, packaged.errors, demo.added) == (21, 0, 2)
    again = bodies.load_packaged("bodies.csv")
    assert (again.unchanged, again.has_changes, again.applied) == (21, False, False)
    assert all(rule.source for rule in AcceptanceRule.objects.order_by("pk"))


@pytest.mark.parametrize(
    ("name", "product", "changes", "is_electronic"),
    [
        ("小美玉市", "ADV", {"contract_on": "2024-08-01"}, True),
        ("小美玉市", "ADV", {"contract_on": "2024-07-31"}, False),
        ("小美玉市", "CTR", {"contract_on": "2024-08-01", "kind": "regional"}, False),
        ("広島県", "MID", {"contract_on": "2024-06-01", "kind": "regional"}, True),
        ("広島県", "MID", {"contract_on": "2024-05-31"}, False),
        ("北上市", "ADV", {"notice_on": "2025-09-20", "contract_on": "2025-10-15"}, False),
        ("弘前市", "ADV", {"nomination_on": "2024-04-01", "department": "契約課"}, True),
        ("弘前市", "ADV", {"nomination_on": "2024-04-01", "department": "水道課"}, False),
        ("長門市", "CTR", {"award_on": "2024-01-01"}, True),
        ("国東市", "ADV", {"contract_on": "2024-10-01"}, True),
        ("国東市", "ADV", {"contract_on": "2024-10-01", "kind": "design"}, False),
        ("国東市", "ADV", {"contract_on": "2025-04-01", "kind": "design"}, True),
        ("いちき串木野市", "ADV", {"contract_on": "2026-03-31"}, False),
    ],
)
def test_the_rules_of_an_observed_body_decide(observed, name, product, changes, is_electronic):
    body = Body.objects.get(name=name)
    why = why_not_electronic(
        selectors.acceptance(body), works(**changes), product, online="active", body_name=body.name
    )
    assert (why == "") == is_electronic, why


def test_f23_the_subject_of_toyokawa_is_built_from_its_template(observed):
    rule = selectors.submission_rule(Body.objects.get(name="豊川市"), Product.CTR)
    assert (rule.department, rule.channels) == ("契約検査課", [HandInChannel.MAIL])
    values = {"受注者": "架空建設", "保証種類": "契約保証", "入札日": "2025-04-10"}
    filled = fill(rule.subject, values)
    assert filled.missing == ("契約番号",)
    assert fill(rule.subject, {**values, "契約番号": "R7-12"}).text == "架空建設 契約保証 認証キー 2025-04-10 R7-12"


def test_the_ways_to_hand_in_differ_by_guarantee_and_body(observed):
    nagaoka, kunisaki = (Body.objects.get(name=name) for name in ("長岡市", "国東市"))
    assert selectors.submission_rule(nagaoka, "CTR").department == "契約検査課"
    assert selectors.submission_rule(nagaoka, "MID").department == "工事発注課"
    assert selectors.submission_rule(kunisaki, "ADV").wants_print
    assert selectors.submission_rule(Body.objects.get(name="本巣市"), "ADV").calls
    assert selectors.submission_rule(Body.objects.get(name="北広島市"), "ADV") is None


def test_money_rules_come_from_the_body(observed):
    matsuyama = selectors.money_rules(Body.objects.get(name="松山市"))
    assert matsuyama == MoneyRules(mid_least_price=1_300_000, mid_least_days=90)


def test_bodies_are_found_by_name_reading_and_code(observed):
    for typed in ("小美玉", "オミタマ", "おみたま", "０８２３", "小美玉　082368"):
        (body,) = selectors.search_bodies(typed)
        assert body.name == "小美玉市"
        assert selectors.starts(body) == ["2024/08/01から（契約締結日）"]
    Body.objects.filter(name="小美玉市").update(is_active=False)
    assert not selectors.search_bodies("小美玉").exists()


# --- The import ---------------------------------------------------------------------


def test_one_wrong_cell_takes_nothing_over_and_says_where(db):
    report = load(
        {"適用開始日": "2026-04-31", "対応する保証種類": "前払", "対応する工事区分": "建設工事"},
        {"団体コード": "12345", "名称": "別の町", "宛名": "別の町長"},
        {"団体コード": "999904", "名称": "", "宛名": "ある村長", "提出する保証種類": "前払", "提出チャネル": "のろし"},
        {"団体コード": "999905", "名称": "ある市", "提出する保証種類": "前払", "件名の形式": "{電話}"},
        {"団体コード": "999906", "名称": "その市", "宛名": "その市長", "適用開始日": "2026-04-01"},
    )
    assert not report.ok
    assert [problem.partition("：")[0] for problem in report.problems] == [
        "2行目・適用開始日",
        "3行目・団体コード",
        "4行目・提出チャネル",
        "5行目・件名の形式",
        "6行目・対応する保証種類",
        "6行目・対応する工事区分",
    ]
    assert "4月31日はありません" in report.problems[0]
    assert not Body.objects.exists()
    assert not Event.objects.filter(verb="surety.masters_imported").exists()


def test_rules_that_overlap_or_contradict_are_refused(db):
    rule = {"対応する保証種類": "前払", "対応する工事区分": "建設工事", "適用開始日": "2026-04-01"}
    hand_in = {"提出する保証種類": "前払、契約", "提出チャネル": "FAX"}
    report = load({**rule, **hand_in}, {**rule, "適用開始日": "2026-05-01", **hand_in, "宛名": "別の町長"})
    assert [problem.partition("：")[0] for problem in report.problems] == [
        "3行目・宛名",
        "3行目・適用開始日",
        "3行目・提出する保証種類",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "ファイルが空です"),
        ("名称\n架空市\n".encode(), "列「団体コード」がありません"),
        ("団体コード,電話\n999903,1\n".encode(), "列「電話」は使いません"),
        ("団体コード\n".encode(), "データの行がありません"),
        (b"\xff\xfe\x00", "文字コードを読み取れません"),
    ],
)
def test_a_file_that_is_none_is_refused(db, content, reason):
    report = bodies.load(io.BytesIO(content), "bodies.csv")
    assert not report.ok
    assert reason in report.problems[0]


def test_an_empty_cell_leaves_what_is_there_and_none_takes_an_amount_away(db):
    rule = {"対応する保証種類": "ADV、中間", "対応する工事区分": "works", "適用開始日": "令和8年4月1日"}
    first = load({**rule, "前払金の上限（円）": "1億", "種別": "都道府県", "部署": "契約課、建設課"}, encoding="cp932")
    assert first.encoding == "Shift_JIS（CP932）"
    body = Body.objects.get(code="999903")
    assert (body.cap, body.kind, body.departments) == (100_000_000, "prefecture", ["契約課", "建設課"])
    second = load({"名称": "", "宛名": "", "前払金の上限（円）": "なし"})
    body.refresh_from_db()
    assert (second.changed, body.cap, body.name, body.kind) == (1, None, "架空町", "prefecture")
    kept = body.acceptance.get()
    assert (kept.products, kept.basis, kept.starts_on) == (["ADV", "MID"], StartBasis.CONTRACT, date(2026, 4, 1))


def test_the_rules_of_a_body_become_those_of_the_file_and_the_log_keeps_the_old_ones(db):
    rule = {"対応する保証種類": "前払", "対応する工事区分": "建設工事", "適用開始日": "2026-04-01"}
    load({**rule, "提出する保証種類": "前払", "提出チャネル": "FAX、電子メール"})
    report = load({**rule, "適用開始日": "2026-07-01"}, {**rule, "対応する保証種類": "契約"})
    assert (report.changed, report.applied) == (1, True)
    found = AcceptanceRule.objects.order_by("starts_on").values_list("products", "starts_on")
    assert list(found) == [(["CTR"], date(2026, 4, 1)), (["ADV"], date(2026, 7, 1))]
    assert SubmissionRule.objects.get().channels == ["fax", "mail"]
    changes = [event.detail["bodies"]["999903"] for event in Event.objects.filter(verb="surety.masters_imported")]
    (before,) = (change["before"] for change in changes if change["before"])
    assert before["acceptance"][0]["starts_on"] == "2026-04-01"


def test_the_command_checks_without_writing_and_fails_on_errors(db, tmp_path, capsys):
    path = tmp_path / "bodies.csv"
    path.write_bytes(table().getvalue())
    call_command("import_bodies", path, "--check")
    report = json.loads(capsys.readouterr().out)
    assert (report["added"], report["applied"], Body.objects.count()) == (1, False, 0)
    call_command("import_bodies", path)
    assert json.loads(capsys.readouterr().out)["applied"]
    path.write_bytes(table({"団体コード": "1"}).getvalue())
    with pytest.raises(SystemExit):
        call_command("import_bodies", path)
    assert "6桁の数字" in json.loads(capsys.readouterr().out)["problems"][0]


def test_the_template_can_be_imported(db):
    report = bodies.load(io.BytesIO(bodies.template()), "bodies.csv")
    assert (report.problems, report.added) == ([], 1)


# --- The pages -----------------------------------------------------------------------


def test_a_contractor_finds_who_accepts_from_when_and_for_what(observed, contractor):
    answer = contractor.get("/surety/bodies/", {"q": "くにさき"})
    said = words(answer)
    assert answer.status_code == 200
    for expected in (
        "国東市",
        "2024/10/01",
        "2025/04/01",
        "契約締結日",
        "測量・建設コンサルタント等業務",
        "持参・書面",
    ):
        assert expected in said
    assert "小美玉市" not in said


@pytest.mark.parametrize(
    ("filters", "there", "away"),
    [
        ({"kind": "prefecture"}, "広島県", "小美玉市"),
        ({"work_kind": "regional"}, "広島県", "小美玉市"),
        ({"product": "CTR", "q": "市"}, "小美玉市", "広島県"),
        ({"product": "MID"}, "小美玉市", "契約だけの町"),
    ],
)
def test_the_list_is_narrowed_and_says_how(observed, contractor, filters, there, away):
    rule = {"対応する保証種類": "契約", "対応する工事区分": "建設工事", "適用開始日": "2026-04-01"}
    load({**rule, "名称": "契約だけの町"})
    said = words(contractor.get("/surety/bodies/", {**filters, "size": "100"}))
    assert there in said
    assert away not in said
    assert "指定中の条件" in said


def test_rules_that_have_ended_are_not_listed(db, contractor):
    rule = {"対応する保証種類": "契約", "対応する工事区分": "建設工事", "適用開始日": "2024-04-01"}
    load({**rule, "適用終了日": "2026-05-10"})
    assert "対応している発注者は登録されていません" in words(contractor.get("/surety/bodies/"))
    load({**rule, "適用終了日": "2026-05-11"})
    assert "2026/05/11" in words(contractor.get("/surety/bodies/"))


def test_the_list_comes_as_csv_and_costs_few_queries(observed, contractor, django_assert_max_num_queries):
    contractor.get("/surety/bodies/")
    with django_assert_max_num_queries(12):
        contractor.get("/surety/bodies/", {"size": "100"})
    lines = b"".join(contractor.get("/surety/bodies/", {"format": "csv"})).decode("utf-8-sig").splitlines()
    rows = list(csv.DictReader(lines))
    assert len(rows) == 24
    assert rows[0]["団体コード"] == "012343"


def test_staff_check_a_file_and_then_take_it_over(clerk):
    where = "/admin/esurety/body/import/"
    checked = clerk.post(where, {"file": named(table()), "check": "1"})
    assert "発注者の追加1件" in checked.content.decode()
    assert not Body.objects.exists()
    taken = clerk.post(where, {"file": named(table()), "apply": "1"})
    assert taken.status_code == 302
    assert Body.objects.get().name == "架空町"
    assert Event.objects.get(verb="surety.masters_imported").actor_login == "surety-clerk"
    wrong = clerk.post(where, {"file": named(table({"種別": "村"})), "apply": "1"})
    assert wrong.status_code == 422
    assert "2行目・種別" in wrong.content.decode()
    assert clerk.post(where, {"apply": "1"}).status_code == 422
    assert clerk.get(f"{where}template.csv").content.startswith(b"\xef\xbb\xbf")


def named(file):
    file.name = "bodies.csv"
    return file


def test_only_who_keeps_the_masters_imports_them(log_in, contractor):
    reviewer = log_in("reviewer", "surety.reviewer", is_staff=True)
    assert reviewer.get("/admin/esurety/body/").status_code == 200
    assert reviewer.get("/admin/esurety/body/import/").status_code == 403
    assert contractor.get("/admin/esurety/body/import/").status_code in {302, 403}


def test_a_rule_is_kept_by_hand_and_an_overlap_is_refused(observed, clerk):
    body = Body.objects.get(name="小美玉市")
    rule = body.acceptance.get()
    fields = {
        "body": body.pk,
        "products": ["ADV"],
        "work_kinds": ["works"],
        "departments": "",
        "basis": "contract",
        "starts_on": "2026-06-01",
        "ends_on": "",
        "issuers": "",
        "remark": "",
        "source": "",
    }
    refused = clerk.post("/admin/esurety/acceptancerule/add/", fields)
    assert "がすでに登録されています" in refused.content.decode()
    change = {**fields, "products": ["ADV", "CTR"], "work_kinds": ["works", "design"], "starts_on": "2024-08-01"}
    where = f"/admin/esurety/acceptancerule/{rule.pk}/change/"
    assert clerk.post(where, {**change, "ends_on": "2026-05-31"}).status_code == 302
    assert clerk.post("/admin/esurety/acceptancerule/add/", fields).status_code == 302
    rule.refresh_from_db()
    assert (rule.products, str(rule.ends_on)) == (["ADV", "CTR"], "2026-05-31")


def test_a_way_to_hand_in_names_only_what_can_be_filled(observed, clerk):
    body = Body.objects.get(name="北広島市")
    fields = {"body": body.pk, "products": ["ADV"], "channels": "電子メール\nファクス", "subject": "{電話}"}
    wrong = clerk.post("/admin/esurety/submissionrule/add/", fields).content.decode()
    assert "使えない項目（{電話}）" in wrong
    assert "電子契約システム、電子メール、電子申請フォーム、FAX、持参・書面のどれか" in wrong
    right = {**fields, "channels": "ＦＡＸ\n電子メール", "subject": "{工事番号}"}
    assert clerk.post("/admin/esurety/submissionrule/add/", right).status_code == 302
    assert body.submission_rules.get().channels == ["fax", "mail"]
    refused = clerk.post("/admin/esurety/submissionrule/add/", right).content.decode()
    assert "同じ保証種類・適用開始日の提出方法" in refused


def test_the_money_rules_of_a_body_stay_within_reason(observed, clerk):
    body = Body.objects.get(name="松山市")
    page = clerk.get(f"/admin/esurety/body/{body.pk}/change/")
    form = page.context["adminform"].form
    values = {name: "" if value is None else value for name, value in form.initial.items() if name in form.fields}
    values |= {"departments": "契約課\n建設課", "is_confirmed": "on", "is_active": "on"}
    wrong = clerk.post(page.request["PATH_INFO"], {**values, "unit": 0, "rate_works": 101, "raise_percent": 99})
    for words_of_it in ("端数を切り捨てないときは1", "100以下の数字", "100以上の数字"):
        assert words_of_it in wrong.content.decode()
    assert clerk.post(page.request["PATH_INFO"], {**values, "unit": 100_000}).status_code == 302
    body.refresh_from_db()
    assert (body.unit, body.is_confirmed, body.departments) == (100_000, True, ["契約課", "建設課"])
