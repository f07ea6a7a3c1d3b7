"""The lives of a 個別保証枠確認, of a 保有契約 (nexi.md 6.2), of what waits for a second person, of a file; as data."""

from nexi_quota.enums import BatchState as B
from nexi_quota.enums import ConfirmationState as S
from nexi_quota.enums import ContractState as C
from nexi_quota.enums import ProposalState as P
from portal.common.states import Machine, Transition

CONFIRMATION = Machine(
    [
        Transition("attach", [S.VALID], S.INSURED),
        Transition("return", [S.VALID, S.INSURED], S.RETURNED),
        Transition("settle", [S.INSURED], S.SETTLED),
        Transition("expire", [S.VALID], S.EXPIRED),
        Transition("disable", [S.VALID], S.UNUSABLE),
        Transition("auto_release", [S.INSURED], S.AUTO_RELEASED),
        Transition("report_loss", [S.VALID, S.INSURED], S.LOSS),
    ]
)

CONTRACT = Machine(
    [
        Transition("settle", [C.OPEN], C.SETTLED),
        Transition("cancel", [C.OPEN], C.CANCELLED),
        Transition("auto_release", [C.OPEN], C.AUTO_RELEASED),
        Transition("report_loss", [C.OPEN], C.LOSS),
    ]
)

PROPOSAL = Machine(
    [
        Transition("approve", [P.OPEN], P.APPROVED),
        Transition("apply", [P.APPROVED], P.APPLIED),
        Transition("replace", [P.APPROVED], P.REPLACED),
        Transition("refuse", [P.OPEN], P.REFUSED),
        Transition("withdraw", [P.OPEN], P.WITHDRAWN),
    ]
)

BATCH = Machine(
    [
        Transition("queue", [B.READY], B.QUEUED),
        Transition("apply", [B.QUEUED], B.DONE),
        Transition("fail", [B.QUEUED], B.FAILED),
    ]
)
