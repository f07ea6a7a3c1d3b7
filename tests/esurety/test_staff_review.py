"""受付, 審査, 決裁 and 発行 by the surety's staff, through their pages."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from esurety.models import AuthKey, Certificate, Fee, Guarantee, Item
from esurety.services import review
from esurety.services.fees import load_fee_tables
from portal.audit.models import Event
from portal.outbox import drain
from tests.concurrency.racing import Meeting, race
from tests.conftest import Person
from tests.esurety.driver import Shop
from tests.esurety.staff import ADMIN, approved, checked, concluded, decides, letters, took, words

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]

PAPER = {
    "paper_name": "見本道路改良工事",
    "paper_price": "50,000,000",
    "paper_starts_on": "2026-11-11",
    "paper_ends_on": "2027-03-31",
}


@pytest.fixture(autouse=True)
def tables(db: None) -> None:
    load_fee_tables()


@pytest.fixture
def people(clerk: Person, reviewer: Person, approver: Person, fee_clerk: Person) -> tuple[Person, ...]:
    return clerk, reviewer, approver, fee_clerk


def page(person: Person, row: Any) -> str:
    return words(person.get(f"{ADMIN}/{row._meta.model_name}/{row.pk}/change/"))


def verbs(target: str) -> set[str]:
    return set(Event.objects.filter(target=target).values_list("verb", flat=True))


def test_an_application_walks_from_its_receipt_to_the_issued_certificate(clock, shop: Shop, people):
    clerk, reviewer, approver, fee_clerk = people
    item = shop.item()
    assert "新着（受付） 1件" in words(clerk.get(f"{ADMIN}/item/"))
    assert item.request.number in words(clerk.get(f"{ADMIN}/item/?queue=new"))
    took(decides(clerk, item, "receive"))
    shown = page(reviewer, item)
    assert "保証残高 20,000,000円（限度額1,000,000,000円） 適" in shown
    assert "請負契約書との照合 未照合 注意" in shown
    took(decides(reviewer, item, "check", reason="契約書と一致", **PAPER))
    shown = page(approver, item)
    assert "請負契約書との照合 一致 適 請負契約書と同じです。" in shown
    assert "審査の所見 適 契約書と一致" in shown
    took(decides(approver, item, "approve"))
    fee = Fee.objects.get()
    assert (fee.number, fee.gross, fee.discount, fee.net) == ("F01261000001-01", 63_900, 200, 63_700)
    assert "63,700円" in letters("保証料のご案内")[0]
    took(decides(fee_clerk, fee, "pay", paid_on="2026-11-20", paid_how="transfer"))
    shown = page(approver, item)
    assert "01261-000001" in shown
    assert "認証キー 発行と同時に作成します" in shown
    took(decides(approver, item, "issue"))
    drain()
    item.refresh_from_db()
    assert item.state == "issued"
    assert item.guarantee.current.keys.count() == 1
    assert verbs(item.request.number) == {"surety.received", "surety.checked", "surety.approved"}
    assert verbs(item.number) == {"surety.concluded", "surety.issued", "surety.arrived"}


def test_what_is_not_as_in_the_contract_needs_a_reason_that_stays_with_the_application(clock, shop, clerk, reviewer):
    item = shop.item()
    took(decides(clerk, item, "receive"))
    refused = decides(reviewer, item, "check", **{**PAPER, "paper_price": "48,000,000"})
    assert refused.status_code == 422
    assert "請負金額が請負契約書と異なります。" in words(refused)
    item.refresh_from_db()
    assert item.state == "review"
    given = {"override-review.paper": "変更契約の写しで確認"}
    took(decides(reviewer, item, "check", **{**PAPER, "paper_price": "48,000,000"}, **given))
    item.refresh_from_db()
    (line,) = [line for line in item.review if line["code"] == "review.paper"]
    assert (line["light"], line["override"]) == (2, "変更契約の写しで確認")
    assert "承認へ進める理由：変更契約の写しで確認" in page(reviewer, item)


def test_a_second_advance_is_judged_by_the_first_one_and_the_certified_day(clock, shop, people):
    clerk, reviewer, _, _ = people
    first = concluded(shop, people)
    item = shop.item("MID", 10_000_000, advance_number=str(first), advance_amount=20_000_000)
    Item.objects.filter(pk=item.pk).update(details={"certified_on": "2026-12-01"})
    took(decides(clerk, item, "receive"))
    shown = page(reviewer, item)
    assert "先行する前払金保証20,000,000円は有効です。" in shown
    assert "工期の2分の1を経過する2027年1月21日より前です。" in shown
    assert decides(reviewer, item, "check").status_code == 422
    contract = shop.item("CTR", 4_999_999, work="別の工事", work_number="2026-102")
    took(decides(clerk, contract, "receive"))
    assert "必要な額5,000,000円（請負金額の10%以上）に1円足りません。" in page(reviewer, contract)


def test_the_clerk_leaves_a_word_for_the_contractor(clock, shop: Shop, clerk: Person, reviewer: Person):
    item = shop.item()
    assert decides(reviewer, item, "answer", answer="至急対応します").status_code == 403
    took(decides(clerk, item, "answer", answer="至急対応します"))
    item.request.refresh_from_db()
    assert item.request.answer == "至急対応します"
    assert Event.objects.filter(verb="surety.answered", target=item.request.number).count() == 1


def test_nobody_approves_what_he_reviewed(clock, shop: Shop, clerk: Person, log_in):
    both = log_in("both", "surety.reviewer", "surety.approver", is_staff=True)
    item = checked(shop, clerk, both)
    assert "ご自身が審査した申込みは決裁できません" in page(both, item)
    answer = decides(both, item, "approve")
    assert answer.status_code == 403
    item.refresh_from_db()
    assert (item.state, item.number, Fee.objects.count()) == ("checked", "", 0)
    assert Event.objects.filter(verb="surety.decision_denied", outcome="denied", actor_login="both").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Item.objects.filter(pk=item.pk).update(approved_by=both.user)


def test_above_a_hundred_million_only_the_head_office_approves(clock, shop, clerk, reviewer, approver, log_in):
    item = shop.item(amount=100_000_001, price=500_000_000)
    request = item.request
    request.works["price"] = 500_000_000
    request.save()
    took(decides(clerk, item, "receive"))
    took(decides(reviewer, item, "check"))
    assert decides(approver, item, "approve").status_code == 403
    head = log_in("head", "surety.head", is_staff=True)
    took(decides(head, item, "approve"))


def test_each_desk_decides_only_what_is_its_own(clock, shop, clerk, reviewer, approver, fee_clerk, user):
    item = shop.item()
    for person in (reviewer, approver):
        assert decides(person, item, "receive").status_code == 409
    assert decides(fee_clerk, item, "receive").status_code == 403
    assert user.get(f"{ADMIN}/item/").status_code in (302, 403)
    item.refresh_from_db()
    assert item.state == "applied"


def test_a_returned_application_tells_the_contractor_why(clock, shop: Shop, clerk: Person):
    item = shop.item()
    assert decides(clerk, item, "return").status_code == 422
    took(decides(clerk, item, "return", reason="{工期}の終わりが契約書と異なります。"))
    item.refresh_from_db()
    assert (item.state, item.reason) == ("returned", "{工期}の終わりが契約書と異なります。")
    (mail,) = letters("申込内容の確認のお願い")
    assert "理由：{工期}の終わりが契約書と異なります。" in mail
    assert "http" not in mail


def test_the_approver_sends_back_to_the_review_or_refuses(clock, shop, clerk, reviewer, approver):
    item = checked(shop, clerk, reviewer)
    took(decides(approver, item, "back", reason="財務諸表を確かめてください"))
    assert "決裁者からの戻し" not in page(reviewer, item)  # the checks of now stand there
    took(decides(reviewer, item, "check"))
    took(decides(approver, item, "refuse", reason="保証限度額の超過"))
    item.refresh_from_db()
    assert item.state == "refused"
    assert "保証限度額の超過" in letters("保証申込の審査結果のお知らせ")[0]


def test_a_paper_guarantee_is_issued_without_a_key_and_printed(clock, shop: Shop, people, tmp_path: Path):
    guarantee = concluded(shop, people, medium="paper")
    made = guarantee.current
    assert (AuthKey.objects.count(), hasattr(made, "submission")) == (0, False)
    answer = people[0].get(f"{ADMIN}/certificate/{made.pk}/certificate.pdf")
    saved = tmp_path / "paper.pdf"
    saved.write_bytes(answer.content)
    text = subprocess.run(["pdftotext", "-layout", str(saved), "-"], capture_output=True, text=True, check=True).stdout
    assert "20,000,000円" in text
    assert "確認用" not in text
    assert "提出用ではありません" not in text


def test_a_character_that_paper_cannot_show_is_named_before_the_issue(clock, shop: Shop, approver: Person):
    item = shop.concluded(work="見本😀工事")
    assert "印字できない文字（😀（U+1F600））" in page(approver, item)
    assert decides(approver, item, "issue").status_code == 409
    item.refresh_from_db()
    assert (item.state, Guarantee.objects.count()) == ("concluded", 0)


def test_the_review_sheet_is_printed(clock, shop: Shop, clerk: Person, reviewer: Person):
    item = checked(shop, clerk, reviewer)
    answer = reviewer.get(f"{ADMIN}/item/{item.pk}/sheet.pdf")
    assert answer.content[:5] == b"%PDF-"
    assert Event.objects.filter(verb="surety.review_sheet", target=item.request.number).exists()


def test_the_queue_shows_the_urgent_first_and_leads_to_the_next(clock, shop: Shop, clerk: Person):
    first, second = shop.item(), shop.item()
    second.request.is_urgent = True
    second.request.save()
    listed = words(clerk.get(f"{ADMIN}/item/?queue=new"))
    assert listed.index(second.request.number) < listed.index(first.request.number)
    assert f"/item/{second.pk}/change/" in clerk.get(f"{ADMIN}/item/{first.pk}/change/").content.decode()
    found = words(clerk.get(f"{ADMIN}/item/?q={first.request.number}"))
    assert second.request.number not in found


def test_a_changed_certificate_is_found_by_the_check(clock, shop: Shop, people):
    made = concluded(shop, people).current
    path = f"{ADMIN}/certificate/{made.pk}/change/"
    assert "異常" not in words(people[2].post(path))
    Certificate.objects.filter(pk=made.pk).update(payload=made.payload.replace("20000000", "30000000"))
    shown = words(people[2].post(path))
    assert "内容の電子署名 異常" in shown
    assert "PDFの電子署名 正常" in shown
    assert Event.objects.filter(verb="verify.checked", outcome="failed").count() == 1


# --- Two at once -------------------------------------------------------------------


def approve(item: Item, person: Any) -> str:
    try:
        review.approve(Item.objects.select_related("request").get(pk=item.pk), person)
    except review.Refused:
        return "late"
    return "won"


@pytest.mark.django_db(transaction=True)
def test_of_two_approvers_at_once_one_approves(clock, shop: Shop, clerk: Person, reviewer: Person):
    item = checked(shop, clerk, reviewer)
    approvers = [shop.person(f"approver-{at}") for at in range(2)]
    results = race(*[lambda person=person: approve(item, person) for person in approvers])
    assert sorted(map(str, results)) == ["late", "won"]
    assert (Fee.objects.count(), Item.objects.get().approved_by) == (1, approvers[results.index("won")])


@pytest.mark.django_db(transaction=True)
def test_without_the_guard_both_approve(clock, shop: Shop, clerk: Person, reviewer: Person):
    item = checked(shop, clerk, reviewer)
    meeting = Meeting(2)

    def look_then_write(person: Any) -> str:
        assert Item.objects.get(pk=item.pk).state == "checked"
        meeting.wait()
        Item.objects.filter(pk=item.pk).update(state="fee", approved_by=person)
        return "won"

    people = [shop.person(f"approver-{at}") for at in range(2)]
    assert race(*[lambda person=person: look_then_write(person) for person in people]) == ["won", "won"]


def test_the_next_item_of_a_contractor_is_judged_with_what_was_promised(clock, shop, clerk, reviewer, approver):
    shop.contractor.exposure_limit = 30_000_000
    shop.contractor.save()
    approved(shop, clerk, reviewer, approver)
    item = shop.item(work="別の工事", work_number="2026-102")
    took(decides(clerk, item, "receive"))
    answer = decides(reviewer, item, "check")
    assert answer.status_code == 422
    assert "保証残高が限度額を10,000,000円超えます。" in words(answer)
