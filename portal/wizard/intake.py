"""What a step page sends: raw values, uploads, searches, the revision it was made from."""

from dataclasses import dataclass
from typing import Any, cast

from portal.applications import services as applications
from portal.applications.selectors import own_attachments
from portal.common.http import HttpRequest
from portal.ui import uploads
from portal.ui.fields import AttachmentField
from portal.ui.forms import Form, as_typed
from portal.wizard.declaration import Case, Step, StoredStep
from portal.wizard.reading import BoundForms, bind, plain_forms


@dataclass
class Intake:
    """A posted step: the pressed button, the forms bound to what was typed, and what is to be stored."""

    action: str
    forms: BoundForms
    stored: StoredStep
    has_refused_files: bool = False

    def is_valid(self) -> bool:
        """True when every form is valid; all of them are checked."""
        judged = [form.is_valid() for form in self.forms.values()]
        return all(judged)


def receive(request: HttpRequest, step: Step, case: Case) -> Intake:
    """Read a posted step; uploads are stored at once, so that an error elsewhere does not lose them."""
    posted = {name: values for name, values in request.POST.lists() if any(values)}
    refused = {
        (prefix, name): _take_uploads(request, posted, f"{prefix}-{name}", declared, case)
        for prefix, form in step.forms.items()
        for name, declared in getattr(form, "base_fields", {}).items()
        if isinstance(declared, AttachmentField)
    }
    forms = bind(step, case, posted)
    for (prefix, name), messages in refused.items():
        for message in messages:
            cast(Form, forms[prefix]).add_error(name, message)
    names = {name for form in forms.values() for name in form.html_names()}
    stored = {name: values for name, values in posted.items() if name in names}
    return Intake(_action(request, step), forms, stored, any(refused.values()))


def _action(request: HttpRequest, step: Step) -> str:
    """Return which button was pressed; Enter in a field belongs to a search that is under way, else it goes on."""
    pressed = request.POST.get("action", "continue")
    if pressed != "enter":
        return pressed
    for verb, part in (("pick", "-pick"), ("search", "-q")):
        for name in step.lookups:
            if request.POST.get(name + part):
                return f"{verb}:{name}"
    return "continue"


def _take_uploads(
    request: HttpRequest,
    posted: dict[str, list[str]],
    name: str,
    upload: AttachmentField,
    case: Case,
) -> list[str]:
    """Apply removals and new files to the organisation's ids kept under `name`; returns messages of refused files."""
    kept_name = f"{name}{applications.KEPT}"
    dropped = set(request.POST.getlist(f"{name}-drop"))
    sent = [pk for pk in posted.get(kept_name, []) if pk not in dropped]
    own = {str(file.pk) for file in own_attachments(case.actor, sent)} if sent else set()
    kept = [pk for pk in sent if pk in own]
    messages = []
    for file in request.FILES.getlist(name):
        if message := uploads.check(file, upload):
            messages.append(message)
        elif len(kept) >= upload.max_count:
            messages.append(f"添付できるのは{upload.max_count}件までです。不要なファイルを削除してから選んでください。")
        else:
            kept.append(str(applications.attach(file, case.actor, case.organisation).pk))
    posted[kept_name] = kept
    return messages


def look_up(forms: BoundForms, step: Step, case: Case, request: HttpRequest, intake: Intake) -> None:
    """Answer a search or a choice made without script: results under the field, or the chosen value in it."""
    verb, _, name = intake.action.partition(":")
    if name not in step.lookups:
        return
    for form in plain_forms(forms):
        if name not in form.html_names():
            continue
        query = request.POST.get(f"{name}-q", "")
        chosen = request.POST.get(f"{name}-pick", "")
        if verb == "pick" and chosen:
            form.typed = as_typed({**dict(form.typed.lists()), name: [chosen]})
        else:
            form.typed = as_typed({**dict(form.typed.lists()), f"{name}-q": [query]})
            form.lookup_results = {name: step.lookups[name](case, query, name)}


def revision(request: HttpRequest) -> int:
    """Return the draft's revision that the page was made from; -1 (never current) when it is unreadable."""
    raw = request.POST.get("revision", "")
    return int(raw) if raw.isascii() and raw.isdecimal() and len(raw) < 10 else -1


def differences(step: Step, case: Case, saved: StoredStep, typed: StoredStep) -> list[dict[str, Any]]:
    """Return the fields whose typed text differs from what is saved: label, saved, typed."""
    rows = []
    for form in plain_forms(bind(step, case, {**saved, **typed})):
        for _, declared, html_name in form.shown_fields():
            names = declared.html_names(html_name)
            before = " ".join(value for part in names for value in saved.get(part, []))
            after = " ".join(value for part in names for value in typed.get(part, []))
            if before != after:
                rows.append({"label": declared.label, "saved": before or "入力なし", "typed": after or "入力なし"})
    return rows
