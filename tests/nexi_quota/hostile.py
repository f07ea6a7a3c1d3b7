"""Texts that nobody should have to fear: which kinds of fields refuse which, and what a refusal must look like."""

import re
from collections.abc import Iterator

import pytest

from nexi_quota import forms
from nexi_quota.models import Confirmation
from portal.applications.models import Application, ApplicationVersion
from portal.ui import fields
from portal.ui.forms import Form
from tests.nexi_quota.driver import Page
from tests.support import pages

STEP = {"main": forms.TermsForm, "contact": forms.ContactForm}

FIGURES = {"digits", "code", "money", "integer", "date", "mail", "phone"}
WORDS = {"words", "note"}
TYPED = FIGURES | WORDS | {"half"}

HOSTILE: dict[str, set[str]] = {
    "1e3": FIGURES - {"code"},
    "1_000": FIGURES,
    "1" + "0" * 30: FIGURES,
    "-1": FIGURES,
    "△100": FIGURES | {"half"},
    "NaN": FIGURES - {"code"},
    "Infinity": FIGURES,
    "0x1F": FIGURES - {"code"},
    "1/2": FIGURES,
    "1,00,0": FIGURES,
    "٣٤٥": FIGURES | {"half"},
    "1" * 5_000: TYPED,
    "2026-02-30": FIGURES,
    "0000-01-01": FIGURES,
    "9999-12-31": FIGURES,
    "01/02/2026": FIGURES,
    "令和8年13月45日": FIGURES | {"half"},
    "昭和64年1月32日": FIGURES | {"half"},
    "1😀2": TYPED,
    "1👩‍👩‍👧2": TYPED,
    "ab\u202ecd": FIGURES - {"code"} | WORDS,
    "ab\u200bcd": FIGURES - {"code"} | WORDS,
    "ab\x07cd": FIGURES - {"code"} | WORDS,
    "\x1b[31m": FIGURES | WORDS,
    "ab\u2028cd": TYPED,
    "ab\ue000cd": TYPED,
    "' OR 1=1; --": FIGURES,
    "<script>alert(1)</script>": FIGURES,
    '"><img src=x onerror=a>': FIGURES,
    "{{7*7}}{% debug %}": FIGURES,
    "${7*7}#{7*7}%s%n": FIGURES,
    "../../etc/passwd": FIGURES,
    "=1+1|cmd": FIGURES,
    "か゛ﾊﾟ髙﨑𠮷葛󠄀": FIGURES | {"half"},
}
"""Text → kinds of fields that refuse it; a choice refuses all of them, a box is ticked by all of them."""

hostile = pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])


def kind_of(field: fields.Field) -> str:
    """Return the word that HOSTILE uses for this kind of field."""
    kinds: list[tuple[type[fields.Field], str]] = [
        (fields.ChoiceField, "choice"),
        (fields.CheckField, "box"),
        (fields.AttachmentField, "files"),
        (fields.DateField, "date"),
        (fields.MoneyField, "money"),
        (fields.IntegerField, "integer"),
        (fields.EmailField, "mail"),
        (fields.PhoneField, "phone"),
        (fields.NoteField, "note"),
    ]
    for found, word in kinds:
        if isinstance(field, found):
            return word
    if isinstance(field, fields.CodeField):
        return "digits" if field.digits else "code"
    assert isinstance(field, fields.TextField)
    return "half" if field.kind == "half" else "words"


def declared(step: dict[str, type[Form]]) -> Iterator[tuple[str, fields.Field, str]]:
    """Yield html name, field and kind of everything that a page asks."""
    for prefix, form in step.items():
        for name, field in form.base_fields.items():
            assert isinstance(field, fields.Field)
            yield (f"{prefix}-{name}" if prefix else name), field, kind_of(field)


def everywhere(text: str, step: dict[str, type[Form]] = STEP) -> dict[str, str]:
    """Return a form with `text` in every control that can be typed, chosen or ticked."""
    sent = {}
    for name, _, kind in declared(step):
        if kind == "date":
            sent |= {f"{name}-y": text, f"{name}-m": "1", f"{name}-d": "1"}
        elif kind != "files":
            sent[name] = text
    return sent


def refused(text: str, step: dict[str, type[Form]] = STEP) -> dict[str, str]:
    """Return the labels of the fields that must refuse `text`, by their html names."""
    return {
        name: str(field.label)
        for name, field, kind in declared(step)
        if kind == "choice" or kind in HOSTILE[text] or len(text) > getattr(field, "max_length", 10_000)
    }


def check_refusal(page: Page, sent: dict[str, str], expected: dict[str, str], step: dict[str, type[Form]]) -> None:
    """Fail unless the page lists exactly `expected`, in words that name each field, and shows all that was sent."""
    assert page.status == 422
    sheet = pages.read(page.html)
    assert sheet.title.startswith("エラー")
    # The first button of a group and the first box of a date stand for their field.
    wrong = {re.sub("(_[0-9]+|-y)$", "", anchor).removeprefix("id_"): said for anchor, said in sheet.errors}
    assert wrong.keys() == expected.keys()
    assert {name: wrong[name] for name, label in expected.items() if label not in wrong[name]} == {}
    assert lost(sheet, sent, step) == {}


def lost(sheet: pages.Sheet, sent: dict[str, str], step: dict[str, type[Form]] = STEP) -> dict[str, object]:
    """Return what was sent and is not shown again; what is not on offer cannot be shown as chosen."""
    kinds = {name: kind for name, _, kind in declared(step)}
    shown = {
        name: "on" if kinds.get(name) == "box" else text for name, text in sent.items() if kinds.get(name) != "choice"
    }
    return {name: sheet.controls.get(name) for name, text in shown.items() if sheet.controls.get(name) != [text]}


def stored() -> list[tuple[object, ...]]:
    """Return everything that a request could have written."""
    assert not Confirmation.objects.exists()
    assert not ApplicationVersion.objects.exists()
    rows = Application.objects.order_by("pk")
    return list(rows.values_list("pk", "data", "revision", "state", "saved_at", "subject", "party", "amount"))
