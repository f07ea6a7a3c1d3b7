"""The lives of an item, a guarantee, a certificate version, a revision and a submission (esurety.md 8), as data."""

from esurety.enums import GuaranteeState as G
from esurety.enums import ItemState as S
from esurety.enums import RevisionState as R
from esurety.enums import SubmissionState as H
from esurety.enums import VersionState as V
from portal.common.states import Machine, Transition

ITEM = Machine(
    [
        Transition("receive", [S.APPLIED], S.REVIEW),
        Transition("check", [S.REVIEW], S.CHECKED),
        Transition("back", [S.CHECKED], S.REVIEW),
        Transition("approve", [S.CHECKED], S.FEE),
        Transition("conclude", [S.FEE], S.CONCLUDED),
        Transition("issue", [S.CONCLUDED], S.ISSUING),
        Transition("arrive", [S.ISSUING], S.ISSUED),
        Transition("return", [S.APPLIED, S.REVIEW, S.CHECKED], S.RETURNED),
        Transition("refuse", [S.REVIEW, S.CHECKED], S.REFUSED),
        Transition("withdraw", [S.APPLIED, S.REVIEW, S.CHECKED, S.FEE], S.WITHDRAWN),
    ]
)

GUARANTEE = Machine(
    [
        Transition("begin", [G.CONCLUDED], G.ACTIVE),
        Transition("claim", [G.ACTIVE], G.CLAIMED),
        Transition("drop_claim", [G.CLAIMED], G.ACTIVE),
        Transition("end", [G.ACTIVE, G.CLAIMED], G.ENDED),
        Transition("cancel", [G.CONCLUDED, G.ACTIVE], G.CANCELLED),
    ]
)

VERSION = Machine(
    [
        Transition("arrive", [V.PENDING], V.ISSUED),
        Transition("supersede", [V.ISSUED], V.SUPERSEDED),
        Transition("correct", [V.ISSUED], V.CORRECTED),
        Transition("withdraw", [V.ISSUED], V.WITHDRAWN),
        Transition("restore", [V.SUPERSEDED], V.ISSUED),
        Transition("cancel", [V.ISSUED], V.CANCELLED),
    ]
)

REVISION = Machine(
    [
        Transition("release", [R.PREPARED], R.RELEASED),
        Transition("refuse", [R.PREPARED], R.REFUSED),
    ]
)

SUBMISSION = Machine(
    [
        Transition("send", [H.OPEN, H.RETURNED], H.SENT),
        Transition("reopen", [H.SENT, H.RETURNED], H.OPEN),
        Transition("register", [H.OPEN, H.SENT, H.RETURNED], H.REGISTERED),
        Transition("accept", [H.REGISTERED], H.ACCEPTED),
        Transition("return", [H.REGISTERED], H.RETURNED),
    ]
)
"""提出 of a version by the contractor and its 登録 by the 発注者, whose row has the same states from 登録済 on."""
