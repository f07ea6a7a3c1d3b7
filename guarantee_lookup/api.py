"""The bank portal's JSON API: a look-up by POST, and the history of the token's bank; rules as on the screen."""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils import timezone

from guarantee_lookup.documents import shown
from guarantee_lookup.enums import Basis, Channel, NumberKind, Outcome, Purpose, Row
from guarantee_lookup.forms import LookupForm, question_of
from guarantee_lookup.messages import ANSWERS
from guarantee_lookup.models import Lookup
from guarantee_lookup.models.lookups import LookupQuerySet
from guarantee_lookup.rules.settlements import NOT_DEFINED
from guarantee_lookup.selectors.standing import standing_of
from guarantee_lookup.services import gate
from guarantee_lookup.services.lookup import look_up
from guarantee_lookup.services.people import has_accepted
from portal.accounts.models import User
from portal.api import fields, parameters
from portal.api.declaration import Api, Collection, Creation
from portal.api.fields import Record
from portal.api.models import Token
from portal.api.parameters import Parameter
from portal.api.problems import Fault, Refused
from portal.common.http import client_address
from portal.ui.fields.base import Field

BANK_BASES = [(basis.value, basis.label) for basis in Basis if basis is not Basis.OFFICE]
STATUS = {"E-LIM": 429, "E-NONE": 404, "E-DATA": 409, "E-UPD": 409, "E-STALE": 409}
"""Answers with a status of their own (others 403); the `code` says which it is."""

MOST_TYPED = 100


# --- What a look-up says --------------------------------------------------------------


def _settlements(lookup: Lookup) -> Iterator[dict[str, Any]]:
    for text in (lookup.result or {}).get("settlements", ()):
        period, _, category = text.partition("・")
        yield {"period": period, "category": None if category == NOT_DEFINED else category}


def _figures(lookup: Lookup) -> list[dict[str, Any]]:
    figures: list[dict[str, Any]] = (lookup.result or {}).get("figures", [])
    return figures


def _notes(lookup: Lookup) -> list[str]:
    if not lookup.result:
        return []
    found = shown(lookup)
    return [*found["basic_notes"], *found["usage_notes"]]


def _guaranteed_on(lookup: Lookup) -> date | None:
    text = (lookup.result or {}).get("guaranteed_on")
    return date.fromisoformat(text) if text else None


