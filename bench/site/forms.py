"""The fifteen questions with the fields of portal.ui."""

from typing import Any

from bench.fields import QUESTIONS, STEPS, Question
from portal.ui import fields
from portal.ui.forms import Form


def field(question: Question) -> fields.Field:
    given: dict[str, Any] = {"label": question.label, "required": question.required}
    if question.hint:
        given["hint"] = question.hint
    match question.kind:
        case "text":
            return fields.TextField(max_length=question.length, **given)
        case "note":
            return fields.NoteField(max_length=question.length, **given)
        case "date":
            return fields.DateField(**given)
        case "radio" | "select":
            return fields.ChoiceField(choices=question.choices, control=question.kind, **given)
        case "money":
            return fields.MoneyField(**given)
        case "integer":
            return fields.IntegerField(max_value=1800, **given)
        case "code":
            return fields.CodeField(digits=9, **given)
        case "phone":
            return fields.PhoneField(**given)
        case "email":
            return fields.EmailField(**given)
    raise ValueError(question.kind)


def form(name: str, questions: list[Question]) -> type[Form]:
    return type(name, (Form,), {question.name: field(question) for question in questions})


STEP_FORMS = {slug: form(slug.title(), questions) for slug, (_, questions) in STEPS.items()}
PageForm = form("Page", QUESTIONS)
