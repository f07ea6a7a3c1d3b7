"""What stored data mean: forms bound on demand, validated answers, visible steps, problems."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, TypeVar, cast

from portal.applications.selectors import own_attachments
from portal.applications.services import KEPT
from portal.ui.forms import Form, FormSet, as_typed
from portal.wizard.declaration import Case, Problem, Step, StoredData, StoredStep, Wizard

BoundForms = dict[str, Form | FormSet]
Found = TypeVar("Found")


def bind(step: Step, case: Case, stored: StoredStep) -> BoundForms:
    """Return the step's forms bound to raw values."""
    data = as_typed(stored)
    forms: BoundForms = {prefix: form(data, prefix=prefix, case=case) for prefix, form in step.forms.items()}
    name_files(forms, case)
    return forms


def plain_forms(forms: BoundForms) -> Iterator[Form]:
    """Yield every form, those of a formset one by one."""
    for form in forms.values():
        yield from form.forms if isinstance(form, FormSet) else [form]


def name_files(forms: BoundForms, case: Case) -> None:
    """Give the forms names and sizes of the attachments they keep: one query, only when there are any."""
    holders = [(form, name) for form in plain_forms(forms) for name, _ in form.attachment_fields()]
    wanted = {pk for form, name in holders for pk in form.typed_value(f"{name}{KEPT}")}
    if wanted:
        known = {str(file.pk): (file.name, file.size) for file in own_attachments(case.actor, wanted)}
        for form, _ in holders:
            form.known_files = known


class Answers:
    """Validated answers: `answers.<step>.<form>["field"]`; None for a step that is hidden, open or wrong.

    A step is bound and validated when it is first asked for, so a page pays only for what its rules read.
    """

    case: Case

    def __init__(self, reading: "Reading") -> None:
        self._reading = reading
        self._found: dict[str, Any] = {}
        self.case = reading.case

    def once(self, name: str, find: Callable[[], Found]) -> Found:
        """Return what `find` finds, asked once for all the rules of this reading."""
        if name not in self._found:
            self._found[name] = find()
        return cast(Found, self._found[name])

    def so_far(self, slug: str, prefix: str) -> dict[str, Any]:
        """Return the valid fields of one form of a step, whatever else is still wrong in it."""
        forms = self._reading.forms(self._reading.wizard.step(slug)) or {}
        form = forms.get(prefix)
        if not isinstance(form, Form):
            return {}
        form.is_valid()
        return form.cleaned_data

    def __getattr__(self, slug: str) -> Any:
        return self._reading.cleaned(slug.replace("_", "-"))


class Reading:
    """One look at a draft's data with today's forms and rules."""

    def __init__(self, wizard: Wizard, case: Case, data: StoredData) -> None:
        self.wizard = wizard
        self.case = case
        self.data = data
        self.answers = Answers(self)
        self._forms: dict[str, BoundForms] = {}
        self._shown: dict[str, bool] = {}

    def is_shown(self, step: Step) -> bool:
        """True when the step is part of this run, given the answers of the steps before it."""
        if step.when is None:
            return True
        if step.slug not in self._shown:
            # Hidden while its own condition is computed: a condition that asks for its own step gets None.
            self._shown[step.slug] = False
            self._shown[step.slug] = bool(step.when(self.answers))
        return self._shown[step.slug]

    def steps(self) -> list[Step]:
        """Return the steps of this run in order."""
        return [step for step in self.wizard.steps if self.is_shown(step)]

    def forms(self, step: Step) -> BoundForms | None:
        """Return the bound forms of a saved step, None when nothing was saved yet."""
        if step.slug not in self._forms:
            stored = self.data["steps"].get(step.slug)
            if stored is None:
                return None
            self._forms[step.slug] = bind(step, self.case, stored)
        return self._forms[step.slug]

    def cleaned(self, slug: str) -> SimpleNamespace | None:
        """Return the step's validated data by form prefix; None when hidden, open or wrong."""
        step = self.wizard.step(slug)
        forms = self.forms(step) if self.is_shown(step) else None
        if forms is None or not all(form.is_valid() for form in forms.values()):
            return None
        return SimpleNamespace(
            **{
                prefix: form.rows() if isinstance(form, FormSet) else form.cleaned_data
                for prefix, form in forms.items()
            }
        )

    def open_step(self) -> Step | None:
        """Return the first step that still has to be filled in or put right."""
        return next((step for step in self.steps() if self.cleaned(step.slug) is None), None)

    def problems(self) -> list[Problem]:
        """Return everything that keeps this draft from being submitted."""
        found = list(self._step_problems())
        if not found:
            found = [problem for check in self.wizard.checks for problem in check(self.answers)]
        return found

    def _step_problems(self) -> Iterator[Problem]:
        review = self.data.get("review", [])
        for step in self.steps():
            forms = self.forms(step)
            if forms is None:
                yield Problem(step.slug, f"「{step.title}」を入力してください。")
                continue
            for form in forms.values():
                for anchor, _, message in form.problems():
                    yield Problem(step.slug, message, anchor)
            if step.slug in review:
                yield Problem(step.slug, f"流用した「{step.title}」の内容を確かめて、次へ進んでください。")

    def stored_steps(self) -> dict[str, StoredStep]:
        """Return the raw values of the steps that are part of this run."""
        return {step.slug: self.data["steps"][step.slug] for step in self.steps() if step.slug in self.data["steps"]}

    def described(self) -> list[dict[str, Any]]:
        """Return the answers so that they can be read without any form: steps → sections → items."""
        return [
            {
                "step": step.slug,
                "title": step.title,
                "sections": [{"title": title, "items": items} for title, items in self._sections(step)],
            }
            for step in self.steps()
        ]

    def _sections(self, step: Step) -> Iterator[tuple[str, list[Any]]]:
        for form in (self.forms(step) or {}).values():
            yield from form.answers_by_section()
        if step.described:
            yield from step.described(self.answers)