LOOKUP = Record(
    "Lookup",
    "照会",
    (
        fields.text("receipt", "照会受付番号", lambda one: one.receipt, "92603190000018"),
        fields.text("masked", "照会番号（下4桁のほかは伏せた形）", lambda one: one.masked, "*****9816"),
        fields.coded("kind", "番号の種類", lambda one: one.kind, NumberKind.choices),
        fields.coded("outcome", "結果", lambda one: one.outcome, Outcome.choices),
        fields.moment("at", "照会日時", lambda one: one.at, "2026-03-19T10:00:00+09:00"),
        fields.day("as_of", "基準日", lambda one: one.snapshot.as_of, "2026-03-18"),
        fields.text("snapshot", "スナップショットID", lambda one: one.snapshot.name, "20260318-01"),
        fields.coded("basis", "照会の根拠", lambda one: one.basis, Basis.choices),
        fields.flag("consent", "同意を得ています", lambda one: one.consent),
        fields.coded(
            "purpose", "照会目的（選択していなければ null）", lambda one: one.purpose, Purpose.choices, nullable=True
        ),
        fields.text("memo", "メモ", lambda one: one.memo, ""),
        fields.coded("channel", "照会の方法", lambda one: one.channel, Channel.choices),
        fields.text("user", "利用者ID（APIでは、トークンを発行した方）", lambda one: one.user.login, "bank-a-master"),
        fields.text(
            "branch", "支店コード（なければ null）", lambda one: one.branch and one.branch.code, "101", nullable=True
        ),
    ),
)
WITH_RESULT = Record(
    "LookupWithResult",
    "照会と結果",
    (
        *LOOKUP.fields,
        fields.several(
            "settlements",
            "直近決算・前期決算とその区分（新しい順。登録がなければ空）",
            _settlements,
            (
                fields.text("period", "決算期", lambda one: one["period"], "2025/03"),
                fields.text(
                    "category", "保証料率区分（なければ null）", lambda one: one["category"], "5", nullable=True
                ),
            ),
        ),
        fields.day("guaranteed_on", "直近保証日（なければ null）", _guaranteed_on, "2024-12-25", nullable=True),
        fields.several(
            "figures",
            "利用情報（表示したときだけ、画面の行の順）",
            _figures,
            (
                fields.text("label", "保険", lambda one: Row(one["row"]).label, Row.UNSECURED.label),
                fields.yen("balance", "利用残高（円）", lambda one: one["balance"], 58_646_000),
                fields.yen("free", "空き枠（円。「—」は null）", lambda one: one["free"], 21_354_000, nullable=True),
                fields.yen(
                    "free_as_cooperative",
                    "組合の場合の空き枠（円。表示のないものは null）",
                    lambda one: one["coop_free"],
                    221_354_000,
                    nullable=True,
                ),
                fields.flag("is_reduced", "「※」の有無", lambda one: one["is_reduced"]),
                fields.flag("is_over", "「超」の有無", lambda one: one["is_over"]),
            ),
        ),
        fields.yen(
            "total",
            "利用残高の合計（円。表示のないものは null）",
            lambda one: (one.result or {}).get("total"),
            105_194_000,
            nullable=True,
        ),
        fields.several(
            "notes",
            "注意事項（表示したときだけ）。利用者に必ず示してください",
            _notes,
            (fields.text("text", "注意", lambda note: note, "空き枠は保証承諾をお約束するものではありません。"),),
        ),
        fields.text("sha256", "SHA-256（照会結果票のものと同じ。なければ空）", lambda one: one.sha256, "9f86d081" * 8),
    ),
)


# --- Looking up ------------------------------------------------------------------------


def _typed(name: str, label: str, most: int, example: str) -> Parameter:
    """A text that the form of the screen judges."""
    return Parameter(
        name,
        label,
        {"type": "string", "maxLength": most},
        lambda text: text if len(text) <= most else None,
        f"{most}文字以内の文字列",
        example=example,
    )


MEMBERS = (
    parameters.choice("kind", "番号の種類", NumberKind.choices),
    _typed("number", "顧客番号または保証番号（全角、空白、ハイフンがあっても構いません）", MOST_TYPED, "123459816"),
    parameters.choice("basis", "照会の根拠", BANK_BASES),
    parameters.flag("consent", "同意を得ています（根拠が 2 のときは true が必要です）"),
    parameters.day("consent_on", "同意日"),
    parameters.choice("purpose", "照会目的", Purpose.choices),
    _typed("memo", "メモ（50文字まで。個人の名前は含めないでください）", MOST_TYPED, ""),
)


def _person(token: Token) -> User:
    return User.objects.select_related("organisation").get(pk=token.created_by_id)


def _address(request: HttpRequest) -> str:
    return client_address(request, settings.PROXY_HOPS)


def _admits(request: HttpRequest, token: Token) -> None:
    """A token works for the person who issued it, as long as this person may look up, and from the bank's network."""
    person = _person(token)
    if not _may_look_up(person, token, _address(request)):
        refusal = gate.Refused("E-PERM")
        gate.record_refusal(person, refusal)
        raise _refused(refusal.code)


def _may_look_up(person: User, token: Token, address: str) -> bool:
    is_member = person.is_active and person.organisation_id == token.organisation_id
    if not is_member or not person.has_role("lookup.user") or not has_accepted(person):
        return False
    standing = standing_of(person)
    return standing.has_contract and gate.is_inside(address, standing.networks)


