"""The exporter portal's JSON API: which records there are, what each consists of, where its rows come from."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils import timezone

from nexi_quota import selectors
from nexi_quota.enums import ConfirmationState, ContractOrigin, ContractState, Origin, Product
from nexi_quota.models import Confirmation, InsuranceContract
from portal.api import fields, parameters
from portal.api.declaration import Api, Collection
from portal.api.fields import Record
from portal.api.models import Token
from portal.applications.kinds import kinds_of
from portal.applications.models import Application, State

REFERENCE_LENGTH = 20
PRODUCTS = {product.label: product.value for product in Product}

PAYER = fields.group(
    "payer",
    "支払人",
    lambda row: row.payer,
    (
        fields.text("code", "海外商社コード", lambda p: p.code, "310-000001"),
        fields.text("name", "名称", lambda p: p.name, "SAMPLE TRADING CO., LTD."),
        fields.group(
            "country",
            "国",
            lambda p: p.country,
            (
                fields.text("code", "国コード", lambda c: c.code, "310"),
                fields.text("name", "国名", lambda c: c.name, "ニカラグア"),
            ),
        ),
    ),
)
PRODUCT = fields.coded("product", "保険種", lambda row: row.product, Product.choices)
REFERENCE = fields.text("reference", "お客様整理番号", lambda row: row.reference, "REF-001")
FILTER_PRODUCT = parameters.choice("product", "保険種", Product.choices)
FILTER_REFERENCE = parameters.words("reference", "お客様整理番号（完全一致）", REFERENCE_LENGTH, "REF-001")


# --- 個別保証枠一覧 -----------------------------------------------------------


def _expiry(confirmation: Confirmation) -> date | None:
    """保証枠有効期限 is the last day to use the quota for an insurance; what is insured has none."""
    automatic = confirmation.origin != Origin.REQUEST
    return None if automatic or confirmation.state == ConfirmationState.INSURED else confirmation.expires_on


QUOTA = Record(
    "Quota",
    "個別保証枠確認",
    (
        fields.text("number", "確認管理番号", lambda c: c.number, "032600000013"),
        PRODUCT,
        fields.coded("state", "状態", lambda c: c.state, ConfirmationState.choices),
        fields.coded("origin", "取得方法", lambda c: c.origin, Origin.choices),
        PAYER,
        fields.text("rating", "支払人の格付（確認時）", lambda c: c.rating, "EF"),
        fields.money("amount", "確認金額", lambda c: c.amount, lambda c: c.currency_id, "100000.00"),
        fields.money("unused", "未使用額", lambda c: c.unused, lambda c: c.currency_id, "60000.00"),
        fields.yen("amount_jpy", "確認金額の円換算額（円）", lambda c: c.amount_jpy, 15_000_000),
        fields.yen("unused_jpy", "未使用額の円換算額（円）", lambda c: c.unused_jpy, 9_000_000),
        fields.decimal("rate", "換算率（1通貨単位の円）", lambda c: c.rate, "150"),
        fields.day("rate_date", "換算日", lambda c: c.rate_date, "2026-04-01"),
        fields.day("confirmed_on", "確認日", lambda c: c.confirmed_on, "2026-04-01"),
        fields.day("expires_on", "保証枠有効期限（保険に使われたものは null）", _expiry, "2026-07-31", nullable=True),
        fields.text("contract_number", "輸出契約等番号", lambda c: c.contract_number, "EX-2026-001"),
        REFERENCE,
        fields.text("contact", "担当者", lambda c: c.contact, "輸出 花子"),
        fields.text(
            "application",
            "Web申込番号（自動取得では null）",
            lambda c: c.application.number if c.application else None,
            "012600000018",
            nullable=True,
        ),
    ),
)


def _quotas(token: Token, wanted: dict[str, Any]) -> Any:
    return selectors.confirmations_for(token, wanted, timezone.localdate())


QUOTAS = Collection(
    name="quotas",
    title="個別保証枠一覧",
    intro="個別保証枠一覧に表示される個別保証枠確認を、登録順に返します。"
    "state を指定すると、一覧に表示されなくなったものも含め、その状態のものをすべて返します。",
    record=QUOTA,
    number_label="確認管理番号",
    number_pattern="[0-9]{1,20}",
    number_example="032600000013",
    filters=(
        FILTER_PRODUCT,
        parameters.choice("state", "状態", ConfirmationState.choices),
        parameters.day("since", "保証枠有効期限がこの日以降"),
        parameters.day("until", "保証枠有効期限がこの日以前"),
        FILTER_REFERENCE,
    ),
    rows=_quotas,
    one=selectors.own_confirmation,
)


# --- 保有契約一覧 -------------------------------------------------------------

CONTRACT = Record(
    "Contract",
    "保有契約",
    (
        fields.text("number", "保険証券番号-枝番", lambda c: c.number, "12345678901234-00"),
        fields.text("policy_number", "保険証券番号", lambda c: c.policy_number, "12345678901234"),
        fields.text("branch", "枝番", lambda c: c.branch, "00"),
        fields.text("history", "履歴番号", lambda c: c.history, "00"),
        PRODUCT,
        fields.coded("state", "状態", lambda c: c.state, ContractState.choices),
        fields.coded("origin", "申込みの方法", lambda c: c.origin, ContractOrigin.choices),
        PAYER,
        fields.money("amount", "契約金額", lambda c: c.amount, lambda c: c.currency_id, "400000.00"),
        fields.money("balance", "決済残高", lambda c: c.balance, lambda c: c.currency_id, "250000.00"),
        fields.day("shipped_on", "船積日", lambda c: c.shipped_on, "2026-04-01"),
        fields.day("due_on", "決済期限", lambda c: c.due_on, "2026-06-30"),
        fields.day("concluded_on", "保険契約締結日", lambda c: c.concluded_on, "2026-03-20"),
        fields.day("loss_reported_on", "損失等発生通知日", lambda c: c.loss_reported_on, "2026-08-01", nullable=True),
        REFERENCE,
        fields.text(
            "quota",
            "確認管理番号（個別保証枠のいらない契約では null）",
            lambda c: c.confirmation.number if c.confirmation else None,
            "032600000013",
            nullable=True,
        ),
    ),
)


def _contract(token: Token, number: str) -> InsuranceContract:
    policy_number, _, branch = number.partition("-")
    return selectors.own_contract(token, policy_number, branch)


CONTRACTS = Collection(
    name="contracts",
    title="保有契約一覧",
    intro="保有契約一覧に表示される保有契約を、登録順に返します。"
    "state を指定すると、書面での申込みや終了した契約も含め、その状態のものをすべて返します。",
    record=CONTRACT,
    number_label="保険証券番号-枝番",
    number_pattern="[0-9A-Za-z]{1,14}-[0-9A-Za-z]{1,2}",
    number_example="12345678901234-00",
    filters=(
        FILTER_PRODUCT,
        parameters.choice("state", "状態", ContractState.choices),
        parameters.day("since", "決済期限がこの日以降"),
        parameters.day("until", "決済期限がこの日以前"),
        FILTER_REFERENCE,
    ),
    rows=selectors.contracts_for,
    one=_contract,
)


# --- 申込状況 -----------------------------------------------------------------


def _answers(application: Application) -> Iterator[dict[str, str]]:
    """Yield the answers of the version that was submitted last; a draft has none."""
    version = application.versions.order_by("-sequence").first()
    for step in version.answers if version else ():
        for section in step["sections"]:
            for item in section["items"]:
                yield {"section": section["title"], "label": item["label"], "text": item["shown"]}


KINDS = [(kind.slug, kind.title) for kind in kinds_of("nexi")]
APPLICATION = Record(
    "Application",
    "申込み",
    (
        fields.text("number", "Web申込番号", lambda a: a.number, "012600000018"),
        fields.coded("kind", "手続種別", lambda a: a.kind, KINDS),
        fields.coded("state", "手続状況", lambda a: a.state, State.choices),
        fields.coded(
            "product",
            "保険種（入力前は null）",
            lambda a: PRODUCTS.get(a.subject, ""),
            Product.choices,
            nullable=True,
        ),
        fields.text("party", "支払人名称", lambda a: a.party, "SAMPLE TRADING CO., LTD."),
        fields.money(
            "amount", "金額（入力前は null）", lambda a: a.amount, lambda a: a.currency, "100000.00", nullable=True
        ),
        REFERENCE,
        fields.moment("created_at", "入力日時", lambda a: a.created_at, "2026-04-01T10:30:00+09:00"),
        fields.moment("saved_at", "最終保存日時", lambda a: a.saved_at, "2026-04-01T10:40:00+09:00"),
        fields.moment(
            "submitted_at",
            "Web申込日時（申込み前は null）",
            lambda a: a.submitted_at,
            "2026-04-01T10:45:00+09:00",
            nullable=True,
        ),
        fields.text("created_by", "入力者", lambda a: a.created_by.name, "輸出 花子"),
        fields.text(
            "submitted_by",
            "申込者（申込み前は null）",
            lambda a: a.submitted_by.name if a.submitted_by else None,
            "輸出 花子",
            nullable=True,
        ),
        fields.text(
            "quota",
            "この申込みで取得した個別保証枠の確認管理番号（なければ null）",
            lambda a: a.confirmation_number,
            "032600000013",
            nullable=True,
        ),
    ),
)
APPLICATION_WITH_ANSWERS = Record(
    "ApplicationWithAnswers",
    "申込み（内容つき）",
    (
        *APPLICATION.fields,
        fields.several(
            "answers",
            "申込んだ内容（申込み前は空）",
            _answers,
            (
                fields.text("section", "見出し", lambda item: item["section"], "輸出契約"),
                fields.text("label", "項目", lambda item: item["label"], "輸出契約等番号"),
                fields.text("text", "内容", lambda item: item["text"], "EX-2026-001"),
            ),
        ),
    ),
)
APPLICATIONS = Collection(
    name="applications",
    title="申込状況",
    intro="Web申込状況一覧に表示される申込みを、登録順に返します。since を省略すると6か月前からです。"
    "取消と期限切れは、state を指定したときだけ返します。",
    record=APPLICATION,
    number_label="Web申込番号",
    number_pattern="[0-9]{1,20}",
    number_example="012600000018",
    filters=(
        parameters.choice("kind", "手続種別", KINDS),
        FILTER_PRODUCT,
        parameters.choice("state", "手続状況", State.choices),
        parameters.day("since", "入力日がこの日以降"),
        parameters.day("until", "入力日がこの日以前"),
        FILTER_REFERENCE,
    ),
    rows=selectors.applications_for,
    one=selectors.application_for,
    single=APPLICATION_WITH_ANSWERS,
)

API = Api(
    portal="nexi",
    title="輸出者ポータル API",
    version="1.0.0",
    intro="個別保証枠一覧、保有契約一覧、申込状況を、貴社のシステムから照会するためのAPIです。"
    "返すのは貴社のデータだけで、登録や変更はできません。"
    "金額は小数2桁の文字列、円換算額は整数、日付は YYYY-MM-DD、日時は日本時間です。",
    role="nexi.view",
    manage_role="nexi.admin",
    collections=(QUOTAS, CONTRACTS, APPLICATIONS),
)
