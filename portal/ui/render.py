"""Draws forms as plain Python strings: one escape for each text that can differ, the rest once per declaration.

Django's widgets cost more than all else of a form page; this does the same in a fraction (bench/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple, cast

from django.urls import reverse
from django.utils.safestring import SafeString

from portal.ui import uploads
from portal.ui.fields import AttachmentField, ChoiceField, Field, NoteField
from portal.ui.fields.dates import PARTS
from portal.ui.forms import Form, FormSet

__all__ = ["pick_list", "render_field", "render_form", "render_formset"]

MAX_CACHED = 256  # the rows of a form set have names without end


class Frame(NamedTuple):
    """What surrounds the control of one field, as far as it is the same on every page."""

    start: str
    attrs: str
    after: str
    """Closes the control, opens the error text if there is one."""
    echo: str
    """Closes the error text, opens the echo region if the field has one."""
    end: str


# --- Forms -----------------------------------------------------------------


def render_form(form: Form) -> SafeString:
    """Return all fields of `form`, section by section, below its own errors."""
    out = [_all_errors(form.add_prefix("all"), form.non_field_errors())]
    for section, names in form.parts():
        if section:
            out.append(f'<fieldset class="form-section"><legend>{escape(section.title)}</legend>')
            if section.intro:
                out.append(f'<p class="form-section__intro">{escape(section.intro)}</p>')
        out += [_field(form, name) for name in names]
        if section:
            out.append("</fieldset>")
    return SafeString("".join(out))


def render_formset(formset: FormSet) -> SafeString:
    """Return the rows of `formset`, each with its own legend, the counters and the button for one row more."""
    prefix = formset.prefix
    out = [_all_errors(f"{prefix}-all", formset.non_form_errors())]
    # Rows are never "initial" to Django: which of them are filled in decides the typed text alone.
    for name, value in (("TOTAL_FORMS", len(formset.forms)), ("INITIAL_FORMS", 0)):
        out.append(f'<input type="hidden" name="{prefix}-{name}" value="{value}">')
    for place, form in enumerate(formset.forms, start=1):
        legend = f"<legend>{place}行目</legend>"
        out.append(f'<fieldset class="form-section form-section--row">{legend}{render_form(form)}</fieldset>')
    if len(formset.forms) < formset.max_num:
        out.append(_button(f"add:{prefix}", "行を追加"))
    return SafeString("".join(out))


def render_field(form: Form, name: str) -> SafeString:
    """Return one field of `form` with its label, hint, control, error and echo."""
    return SafeString(_field(form, name))


def _all_errors(html_name: str, messages: Iterable[object]) -> str:
    texts = "".join(f"<p>{escape(str(message))}</p>" for message in messages)
    return f'<div class="field__error" id="id_{html_name}" tabindex="-1">{texts}</div>' if texts else ""


def _field(form: Form, name: str) -> str:
    field = form.field(name)
    html_name = form.add_prefix(name)
    error = "<br>".join(map(escape, form.messages(name)))
    key = (html_name, form.help_url, form.echo_url, bool(error))
    frame = field.markup.get(key)
    if frame is None:
        if len(field.markup) >= MAX_CACHED:
            field.markup.clear()
        frame = field.markup[key] = _frame(form, field, name, html_name, failed=bool(error))
    out = frame.start + CONTROLS[field.control](form, field, html_name, frame.attrs) + frame.after + error + frame.echo
    if field.echoes and not error and (form.is_bound or form.typed):
        out += escape(form.echo(name))
    if field.lookup:
        return out + frame.end.replace(LOOKUP, _lookup(form, field, html_name), 1)
    return out + frame.end


# --- What surrounds a control ------------------------------------------------

LOOKUP = "\0"


def _frame(form: Form, field: Field, name: str, html_name: str, *, failed: bool) -> Frame:
    id_ = f"id_{html_name}"
    label = escape(str(field.label))
    described = [f"{id_}-when"] if field.conditional else []
    described += [f"{id_}-hint"] if field.hint else []
    described += [f"{id_}-unit"] if field.unit else []
    faults = [f"{id_}-error"] if failed else []
    echoes = [f"{id_}-echo"] if field.echoes else []

    state = _aria(field.required and field.control != "attachments", failed)
    if field.control == "date":
        group, attrs = _by(described + echoes), state + _by(faults)
    elif field.grouped:
        group = f' role="radiogroup" aria-labelledby="{id_}-legend"{state}{_by(described + faults + echoes)}'
        attrs = ""
    else:
        group, attrs = "", state + _by(described + faults + echoes)
    if field.echoes and form.echo_url:
        # The answer goes to the region under the field; what is typed travels in the body, never in an address.
        attrs += (
            f' data-hx-post="{escape(form.echo_url)}?field={html_name}" data-hx-trigger="change"'
            f' data-hx-target="#{id_}-echo" data-hx-swap="innerHTML" data-hx-sync="this:replace"'
        )
        attrs += ' data-hx-include="closest fieldset"' if field.grouped else ""

    tag = "fieldset" if field.grouped else "div"
    css = f"field field--{field.control}" + " is-required" * field.required + " is-invalid" * failed
    mark = ""
    if field.required:
        mark = '<span class="required-word">必須</span>'
    elif not field.conditional and field.control != "check":
        mark = '<span class="optional-word">任意</span>'
    around = ""
    if field.help and form.help_url:
        around += (
            f'<a class="help" href="{escape(form.help_url.format(field=name))}" data-dialog="dialog">'
            f'<span aria-hidden="true">？</span><span class="visually-hidden">{label}の説明</span></a>'
        )
    if field.conditional:
        # Outside the label: the label may say 必須 only where an empty field is always refused.
        around += f'<span class="field__condition" id="{id_}-when">条件により必須</span>'
    hint = f'<p class="field__hint" id="{id_}-hint">{escape(field.hint)}</p>' if field.hint else ""

    start = f'<{tag} class="{css}"{group}>'
    after = ""
    if field.control == "check":
        start += hint + '<span class="choice">'
        after = f'<label class="choice__label" for="{id_}">{label}{mark}</label></span>{around}'
    elif field.grouped:
        start += f'<legend class="field__label" id="{id_}-legend">{label}{mark}</legend>{around}{hint}'
    else:
        start += f'<label class="field__label" for="{id_}">{label}{mark}</label>{around}{hint}'
    if field.unit:
        start += '<span class="field__row">'
        after = f'<span class="field__unit" id="{id_}-unit">{escape(field.unit)}</span></span>'
    return Frame(
        start,
        attrs + _typing(field),
        after + (f'<p class="field__error" id="{id_}-error">' if failed else ""),
        ("</p>" if failed else "") + (f'<p class="field__echo" id="{id_}-echo" role="status">' if field.echoes else ""),
        ("</p>" if field.echoes else "")
        + (LOOKUP if field.lookup else "")
        + (_button("refresh", "内容を更新する") if field.refresh else "")
        + f"</{tag}>",
    )


def _aria(required: bool, failed: bool) -> str:
    return (' aria-required="true"' if required else "") + (' aria-invalid="true"' if failed else "")


def _by(ids: list[str]) -> str:
    return f' aria-describedby="{" ".join(ids)}"' if ids else ""


def _typing(field: Field) -> str:
    """Return the attributes that help typing: width, keyboard, autofill."""
    if field.control not in {"text", "money", "textarea", "select"}:
        return ""
    css = "input input--amount" if field.control == "money" else "input"
    attrs = f' class="{css} input--{escape(field.width)}"' if field.width else f' class="{css}"'
    if field.size and not field.width:
        attrs += f' size="{field.size}"'
    if field.inputmode:
        attrs += f' inputmode="{field.inputmode}"'
    if field.autocomplete:
        attrs += f' autocomplete="{escape(field.autocomplete)}"'
    if field.echoes:
        attrs += ' autocapitalize="off" spellcheck="false"'
    return attrs


def _button(action: str, label: str) -> str:
    return (
        f'<button class="button button--small" type="submit" name="action" value="{action}" formnovalidate>'
        f"{label}</button>"
    )


# --- Controls ----------------------------------------------------------------


def _text(form: Form, field: Field, html_name: str, attrs: str) -> str:
    typed = form.typed_value(html_name)
    value = escape(typed[-1]) if typed else ""
    return f'<input type="text" name="{html_name}" id="id_{html_name}" value="{value}"{attrs}>'


def _textarea(form: Form, field: Field, html_name: str, attrs: str) -> str:
    rows = cast(NoteField, field).rows
    typed = form.typed_value(html_name)
    value = escape(typed[-1]) if typed else ""
    # Browsers drop one line feed after the tag; without it a text that begins with one would lose it.
    return f'<textarea name="{html_name}" id="id_{html_name}" rows="{rows}"{attrs}>\n{value}</textarea>'


def _date(form: Form, field: Field, html_name: str, attrs: str) -> str:
    out = []
    for suffix, word, width in PARTS:
        name = html_name + suffix
        typed = form.typed_value(name)
        value = escape(typed[-1]) if typed else ""
        out.append(
            f'<span class="date__part"><input class="input input--part" type="text" name="{name}" id="id_{name}"'
            f' value="{value}" size="{width}" inputmode="numeric" autocomplete="off"{attrs}>'
            f'<label for="id_{name}">{word}</label></span>'
        )
    return f'<div class="date">{"".join(out)}</div>'


def _choice(kind: str, name: str, id_: str, value: str, label: str, more: str = "") -> str:
    """Return one button or box with its label; everything but `id_` and `more` may come from outside."""
    return (
        f'<span class="choice"><input type="{kind}" name="{name}" id="{id_}" value="{value}"{more}>'
        f'<label class="choice__label" for="{id_}">{label}</label></span>'
    )


def _radio(form: Form, field: Field, html_name: str, attrs: str) -> str:
    typed = form.typed_value(html_name)
    chosen = typed[-1] if typed else ""
    out = []
    for place, (value, label) in enumerate(cast(ChoiceField, field).choices):
        checked = " checked" if str(value) == chosen else ""
        out.append(_choice("radio", html_name, f"id_{html_name}_{place}", escape(str(value)), escape(label), checked))
    return f'<div class="field__choices">{"".join(out)}</div>'


def _select(form: Form, field: Field, html_name: str, attrs: str) -> str:
    typed = form.typed_value(html_name)
    options = _options(cast(ChoiceField, field).all_choices())
    if typed:
        option = f'<option value="{escape(typed[-1])}"'
        options = options.replace(f"{option}>", f"{option} selected>", 1)
    return f'<select name="{html_name}" id="id_{html_name}"{attrs}>{options}</select>'


@lru_cache(maxsize=64)
def _options(choices: tuple[tuple[Any, str], ...]) -> str:
    """Return the options of a list; forms set the same countries and currencies again for every page."""
    return "".join(f'<option value="{escape(str(value))}">{escape(label)}</option>' for value, label in choices)


def _check(form: Form, field: Field, html_name: str, attrs: str) -> str:
    checked = " checked" if any(form.typed_value(html_name)) else ""
    return f'<input type="checkbox" name="{html_name}" id="id_{html_name}" value="on"{checked}{attrs}>'


def _attachments(form: Form, field: Field, html_name: str, attrs: str) -> str:
    rows = []
    dropped = form.typed_value(f"{html_name}-drop")
    known = form.known_files or {}
    for place, key in enumerate(dict.fromkeys(form.typed_value(f"{html_name}-kept"))):
        if key not in known:
            continue
        name, length = known[key]
        shown, value = escape(name), escape(key)
        checked = " checked" if key in dropped else ""
        drop = f'削除する<span class="visually-hidden">（{shown}）</span>'
        rows.append(
            f'<li class="attachments__item"><input type="hidden" name="{html_name}-kept" value="{value}">'
            f'<span class="attachments__name">{shown}</span>'
            f'<span class="attachments__size">{uploads.size(length)}</span>'
            + _choice("checkbox", f"{html_name}-drop", f"id_{html_name}-drop-{place}", value, drop, checked)
            + "</li>"
        )
    listed = f'<ul class="attachments">{"".join(rows)}</ul>' if rows else ""
    accept = ",".join(f".{kind}" for kind in cast(AttachmentField, field).types)
    # A file control takes no aria-required; the pages' forms are novalidate, so the word is all that `required` does.
    required = " required" if field.required else ""
    return (
        f'{listed}<input class="input-file" type="file" name="{html_name}" id="id_{html_name}" multiple'
        f' accept="{accept}"{required}{attrs}>'
    )


CONTROLS: dict[str, Callable[[Form, Field, str, str], str]] = {
    "text": _text,
    "money": _text,
    "textarea": _textarea,
    "date": _date,
    "radio": _radio,
    "select": _select,
    "check": _check,
    "attachments": _attachments,
}


# --- Looking a value up --------------------------------------------------------


def _lookup(form: Form, field: Field, html_name: str) -> str:
    label = escape(str(field.label))
    typed = form.typed_value(f"{html_name}-q")
    value = escape(typed[-1]) if typed else ""
    return (
        f'<div class="lookup" role="group" aria-label="{label}の検索">'
        f'<label for="id_{html_name}-q">{escape(field.lookup_label)}'
        f'<span class="visually-hidden">（{label}）</span></label>'
        '<div class="lookup__search">'
        f'<input type="text" name="{html_name}-q" id="id_{html_name}-q" value="{value}" autocomplete="off"'
        f' data-hx-get="{reverse(field.lookup)}?field={html_name}" data-hx-trigger="input delay:300ms"'
        f' data-hx-target="#id_{html_name}-results" data-hx-swap="innerHTML" data-hx-sync="this:replace">'
        f"{_button(f'search:{html_name}', '検索')}</div>"
        f'<div class="lookup__results" id="id_{html_name}-results" aria-live="polite">'
        f"{form.lookup_results.get(html_name, '')}</div></div>"
    )


def pick_list(html_name: str, found: Iterable[tuple[str, str]], *, more: str = "") -> SafeString:
    """Return the answer of a look-up: `found` ((value, text) pairs) to pick from, `more` a sentence below.

    Good for the page without script (`Form.lookup_results`) and for the address that `lookup` names.
    `html_name` may come from a request: it is escaped.
    """
    name = escape(html_name)
    rows = [
        _choice("radio", f"{name}-pick", f"id_{name}-pick-{place}", escape(value), escape(text))
        for place, (value, text) in enumerate(found)
    ]
    note = f"<p>{escape(more)}</p>" if more else ""
    if not rows:
        return SafeString(f"<p>見つかりませんでした。言葉を変えて検索してください。</p>{note}")
    choices = f"<legend>{len(rows)}件見つかりました</legend>{''.join(rows)}"
    return SafeString(f'<fieldset class="lookup__list">{choices}</fieldset>{note}{_button(f"pick:{name}", "選択する")}')
