"""The fifteen questions with Django's own fields and widgets."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator

from bench.fields import QUESTIONS, STEPS, Question


def field(question: Question) -> forms.Field:
    given: dict[str, Any] = {"label": question.label, "required": question.required, "help_text": question.hint}
    match question.kind:
        case "text":
            return forms.CharField(max_length=question.length, **given)
        case "note":
            return forms.CharField(max_length=question.length, widget=forms.Textarea(attrs={"rows": 4}), **given)
        case "date":
            return forms.DateField(**given)
        case "radio":
            return forms.ChoiceField(choices=question.choices, widget=forms.RadioSelect, **given)
        case "select":
            return forms.ChoiceField(choices=[("", "選択してください"), *question.choices], **given)
        case "money":
            return forms.DecimalField(max_digits=15, decimal_places=0, min_value=0, **given)
        case "integer":
            return forms.IntegerField(min_value=0, max_value=1800, **given)
        case "code":
            return forms.CharField(validators=[RegexValidator("^[0-9]{9}$")], **given)
        case "phone":
            return forms.CharField(validators=[RegexValidator(r"^\+?[0-9-]{9,20}$")], **given)
        case "email":
            return forms.EmailField(**given)
    raise ValueError(question.kind)


def form(name: str, questions: list[Question]) -> type[forms.Form]:
    return type(name, (forms.Form,), {question.name: field(question) for question in questions})


STEP_FORMS = [(slug, form(slug.title(), questions)) for slug, (_, questions) in STEPS.items()]
PageForm = form("Page", QUESTIONS)
SAMPLES = {question.name: question.sample for question in QUESTIONS}
