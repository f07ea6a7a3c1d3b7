"""The lives of an enrolment, an お引受条件, a 加入依頼書 and a refund (credit_insurance.md 7.1, 7.4), as data."""

from credit_insurance.enums import CaseState as S
from credit_insurance.enums import FormState as F
from credit_insurance.enums import QuoteState as Q
from credit_insurance.enums import RefundState as R
from portal.common.states import Machine, Transition

CASE = Machine(
    [
        Transition("submit", [S.HEARING_DRAFT], S.SUBMITTED),
        Transition("return", [S.SUBMITTED], S.HEARING_DRAFT),
        Transition("review", [S.SUBMITTED], S.UNDER_REVIEW),
        Transition("ask", [S.UNDER_REVIEW], S.INFO_WAIT),
        Transition("answer", [S.INFO_WAIT], S.UNDER_REVIEW),
        Transition("resume", [S.INFO_WAIT], S.UNDER_REVIEW),
        Transition("decline", [S.UNDER_REVIEW, S.INFO_WAIT], S.DECLINED),
        Transition("drop", [S.HEARING_DRAFT, S.SUBMITTED], S.NOT_TAKEN),
        Transition("quote", [S.UNDER_REVIEW], S.QUOTED),
        Transition("revise", [S.QUOTED], S.UNDER_REVIEW),
        Transition("accept", [S.QUOTED], S.ACCEPTED),
        Transition("refuse", [S.QUOTED], S.NOT_TAKEN),
        Transition("expire", [S.QUOTED], S.EXPIRED_QUOTE),
        Transition("form", [S.ACCEPTED], S.FORM_SUBMITTED),
        Transition("form_accept", [S.FORM_SUBMITTED], S.FORM_ACCEPTED),
        Transition("form_return", [S.FORM_SUBMITTED], S.ACCEPTED),
        Transition("complete", [S.FORM_ACCEPTED], S.COMPLETED),
        Transition("certify", [S.COMPLETED], S.CERT_ISSUED),
        Transition("begin", [S.COMPLETED, S.CERT_ISSUED], S.IN_FORCE),
        Transition("end", [S.IN_FORCE, S.EXHAUSTED, S.LEAVING], S.EXPIRED),
        Transition("miss", [S.ACCEPTED, S.FORM_SUBMITTED, S.FORM_ACCEPTED], S.EXPIRED_QUOTE),
        Transition("cancel", [S.ACCEPTED, S.FORM_SUBMITTED, S.FORM_ACCEPTED], S.NOT_TAKEN),
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

FORM = Machine(
    [
        Transition("accept", [F.SUBMITTED], F.ACCEPTED),
        Transition("return", [F.SUBMITTED], F.RETURNED),
    ]
)

REFUND = Machine(
    [
        Transition("approve", [R.REQUESTED], R.APPROVED),
        Transition("reject", [R.REQUESTED], R.REJECTED),
        Transition("pay", [R.APPROVED], R.REFUNDED),
    ]
)
