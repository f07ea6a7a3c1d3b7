"""What a portal declares: a procedure as data, with its rules given as plain functions."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString

from portal.applications.kinds import Link
from portal.numbering.series import WEB_APPLICATION, Series
from portal.ui.forms import Form, FormSet

if TYPE_CHECKING:
    from portal.accounts.models import Organisation, User
    from portal.applications.models import Application, ApplicationVersion
    from portal.wizard.reading import Answers

StoredStep = dict[str, list[str]]
"""Raw values by html name, exactly as typed."""

StoredData = dict[str, Any]
"""`{"schema": n, "steps": {slug: StoredStep}, "review": [slug, …]}`."""


@dataclass(frozen=True)
class Case:
    """Whose run this is: handed to forms and rules so that they need no request and no clock.

    `query` is what the address of a new run says, for example from which object of a list it was begun.
    """

    actor: "User"
    organisation: "Organisation"
    today: date
    number: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Something that keeps a draft from being submitted, and the step (and field) where it is put right."""

    step: str
    message: str
    anchor: str = ""


class Fact(NamedTuple):
    """One line of the decision panel."""

    label: str
    value: str


@dataclass(frozen=True)
class Decision:
    """What the confirm page says about the application; everything but `trace` is part of the agreement.

    `reasons` decide, `warnings` only inform; `facts` are figures shown; `trace` (rates, hidden balances,
    rule ids) is stored with the version and never compared or shown. `kind` is the mark of the panel.
    """

    verdict: str = ""
    may_submit: bool = True
    kind: Literal["ok", "review", "no"] = "ok"
    reasons: Sequence[str] = ()
    warnings: Sequence[str] = ()
    facts: Sequence[Fact] = ()
    trace: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """Return what the applicant sees, as plain data."""
        return {
            "verdict": self.verdict,
            "may_submit": self.may_submit,
            "kind": self.kind,
            "reasons": list(self.reasons),
            "warnings": list(self.warnings),
            "facts": [[fact.label, fact.value] for fact in self.facts],
        }

    def digest(self, steps: Mapping[str, StoredStep]) -> str:
        """Return the hash that binds a submission to what was typed and what was shown."""
        agreed = json.dumps([steps, self.shown()], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(agreed.encode()).hexdigest()


@dataclass(frozen=True)
class Listing:
    """The answers that lists show and search: 件名, 相手方, 金額, 通貨, お客様整理番号."""

    subject: str = ""
    party: str = ""
    amount: Any = None
    currency: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Submission:
    """What `complete` gets, inside the transaction that has already claimed the draft."""

    application: "Application"
    version: "ApplicationVersion"
    answers: "Answers"
    decision: Decision
    actor: "User"


@dataclass(frozen=True)
class Step:
    """One page of a procedure: its forms by prefix, when it is asked, and what a copy leaves empty.

    `initial(case)` prefills a new run; `lookups` gives the search results of a field without script:
    html name → function of (case, what was typed in the search box, html name) → html. A step without forms has a page
    of the portal's own at its address; `described(answers)` yields what was answered there, section by section.
    """

    slug: str
    title: str
    forms: Mapping[str, type[Form] | type[FormSet]]
    when: Callable[["Answers"], bool] | None = None
    initial: Callable[[Case], Mapping[str, Mapping[str, Any]]] | None = None
    not_copied: Sequence[str] = ()
    lookups: Mapping[str, Callable[[Case, str, str], SafeString]] = field(default_factory=dict)
    described: Callable[["Answers"], Iterable[tuple[str, list[dict[str, Any]]]]] | None = None
    template: str = "wizard/step.html"
    lead: str = ""


@dataclass(frozen=True)
class Wizard:
    """手続き: everything the engine needs to run one procedure from the first page to the receipt.

    `intro_context(case)` gives the introduction what it shows; it and `Step.initial` raise Http404 for a query that
    leads nowhere.
    """

    slug: str
    title: str
    portal: str
    steps: Sequence[Step]
    complete: Callable[[Submission], None]
    view_role: str
    edit_role: str
    submit_role: str
    series: Series = WEB_APPLICATION
    checks: Sequence[Callable[["Answers"], Iterable[Problem]]] = ()
    decide: Callable[["Answers"], Decision] | None = None
    listing: Callable[["Answers"], Listing] | None = None
    confirm_form: type[Form] | None = None
    confirm_title: str = "申込内容の確認"
    next_label: str = "次へ"
    confirm_label: str = "申込内容の確認へ"
    submit_label: str = "申込む"
    number_label: str = "Web申込番号"
    list_label: str = "Web申込状況一覧"
    refused_message: str = "申込みの権限がありません。申込権限のあるユーザーが手続きしてください"
    changed_message: str = "確認後に内容が変わりました。もう一度ご確認ください"
    intro_template: str = ""
    intro_context: Callable[[Case], Mapping[str, Any]] | None = None
    confirm_template: str = "wizard/confirm.html"
    receipt_template: str = "wizard/receipt.html"
    after_submit: Sequence[str] = ()
    documents: Callable[["Application"], list[Link]] = lambda application: []
    schema: int = 1
    upgrade: Callable[[StoredData], StoredData] | None = None

    def step(self, slug: str) -> Step:
        """Return the step `slug` (KeyError when there is none)."""
        return self._by_slug[slug]

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_slug", {step.slug: step for step in self.steps})

    _by_slug: Mapping[str, Step] = field(init=False, repr=False, compare=False, default_factory=dict)

    @property
    def step_url(self) -> str:
        """Name of the route of a step, for templates."""
        return f"{self.portal}:{self.slug}-step"

    @property
    def list_url(self) -> str:
        """Name of the route of the portal's 申込状況一覧."""
        return f"{self.portal}:applications"

    def url(self, page: str, *args: str) -> str:
        """Return the address of one of the procedure's pages: new, first, step, confirm or receipt."""
        return reverse(f"{self.portal}:{self.slug}-{page}", args=args)
