"""The life of a 個別保証枠確認 as data (nexi.md 6.2)."""

from nexi_quota.enums import ConfirmationState as S
from portal.common.states import Machine, Transition

CONFIRMATION = Machine(
    [
        Transition("expire", [S.VALID], S.EXPIRED),
        Transition("disable", [S.VALID], S.UNUSABLE),
    ]
)
