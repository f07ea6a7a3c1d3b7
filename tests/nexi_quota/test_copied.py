"""別の申込みへ: every field is decided to be copied or not, so that a new one forces a decision (nexi.md 7.5)."""

from nexi_quota.forms import ContactForm, TermsForm
from nexi_quota.wizards import QUOTA_CONFIRMATION
from portal.applications.models import Application
from portal.wizard import services
from portal.wizard.checks import faults

COPIED = {
    "product", "special_reason", "other_reason", "department", "reference", "contract_form", "contract_number",
    "contract_date", "goods", "counterparty_code", "same_payer", "payer_code", "payment_country",
    "destination_country", "shipping_country", "settlement", "usance_days", "guarantee", "bank_code", "is_confirmed",
    "confirming_code", "currency", "contract_amount", "advance_amount", "requested_amount", "first_shipment",
    "last_shipment", "due", "purchase_date", "purchase_bank", "purchase_branch", "purchase_name", "remarks",
}  # fmt: skip
NOT_COPIED = {"consent_number", "consent_date", "attachments"}


def test_every_field_of_the_terms_is_marked_copied_or_not_copied() -> None:
    assert set(TermsForm.base_fields) == COPIED | NOT_COPIED


def test_a_copy_takes_exactly_the_marked_fields_as_typed_and_no_contact() -> None:
    (step,) = QUOTA_CONFIRMATION.steps
    typed = {
        html_name: [f"　typed {html_name}"]
        for prefix, form in (("main", TermsForm), ("contact", ContactForm))
        for name, declared in form.base_fields.items()
        for html_name in declared.html_names(f"{prefix}-{name}")  # type: ignore[attr-defined]
    }
    source = Application(data={"schema": 1, "steps": {step.slug: typed}, "review": []})
    taken = services.reusable(QUOTA_CONFIRMATION, source)["steps"][step.slug]
    names = {name.removeprefix("main-").removesuffix("-y").removesuffix("-m").removesuffix("-d") for name in taken}
    assert names == COPIED
    assert all(taken[name] == typed[name] for name in taken)


def test_every_field_stands_in_a_section_and_the_declaration_has_no_fault() -> None:
    placed = [name for section in TermsForm.sections for name in section.fields]
    assert sorted(placed) == sorted(TermsForm.base_fields)
    assert list(faults(QUOTA_CONFIRMATION)) == []
