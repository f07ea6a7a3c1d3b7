"""The lives of an enrolment and of an お引受条件 (credit_insurance.md 7.1), as data: so far up to 内容確定."""

from credit_insurance.enums import CaseState as S
from credit_insurance.enums import QuoteState as Q
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
        Transition("quote", [S.UNDER_REVIEW], S.QUOTED),
        Transition("revise", [S.QUOTED], S.UNDER_REVIEW),
        Transition("accept", [S.QUOTED], S.ACCEPTED),
        Transition("refuse", [S.QUOTED], S.NOT_TAKEN),
        Transition("expire", [S.QUOTED], S.EXPIRED_QUOTE),
    ]
)

QUOTE = Machine(
    [
        Transition("issue", [Q.PREPARED], Q.ISSUED),
        Transition("withdraw", [Q.PREPARED], Q.WITHDRAWN),
        Transition("accept", [Q.ISSUED], Q.ACCEPTED),
        Transition("revise", [Q.ISSUED], Q.REVISED),
        Transition("refuse", [Q.ISSUED], Q.NOT_TAKEN),
        Transition("expire", [Q.ISSUED], Q.EXPIRED),
    ]
)
