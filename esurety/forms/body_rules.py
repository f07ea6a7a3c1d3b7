"""電子保証対応設定: 電子保証の対応 and 認証キーの提出方法 as a 発注者 enters them (esurety.md 10.1)."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from esurety.enums import HandInChannel, Product, StartBasis, WorkKind
from esurety.models import AcceptanceRule, SubmissionRule
from esurety.rules.submission import VARIABLES, refusal
from portal.common import text
from portal.ui.fields import CheckField, ChoiceField, DateField, NoteField, TextField
from portal.ui.forms import Form, Section

PRODUCTS = {"adv": Product.ADV, "mid": Product.MID, "ctr": Product.CTR}
KINDS = {"works": WorkKind.WORKS, "design": WorkKind.DESIGN, "regional": WorkKind.REGIONAL}
CHANNELS = tuple(f"channel_{place}" for place in range(1, len(HandInChannel) + 1))
KNOWN = "、".join(f"{{{name}}}" for name in VARIABLES)


class RuleForm(Form):
    """What both kinds of rules have: 保証種類, of which one at least."""

    adv = CheckField(label=Product.ADV.label)
    mid = CheckField(label=Product.MID.label)
    ctr = CheckField(label=Product.CTR.label)

    def chosen(self, codes: dict[str, Any]) -> list[str]:
        """Return the codes whose boxes are ticked."""
        return [code.value for name, code in codes.items() if self.cleaned_data.get(name)]

    def clean(self) -> None:
        if not self.chosen(PRODUCTS):
            self.add_error("adv", "保証種類を1つ以上選んでください。")


class AcceptanceForm(RuleForm):
    """電子保証の対応."""

    works = CheckField(label=WorkKind.WORKS.label)
    design = CheckField(label=WorkKind.DESIGN.label)
    regional = CheckField(label=WorkKind.REGIONAL.label)
    departments = NoteField(
        label="対象の部署", hint="1行に1つ。すべての部署が対象のときは、空欄にします。", max_length=400, required=False
    )
    basis = ChoiceField(label="適用開始日の基準", choices=StartBasis.choices, control="select")
    starts_on = DateField(label="適用開始日", hint="基準の日がこの日以後の契約が対象です。例：2026年4月1日")
    ends_on = DateField(label="適用終了日", hint="終わりを決めていないときは、空欄にします。", required=False)
    issuers = TextField(label="対象の保証機関", hint="例：保証事業会社3社", max_length=60, required=False)
    remark = NoteField(label="備考", max_length=300, rows=3, required=False)

    sections = (
        Section("対象の保証種類", tuple(PRODUCTS)),
        Section("対象の工事区分と部署", (*KINDS, "departments")),
        Section("適用する期間", ("basis", "starts_on", "ends_on")),
        Section("その他", ("issuers", "remark")),
    )

    def clean(self) -> None:
        super().clean()
        if not self.chosen(KINDS):
            self.add_error("works", "工事区分を1つ以上選んでください。")
        self.require_order("starts_on", "ends_on")

    def fill(self, rule: AcceptanceRule) -> AcceptanceRule:
        """Put the answers of a valid form into a rule; it is not stored."""
        given = self.cleaned_data
        rule.products, rule.work_kinds = self.chosen(PRODUCTS), self.chosen(KINDS)
        lines = [text.plain(line) for line in given["departments"].splitlines()]
        rule.departments = list(dict.fromkeys(line for line in lines if line))
        for name in ("basis", "starts_on", "ends_on", "issuers", "remark"):
            setattr(rule, name, given[name])
        return rule

    @staticmethod
    def initial_of(rule: AcceptanceRule) -> dict[str, Any]:
        """Return the answers that stand for a rule."""
        return {
            **{name: code in rule.products for name, code in PRODUCTS.items()},
            **{name: code in rule.work_kinds for name, code in KINDS.items()},
            **{name: getattr(rule, name) for name in ("basis", "starts_on", "ends_on", "issuers", "remark")},
            "departments": "\n".join(rule.departments),
        }


def _channel(place: int) -> ChoiceField:
    offered = [*([] if place == 1 else [("", "なし")]), *HandInChannel.choices]
    return ChoiceField(label=f"提出方法（第{place}希望）", choices=offered, control="select", required=place == 1)


class SubmissionForm(RuleForm):
    """認証キーの提出方法; `sample` only chooses what the subject line is shown for. `case`: (value, label) of those."""

    starts_on = DateField(
        label="適用開始日", hint="この日から、前の提出方法に代わります。空欄は以前から。", required=False
    )
    channel_1, channel_2, channel_3, channel_4, channel_5 = (_channel(place) for place in range(1, 6))
    department = TextField(label="提出先", hint="例：契約検査課", max_length=80, required=False)
    address = TextField(
        label="宛先", hint="メールアドレス、電子申請フォームのアドレス、FAX番号など", max_length=254, required=False
    )
    subject = TextField(
        label="件名の形式",
        hint=f"使える項目は{KNOWN}です。例：【電子保証】{{工事番号}}{{案件名}}",
        max_length=200,
        required=False,
    )
    text = NoteField(
        label="本文の形式", hint="件名と同じ項目が使えます。空欄は標準の本文です。", max_length=1000, required=False
    )
    side_documents = TextField(label="添える書類", hint="例：前払金請求書", max_length=200, required=False)
    calls = CheckField(label="到着を電話で確認するよう求める")
    wants_print = CheckField(label="保証証書（確認用）の印刷も一緒に提出するよう求める")
    sample = ChoiceField(label="件名を確かめる保証契約", control="select", required=False)

    sections = (
        Section("対象の保証種類", tuple(PRODUCTS)),
        Section("提出方法", ("starts_on", *CHANNELS, "department", "address")),
        Section("件名と本文", ("subject", "text", "sample")),
        Section("その他", ("side_documents", "calls", "wants_print")),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offered: Sequence[tuple[int, str]] = self.case or ()
        self.offer("sample", [("", "対象の保証種類で最も新しい証書"), *offered])

    def clean(self) -> None:
        super().clean()
        for name in ("subject", "text"):
            if wrong := refusal(self.cleaned_data.get(name) or ""):
                self.add_error(name, wrong)
        self._check_address()

    def _check_address(self) -> None:
        address, first = self.cleaned_data.get("address"), self.cleaned_data.get("channel_1")
        if not address:
            return
        if first == HandInChannel.MAIL:
            try:
                validate_email(address)
            except ValidationError:
                self.add_error(
                    "address", "第1希望が電子メールのときは、メールアドレスを入力してください。例：keiyaku@example.jp"
                )
        elif first == HandInChannel.FORM and not address.startswith(("https://", "http://")):
            self.add_error(
                "address", "第1希望が電子申請フォームのときは、https:// で始まるアドレスを入力してください。"
            )

    def fill(self, rule: SubmissionRule) -> SubmissionRule:
        """Put the answers of a valid form into a rule; it is not stored."""
        given = self.cleaned_data
        rule.products = self.chosen(PRODUCTS)
        rule.channels = list(dict.fromkeys(given[name] for name in CHANNELS if given[name]))
        for name in SAME:
            setattr(rule, name, given[name])
        return rule

    @staticmethod
    def initial_of(rule: SubmissionRule) -> dict[str, Any]:
        """Return the answers that stand for a rule."""
        return {
            **{name: code in rule.products for name, code in PRODUCTS.items()},
            **dict(zip(CHANNELS, rule.channels, strict=False)),
            **{name: getattr(rule, name) for name in SAME},
        }


SAME = ("starts_on", "department", "address", "subject", "text", "side_documents", "calls", "wants_print")
"""Fields that are called the same in the form and in the rule."""
