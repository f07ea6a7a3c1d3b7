"""海外商社名簿 with 格付 and 個別保証枠 in one file, and the files of either alone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef

from nexi_quota.enums import BranchKind, BuyerState, Rating
from nexi_quota.imports import cells
from nexi_quota.imports.kinds import COUNTRY_UNKNOWN, Change, Column, Kind, Problem, Record, frozen
from nexi_quota.models import Buyer, BuyerRating, Country, LimitProposal, Quota, QuotaLimit

if TYPE_CHECKING:
    from portal.accounts.models import User

BUYER_UNKNOWN = "海外商社名簿に登録されていません。番号を確かめるか、先に海外商社名簿を取り込んでください。"
BRANCH_HAS_NO_QUOTA = (
    "支店には設定できません。個別保証枠は本店と支店で共用です。本店の海外商社コードの行に入力してください。"
)

CODE = Column("海外商社コード", "code", cells.buyer_code, "304-123456", note="国コード3桁と番号6桁")


def _optional(name: str, field: str, read: cells.Reader, example: str, note: str = "") -> Column:
    """Return a column that a file may leave out; an empty cell leaves what is registered."""
    return Column(name, field, read, example, is_required=False, blank=None, note=note)


MASTER = ("name", "address", "country_id", "branch_kind", "head_office", "state", "reviewed_on")
NEW: Mapping[str, Any] = {
    "address": "",
    "branch_kind": BranchKind.HEAD_OFFICE,
    "head_office": "",
    "state": BuyerState.ACTIVE,
    "reviewed_on": None,
}
"""What a new buyer is where the file says nothing."""

Ratings = dict[str, list[tuple[date, str]]]
"""Per buyer code the days and ratings, latest first."""


def branch_problem(kind: str, head_kind: str | None, *, has_dependants: bool) -> tuple[str, str]:
    """Return (field, message) when 本支店区分 and 本店 do not go together, else empty texts.

    `head_kind` is the 本支店区分 of the named head office, None when none is named; `has_dependants` tells whether the
    buyer has a quota, a pending proposal for one, or branches of its own.
    """
    if kind == BranchKind.HEAD_OFFICE:
        return ("head_office", "本店には本店コードを入力しません。空欄にしてください。") if head_kind else ("", "")
    if not head_kind:
        return "head_office", "支店には本店コードを入力してください。"
    if head_kind != BranchKind.HEAD_OFFICE:
        return "head_office", "支店が指定されています。本店の海外商社コードを入力してください。"
    if has_dependants:
        return "branch_kind", "個別保証枠（申請中のものを含みます）または支店のある本店は、支店に変更できません。"
    return "", ""


def ratings_of(codes: Iterable[str]) -> Ratings:
    """Return the 格付 of the buyers, latest first; one query."""
    found: Ratings = {}
    rows = BuyerRating.objects.filter(buyer__code__in=codes).order_by("-effective_from")
    for code, since, rating in rows.values_list("buyer__code", "effective_from", "rating"):
        found.setdefault(code, []).append((since, rating))
    return found


def write_ratings(rows: Iterable[tuple[int, str, date]]) -> None:
    """Store (buyer id, 格付, day); a row of the same day gets the new rating."""
    BuyerRating.objects.bulk_create(
        [BuyerRating(buyer_id=pk, rating=rating, effective_from=since) for pk, rating, since in rows],
        update_conflicts=True,
        unique_fields=["buyer", "effective_from"],
        update_fields=["rating"],
    )


def write_limits(rows: Iterable[tuple[int, int]], actor: "User | None", day: date) -> None:
    """Set (buyer id, limit in yen) at once, as `services.set_limit` does for one buyer; what is held stays."""
    ordered = sorted(rows)
    Quota.objects.bulk_create(
        [Quota(buyer_id=pk, limit_jpy=limit) for pk, limit in ordered],
        update_conflicts=True,
        unique_fields=["buyer"],
        update_fields=["limit_jpy"],
    )
    quotas = dict(Quota.objects.filter(buyer__in=[pk for pk, _ in ordered]).values_list("buyer", "pk"))
    QuotaLimit.objects.bulk_create(
        QuotaLimit(quota_id=quotas[pk], limit_jpy=limit, effective_from=day, set_by=actor) for pk, limit in ordered
    )


class RatingRows(Kind):
    slug = "ratings"
    title = "格付"
    unique = ("code", "effective_from")
    permissions = ("nexi_quota.add_buyerrating", "nexi_quota.change_buyerrating")
    columns = (
        CODE,
        Column("格付", "rating", cells.choice(Rating), "EF"),
        Column("格付適用日", "effective_from", cells.day, "2026-04-01"),
    )

    def compare(self, records: Sequence[Record], day: date) -> Iterator[Change | Problem]:
        codes = [record.values["code"] for record in records]
        known = set(Buyer.objects.filter(code__in=codes).values_list("code", flat=True))
        ratings = {(code, since): rating for code, rows in ratings_of(codes).items() for since, rating in rows}
        for record in records:
            code, since = record.values["code"], record.values["effective_from"]
            rating = ratings.get((code, since))
            if code not in known:
                yield self.problem(record, "code", BUYER_UNKNOWN)
            elif rating not in (None, record.values["rating"]) and since < day:
                yield self.problem(record, "effective_from", frozen(since))
            else:
                yield Change(record, {"rating": rating} if rating else None, {"rating": record.values["rating"]})

    def write(self, changes: Sequence[Change], actor: "User | None", day: date) -> None:
        pks = pks_of(change.record.values["code"] for change in changes)
        rows = [change.record.values for change in changes]
        write_ratings((pks[row["code"]], row["rating"], row["effective_from"]) for row in rows)


class LimitRows(Kind):
    slug = "limits"
    title = "個別保証枠"
    unique = ("code",)
    permissions = ("nexi_quota.change_quota",)
    columns = (
        CODE,
        Column("個別保証枠（円）", "limit_jpy", cells.yen, "100,000,000", note="取り込んだ日から適用。0円も可"),
    )

    def compare(self, records: Sequence[Record], day: date) -> Iterator[Change | Problem]:
        codes = [record.values["code"] for record in records]
        rows = Buyer.objects.filter(code__in=codes).values_list("code", "branch_kind", "quota__limit_jpy")
        known = {code: (kind, limit) for code, kind, limit in rows}
        for record in records:
            if (found := known.get(record.values["code"])) is None:
                yield self.problem(record, "code", BUYER_UNKNOWN)
            elif found[0] == BranchKind.BRANCH:
                yield self.problem(record, "code", BRANCH_HAS_NO_QUOTA)
            else:
                before = None if found[1] is None else {"limit_jpy": found[1]}
                yield Change(record, before, {"limit_jpy": record.values["limit_jpy"]})

    def write(self, changes: Sequence[Change], actor: "User | None", day: date) -> None:
        pks = pks_of(change.record.values["code"] for change in changes)
        rows = [change.record.values for change in changes]
        write_limits([(pks[row["code"]], row["limit_jpy"]) for row in rows], actor, day)


class BuyerRows(Kind):
    """An empty cell leaves what is registered; the head office of a branch stands above it or is registered already."""

    slug = "buyers"
    title = "海外商社名簿"
    unique = ("code",)
    permissions = (
        *("nexi_quota.add_buyer", "nexi_quota.change_buyer"),
        *RatingRows.permissions,
        *LimitRows.permissions,
    )
    columns = (
        CODE,
        Column("名称", "name", cells.words(100, half=True), "ACME INC.", note="半角の英数字と記号、100文字以内"),
        _optional("住所", "address", cells.words(200), "1 Main Street, New York, USA", "200文字以内"),
        Column("国コード", "country_id", cells.country_code, "304", note="海外商社コードの先頭3桁と同じ"),
        _optional("本支店区分", "branch_kind", cells.choice(BranchKind), "本店", "本店、支店"),
        _optional("本店コード", "head_office", cells.buyer_code, "", "支店のときに入力"),
        _optional("登録状態", "state", cells.choice(BuyerState), "有効", "有効、スリーピング候補、削除"),
        _optional("最終審査日", "reviewed_on", cells.day, "2026-03-31"),
        _optional("格付", "rating", cells.choice(Rating), "EF"),
        _optional("格付適用日", "rating_from", cells.day, "2026-04-01", "空欄は取り込んだ日から適用"),
        _optional("個別保証枠（円）", "limit_jpy", cells.yen, "100,000,000", "本店だけ。取り込んだ日から適用"),
    )

    def __init__(self) -> None:
        self._kinds: dict[str, str] = {}  # 本支店区分 by code, of the rows so far
        self._heads: set[str] = set()  # codes that a branch of the rows so far names

    def compare(self, records: Sequence[Record], day: date) -> Iterator[Change | Problem]:
        codes = {record.values["code"] for record in records}
        heads = {head for record in records if (head := record.values.get("head_office"))}
        countries = set(Country.objects.values_list("pk", flat=True))
        ratings = ratings_of(codes)
        found = self._found(codes | heads)
        for record in records:
            yield self._compared(record, found, countries, ratings.get(record.values["code"], []), day)

    @staticmethod
    def _found(codes: set[str]) -> dict[str, dict[str, Any]]:
        rows = Buyer.objects.filter(code__in=codes).annotate(
            has_branches=Exists(Buyer.objects.filter(head_office=OuterRef("pk"))),
            has_proposal=Exists(LimitProposal.objects.pending().filter(buyer=OuterRef("pk"))),
        )
        wanted = ("code", *(field for field in MASTER if field != "head_office"), "head_office__code")
        return {
            row["code"]: {**row, "head_office": row["head_office__code"] or ""}
            for row in rows.values(*wanted, "quota__limit_jpy", "has_branches", "has_proposal").order_by("code")
        }

    def _compared(
        self,
        record: Record,
        found: Mapping[str, Mapping[str, Any]],
        countries: set[str],
        ratings: list[tuple[date, str]],
        day: date,
    ) -> Change | Problem:
        code, given = record.values["code"], {k: v for k, v in record.values.items() if v is not None}
        row = found.get(code)
        if given["country_id"] != code[:3]:
            return self.problem(record, "country_id", f"海外商社コードの先頭3桁（{code[:3]}）と同じにしてください。")
        if given["country_id"] not in countries:
            return self.problem(record, "country_id", COUNTRY_UNKNOWN)
        if given.get("head_office") and "branch_kind" not in given:
            given["branch_kind"] = BranchKind.BRANCH
        if given.get("branch_kind") == BranchKind.HEAD_OFFICE and "head_office" not in given:
            given["head_office"] = ""
        after = {field: given[field] if field in given else (row or NEW)[field] for field in MASTER}
        before = {field: row[field] for field in MASTER} if row else None
        if problem := self._branch_problem(record, after, found):
            return problem
        if "limit_jpy" in given:
            if after["branch_kind"] == BranchKind.BRANCH:
                return self.problem(record, "limit_jpy", BRANCH_HAS_NO_QUOTA)
            after["limit_jpy"] = given["limit_jpy"]
            if before and row:
                before["limit_jpy"] = row["quota__limit_jpy"]
        if "rating" in given:
            since = given.get("rating_from")
            known = next((rating for start, rating in ratings if (start == since if since else start <= day)), None)
            if since and since < day and known not in (None, given["rating"]):
                return self.problem(record, "rating_from", frozen(since))
            after["rating"] = given["rating"]
            if before:
                before["rating"] = known
        return Change(record, before, after)

    def _branch_problem(
        self, record: Record, after: Mapping[str, Any], found: Mapping[str, Mapping[str, Any]]
    ) -> Problem | None:
        code, head = record.values["code"], after["head_office"]
        row = found.get(code)
        head_kind = None
        if head:
            head_kind = self._kinds.get(head) or (found[head]["branch_kind"] if head in found else None)
            # An existing branch keeps its head office, which need not be among the rows that were looked up.
            if head_kind is None and row and row["head_office"] == head:
                head_kind = BranchKind.HEAD_OFFICE
            if head_kind is None or head == code:
                return self.problem(record, "head_office", BUYER_UNKNOWN)
        was_branch = row is not None and row["branch_kind"] == BranchKind.BRANCH
        dependants = row is not None and (
            row["quota__limit_jpy"] is not None or row["has_branches"] or row["has_proposal"]
        )
        has_dependants = not was_branch and (dependants or code in self._heads)
        field, message = branch_problem(after["branch_kind"], head_kind, has_dependants=has_dependants)
        if message:
            return self.problem(record, field, message)
        self._kinds[code] = after["branch_kind"]
        if head:
            self._heads.add(head)
        return None

    def write(self, changes: Sequence[Change], actor: "User | None", day: date) -> None:
        touched = [change for change in changes if _differ(change, MASTER)]
        # Head offices first: a branch of the same batch points at them.
        for kind in (BranchKind.HEAD_OFFICE, BranchKind.BRANCH):
            rows = [change for change in touched if change.after["branch_kind"] == kind]
            heads = pks_of(change.after["head_office"] for change in rows)
            Buyer.objects.bulk_create(
                [_buyer(change, heads) for change in rows],
                update_conflicts=True,
                unique_fields=["code"],
                update_fields=list(MASTER),
            )
        pks = pks_of(change.record.values["code"] for change in changes)
        rated = [change for change in changes if _differ(change, ("rating",))]
        write_ratings(
            (pks[row["code"]], row["rating"], row.get("rating_from") or day)
            for row in (change.record.values for change in rated)
        )
        limited = [change.record.values for change in changes if _differ(change, ("limit_jpy",))]
        write_limits([(pks[row["code"]], row["limit_jpy"]) for row in limited], actor, day)


def pks_of(codes: Iterable[str]) -> dict[str, int]:
    """Return the ids of the buyers with these codes."""
    return dict(Buyer.objects.filter(code__in=set(codes)).values_list("code", "pk"))


def _differ(change: Change, fields: Sequence[str]) -> bool:
    before = change.before or {}
    return any(
        field in change.after and (not change.before or before[field] != change.after[field]) for field in fields
    )


def _buyer(change: Change, heads: Mapping[str, int]) -> Buyer:
    after = change.after
    plain = {field: after[field] for field in MASTER if field != "head_office"}
    return Buyer(code=change.record.values["code"], head_office_id=heads.get(after["head_office"]), **plain)
