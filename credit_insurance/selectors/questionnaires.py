"""Answers to the アンケート: one's own, and those whose senders want to be called."""

from collections.abc import Collection
from typing import Any

from django.db.models import Q

from credit_insurance.enums import Measure
from credit_insurance.models import Questionnaire
from credit_insurance.rules.questionnaire import MEASURES, MEASURES_TEXT, NO, QUESTIONS, YES
from portal.accounts.models import Organisation, User

WORDS = {YES: "はい", NO: "いいえ"}


def open_leads() -> Any:
    """Return who waits for a call, the longest first; for the agent and the staff."""
    return Questionnaire.objects.filter(wants_contact=True, handled_at=None).select_related("member")


def own_result(nonce: str, user: User | None, own: Collection[str]) -> Questionnaire | None:
    """Return a result that the visitor may see: of this browser (`own` nonces), or of the user's company."""
    mine = Q(member=None) & Q(nonce__in=list(own))
    if user and user.organisation_id:
        mine |= Q(member__organisation=user.organisation_id)
    return Questionnaire.objects.filter(mine, nonce=nonce).select_related("member", "answered_by").first()


def last_measures(organisation: Organisation) -> frozenset[str]:
    """Return the 現在の対策 that a company ticked in its newest アンケート."""
    newest = Questionnaire.objects.filter(member__organisation=organisation).order_by("-answered_at", "-pk").first()
    return frozenset(newest.answers.get(MEASURES, ())) if newest else frozenset()


def answers_in_words(found: Questionnaire) -> list[tuple[str, str]]:
    """Return each question that was passed with its answer."""
    given = found.answers
    shown = [(question.text, WORDS.get(given[code], "")) for code, question in QUESTIONS.items() if code in given]
    if chosen := given.get(MEASURES):
        note = f"（{found.note}）" if found.note else ""
        shown.append((MEASURES_TEXT, "、".join(Measure(code).label for code in chosen) + note))
    return shown
