"""The life of an enrolment (credit_insurance.md 7.1), as data: so far from the ヒアリングシート to the review."""

from credit_insurance.enums import CaseState as S
from portal.common.states import Machine, Transition

CASE = Machine(
    [
        Transition("submit", [S.HEARING_DRAFT], S.SUBMITTED),
        Transition("return", [S.SUBMITTED], S.HEARING_DRAFT),
        Transition("review", [S.SUBMITTED], S.UNDER_REVIEW),
        Transition("ask", [S.UNDER_REVIEW], S.INFO_WAIT),
        Transition("answer", [S.INFO_WAIT], S.UNDER_REVIEW),
        Transition("decline", [S.UNDER_REVIEW, S.INFO_WAIT], S.DECLINED),
        Transition("drop", [S.HEARING_DRAFT, S.SUBMITTED], S.NOT_TAKEN),
    ]
)
