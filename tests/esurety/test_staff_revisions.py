"""変更, 訂正, 変更取消 and 取消 by the surety's staff, with what they cost (esurety.md 6.8, 7.3, 9.2)."""

import pytest
from django.utils import timezone

from esurety.models import Fee, Registration, Revision
from esurety.services.fees import load_fee_tables
from portal.audit.models import Event
from tests.conftest import Person
from tests.esurety.driver import Shop, key_of
from tests.esurety.staff import ADMIN, concluded, decides, letters, prepared, prepares, revised, words

pytestmark = [pytest.mark.django_db, pytest.mark.stores_files]


@pytest.fixture
def guarantee(clock, shop: Shop, clerk: Person, reviewer: Person, approver: Person, fee_clerk: Person):
    """20,000,000 yen of 前払金保証, concluded by all desks."""
    load_fee_tables()
    return concluded(shop, (clerk, reviewer, approver, fee_clerk))


def fees() -> list[tuple[str, str, int]]:
    return list(Fee.objects.order_by("pk").values_list("number", "kind", "net"))


def test_a_price_alone_needs_no_change_and_the_note_of_the_certificate_says_so(guarantee, clerk: Person):
    answer = prepares(clerk, guarantee, "change", price="52,000,000")
    assert answer.status_code == 409
    assert "変更の手続きは必要ありません。" in words(answer)
    assert "請負金額のみの変更の場合は" in words(answer)
    assert not Revision.objects.exists()
    assert "いまの証書と同じ内容です" in words(prepares(clerk, guarantee, "change"))


def test_more_and_less_cost_their_difference(guarantee, clerk: Person, approver: Person):
    guarantee = revised(clerk, approver, guarantee, "change", price="60,000,000", amount="24,000,000")
    assert (guarantee.amount, guarantee.current.target) == (24_000_000, "変更1")
    assert fees()[1:] == [("F01261000001-02", "more", 12_000)]
    assert "お支払額：12,000円" in letters("保証料のご案内")[1]
    guarantee = revised(clerk, approver, guarantee, "change", price="40,000,000", amount="16,000,000")
    assert fees()[2:] == [("F01261000001-03", "back", -24_000)]
    shown = words(clerk.get(f"{ADMIN}/guarantee/{guarantee.pk}/change/"))
    assert "保証金額 24,000,000円 16,000,000円" in shown
    assert key_of(guarantee.current) not in shown


def test_a_reduction_is_paid_back(guarantee, clerk: Person, approver: Person):
    revision = prepared(clerk, guarantee, "change", price="40,000,000", amount="16,000,000")
    shown = words(approver.get(f"{ADMIN}/revision/{revision.pk}/change/"))
    assert "保証金額 20,000,000円 16,000,000円" in shown
    assert "保証料：返還12,000円。" in shown
    decides(approver, revision, "release")
    assert fees()[1:] == [("F01261000001-02", "back", -12_000)]
    assert "返還額：12,000円" in letters("保証料返還のご案内")[0]


def test_a_withdrawn_change_takes_its_fee_back(guarantee, clerk: Person, approver: Person):
    guarantee = revised(clerk, approver, guarantee, "change", price="60,000,000", amount="24,000,000")
    guarantee = revised(clerk, approver, guarantee, "withdrawal")
    assert (guarantee.amount, guarantee.current.sequence) == (20_000_000, 1)
    assert [net for _, _, net in fees()] == [63_700, 12_000, -12_000]
    assert "ひとつ前の証書と、その認証キーがふたたび有効" in letters("変更取消のお知らせ")[0]


def test_an_error_of_the_surety_is_corrected_without_a_fee(guarantee, clerk: Person, approver: Person):
    guarantee = revised(clerk, approver, guarantee, "correction", amount="24,000,000", at_fault="on")
    assert (guarantee.amount, guarantee.current.target) == (24_000_000, "訂正")
    assert len(fees()) == 1


def test_nobody_releases_what_he_prepared(guarantee, clerk: Person, approver: Person, log_in):
    both = log_in("both", "surety.clerk", "surety.approver", is_staff=True)
    revision = prepared(both, guarantee, "change", due_on="2027-05-31", ends_on="2027-05-31")
    assert decides(both, revision, "release").status_code == 403
    assert decides(both, revision, "refuse", reason="やり直し").status_code == 403
    assert decides(clerk, revision, "release").status_code == 403
    revision.refresh_from_db()
    assert revision.state == "prepared"
    assert Event.objects.filter(verb="surety.decision_denied", actor_login="both").count() == 2
    again = prepares(clerk, guarantee, "change", amount="18,000,000")
    assert "承認を待っている起案があります" in words(again)
    decides(approver, revision, "refuse", reason="工期の根拠がない")
    revision.refresh_from_db()
    assert (revision.state, revision.decision_reason) == ("refused", "工期の根拠がない")


def test_what_a_body_has_registered_is_cancelled_only_with_its_consent(guarantee, clerk, approver, city):
    Registration.objects.create(
        body=guarantee.body,
        certificate=guarantee.current,
        registered_by=city.user,
        registered_at=timezone.now(),
    )
    refused = prepares(clerk, guarantee, "cancellation")
    assert refused.status_code == 409
    assert "発注者の同意" in words(refused)
    guarantee = revised(clerk, approver, guarantee, "cancellation", body_agreed="on")
    assert (guarantee.state, guarantee.current.state) == ("cancelled", "cancelled")
    assert "この保証契約は「取消」のため" in words(prepares(clerk, guarantee, "change", amount="18,000,000"))


def test_a_key_is_renewed_for_the_contractor_and_shown_to_nobody_of_the_staff(guarantee, clerk, approver):
    old = key_of(guarantee.current)
    assert decides(approver, guarantee, "reissue", reason="紛失").status_code == 403
    answer = decides(clerk, guarantee, "reissue", reason="紛失")
    assert answer.status_code == 302
    new = key_of(guarantee.current)
    assert new != old
    shown = words(clerk.get(f"{ADMIN}/guarantee/{guarantee.pk}/change/"))
    assert "第1世代 無効、第2世代 有効" in shown
    assert old not in shown
    assert new not in shown


def test_a_guarantee_is_found_by_number_contractor_body_and_works(guarantee, clerk: Person):
    for typed in ("01261-000001", "1000000001", "架空市", "道路改良", "架空建設"):
        assert "01261-000001" in words(clerk.get(f"{ADMIN}/guarantee/?q={typed}"))
    assert "01261-000001" not in words(clerk.get(f"{ADMIN}/guarantee/?q=例示県"))
