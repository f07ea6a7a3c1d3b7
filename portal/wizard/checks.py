"""System checks of the declared procedures: a mistake is found at start-up and in CI, not by an applicant."""

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from portal.ui.forms import Form
from portal.wizard.declaration import Step, Wizard
from portal.wizard.registry import all_wizards


@register()
def check_wizards(**options: Any) -> list[CheckMessage]:
    """Find clashing or unknown field names, clashing step names and missing templates."""
    return [Error(message, obj=wizard.slug, id="wizard.E001") for wizard in all_wizards() for message in faults(wizard)]


def faults(wizard: Wizard) -> Iterator[str]:
    """Yield what is wrong with one declaration."""
    slugs = [step.slug for step in wizard.steps]
    if len(slugs) != len(set(slugs)):
        yield "two steps have the same name"
    for step in wizard.steps:
        yield from _step_faults(step)
    templates = [wizard.intro_template, wizard.confirm_template, wizard.receipt_template]
    for template in [*templates, *(step.template for step in wizard.steps)]:
        if template and not _exists(template):
            yield f"template {template} is missing"


def _step_faults(step: Step) -> Iterator[str]:
    names = [
        name
        for prefix, form in step.forms.items()
        if issubclass(form, Form)
        for field, declared in form.base_fields.items()
        for name in declared.html_names(f"{prefix}-{field}")  # type: ignore[attr-defined]
    ]
    if clashes := {name for name in names if names.count(name) > 1}:
        yield f"step {step.slug}: fields share the names {sorted(clashes)}"
    known = {*step.forms, *names, *(f"{prefix}-{name}" for prefix, form in step.forms.items() for name in fields(form))}
    for name in [*step.not_copied, *step.lookups]:
        if name not in known:
            yield f"step {step.slug}: there is no field {name}"


def fields(form: type[Any]) -> list[str]:
    """Return the names of a form's declared fields; a formset has none of its own."""
    return list(getattr(form, "base_fields", {}))


def _exists(template: str) -> bool:
    try:
        get_template(template)
    except TemplateDoesNotExist:
        return False
    return True
