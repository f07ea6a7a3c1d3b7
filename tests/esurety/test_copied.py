"""コピー: every field of 請負工事の情報 is decided to be copied or not, so that a new one forces a decision."""

from esurety.forms.works import WorksForm
from esurety.wizards import APPLICATION
from portal.applications.models import Application
from portal.wizard import services

COPIED = {
    "body", "department", "number", "case_number", "spec_number", "name", "place", "kind", "price", "tax",
    "contract_on", "notice_on", "nomination_on", "award_on", "bid_on", "starts_on", "ends_on", "order_form", "jv_name",
    "has_advance", "advance_rate", "mid_choice", "is_low_bid", "is_multi_year",
}  # fmt: skip
"""A copy is another guarantee for the same works, or a correction: what identifies the works comes with it."""


def test_every_field_of_the_works_is_marked_copied_stands_in_a_section_and_is_taken_as_typed() -> None:
    assert set(WorksForm.base_fields) == COPIED
    assert {name for section in WorksForm.sections for name in section.fields} == COPIED
    typed = {
        html_name: [f"　typed {html_name}"]
        for name, declared in WorksForm.base_fields.items()
        for html_name in declared.html_names(f"main-{name}")  # type: ignore[attr-defined]
    }
    source = Application(data={"schema": 1, "steps": {"contract": typed}, "review": []})
    assert services.reusable(APPLICATION, source)["steps"]["contract"] == typed
