"""Two procedures: the fifteen questions on three pages, and on one."""

from typing import Any

from bench.fields import STEPS
from bench.site.forms import STEP_FORMS, PageForm
from portal.outbox import handler
from portal.wizard.declaration import Listing, Step, Submission, Wizard
from portal.wizard.reading import Answers
from portal.wizard.registry import register

ROLES = {"view_role": "nexi.view", "edit_role": "nexi.input", "submit_role": "nexi.apply"}


def listing(answers: Answers) -> Listing:
    contract, payer = answers.so_far("contract", "main"), answers.so_far("payer", "main")
    return Listing(
        subject=contract.get("product") or "",
        party=payer.get("payer_name") or "",
        amount=contract.get("amount"),
        currency="JPY",
        reference=contract.get("reference") or "",
    )


def complete(submission: Submission) -> None:
    """The submitted version is all that this procedure wants."""


@handler("bench.submitted")
def after_submission(key: str, payload: dict[str, Any]) -> None:
    """The message has arrived: nothing follows from it."""


THREE_STEPS = register(
    Wizard(
        slug="three-steps",
        title="三つのステップ",
        portal="bench",
        steps=[Step(slug, title, {"main": STEP_FORMS[slug]}) for slug, (title, _) in STEPS.items()],
        listing=listing,
        complete=complete,
        after_submit=["bench.submitted"],
        **ROLES,
    )
)
ONE_PAGE = register(
    Wizard(
        slug="one-page",
        title="一つのステップ",
        portal="bench",
        steps=[Step("page", "十五の項目", {"main": PageForm})],
        complete=complete,
        **ROLES,
    )
)
