"""申込み前の確認: the questions of the 確認申込み that its rules need, and no others."""

from typing import Any

from nexi_quota.enums import Product
from nexi_quota.forms.confirmation import TermsForm
from portal.ui.forms import Section


class CheckForm(TermsForm):
    """What D01 to D20 judge; what only the application itself needs is not asked. `case` is the wizard's Case."""

    sections = (  # type: ignore[assignment]
        Section("保険種", ("product", "special_reason")),
        Section("支払人と契約", ("payer_code", "counterparty_code", "contract_number")),
        Section("国", ("payment_country", "destination_country")),
        Section(
            "決済", ("settlement", "usance_days", "guarantee", "bank_code", "is_confirmed", "confirming_code")
        ),
        Section("金額", ("currency", "contract_amount", "advance_amount", "requested_amount")),
        Section("期間", ("last_shipment", "due")),
        Section("内諾", ("consent_number",)),
    )  # fmt: skip
    # Undeclared rather than deleted below: uploads are stored for whatever a form declares.
    attachments = None  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = [name for section in self.sections for name in section.fields]
        for name in set(self.fields).difference(asked):
            del self.fields[name]
        for name in ("counterparty_code", "contract_number"):
            self.field(name).conditional = False
        self.field("payer_code").required, self.field("payer_code").conditional = True, False
        self.field("counterparty_code").hint = "入力すると、契約相手方の国も確かめます。例：304-123456"
        self.field("contract_number").hint = "入力すると、有効な個別保証枠確認との重複も確かめます。"

    def _product(self, answers: dict[str, Any], product: Product | None) -> None:
        """Ask nothing more: the verdict depends on none of what the application requires for a product."""