def _make(request: HttpRequest, token: Token, wanted: dict[str, Any]) -> Lookup:
    """Look up in the name of the token's issuer; what is not shown is a problem with its code."""
    started = time.monotonic()
    person = _person(token)
    form = LookupForm(_as_typed(wanted), case=person)
    if not form.is_valid():
        found = [Fault(name, message) for name in form.errors for message in form.messages(name)]
        raise Refused(422, found)
    try:
        lookup = look_up(person, question_of(form.cleaned_data, Channel.API), _address(request))
    except gate.Refused as refusal:
        raise _refused(refusal.code, str(refusal), refusal.wait_seconds) from None
    if lookup.outcome == Outcome.NONE:
        # As on the screen, the time says nothing about the number (guarantee_lookup.md 9.3).
        time.sleep(max(0.0, started + settings.LOOKUP_NONE_SECONDS - time.monotonic()))
        raise _refused("E-NONE")
    if lookup.outcome == Outcome.DATA:
        raise _refused("E-DATA")
    return lookup


def _as_typed(wanted: dict[str, Any]) -> dict[str, str]:
    """Return the members as the form of the screen gets them."""
    fields_of = {name: cast(Field, LookupForm.base_fields[name]) for name in wanted}
    return {
        name + suffix: text for name, field in fields_of.items() for suffix, text in field.spread(wanted[name]).items()
    }


def _refused(code: str, detail: str = "", wait_seconds: int = 0) -> Refused:
    return Refused(STATUS.get(code, 403), code=code, detail=detail or ANSWERS[code], wait_seconds=wait_seconds)


CREATION = Creation(
    title="照会する",
    intro="1件を照会し、結果を返します。画面と同じ規則、回数の上限、記録によります。"
    "照会はトークンを発行した方の名義で行い、その方が利用できなくなると照会できません。"
    "番号はアドレスに含めず、本文で送ってください。",
    members=MEMBERS,
    required=("kind", "number", "basis"),
    example={"kind": "customer", "number": "123459816", "basis": "2", "consent": True, "consent_on": "2026-03-19"},
    make=_make,
    refusals={
        403: "E-PERM（権限）、E-HOUR（ご利用時間外）、E-LOCK（照会の停止中）",
        404: "E-NONE：該当する情報がありません（理由は区別しません）",
        409: "E-DATA（データ確認中）、E-UPD（更新中）、E-STALE（更新の遅れ）",
    },
)


# --- History ----------------------------------------------------------------------------

FILTERS = (
    parameters.day("since", "照会日がこの日以降"),
    parameters.day("until", "照会日がこの日以前"),
    parameters.choice("outcome", "結果", Outcome.choices),
)


def _of_bank(token: Token) -> LookupQuerySet:
    found: LookupQuerySet = Lookup.objects.filter(organisation_id=token.organisation_id)
    return found.select_related("user", "organisation", "branch", "snapshot")


def _rows(token: Token, wanted: dict[str, Any]) -> LookupQuerySet:
    found = _of_bank(token)
    if "since" in wanted:
        found = found.filter(at__gte=_midnight(wanted["since"]))
    if "until" in wanted:
        found = found.filter(at__lt=_midnight(wanted["until"]) + timedelta(days=1))
    return found.filter(outcome=wanted["outcome"]) if "outcome" in wanted else found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _one(token: Token, number: str) -> Lookup:
    found: Lookup | None = _of_bank(token).filter(receipt=number).first()
    if found is None:
        raise Http404
    return found


LOOKUPS = Collection(
    name="lookups",
    title="照会履歴",
    intro="貴店の照会を、照会した順に返します。番号は下4桁のほかは伏せた形です。結果は、1件ずつ取得してください。",
    record=LOOKUP,
    number_label="照会受付番号",
    number_pattern="[0-9]{1,20}",
    number_example="92603190000018",
    filters=FILTERS,
    rows=_rows,
    one=_one,
    single=WITH_RESULT,
    creation=CREATION,
    number_name="receipt",
)

API = Api(
    portal="lookup",
    title="金融機関ポータル API",
    version="1.0.0",
    intro="残高・区分の照会と照会履歴の取得を、貴店のシステムから行うためのAPIです。"
    "画面と同じ規則、回数の上限、記録によります。金額は円の整数、日付は YYYY-MM-DD、日時は日本時間です。",
    role="lookup.user",
    manage_role="lookup.master",
    collections=(LOOKUPS,),
    admits=_admits,
)
