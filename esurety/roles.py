"""Roles of contractors, procuring bodies and the surety company (esurety.md 1, 6.12)."""

from portal.accounts.roles import Role, register

_MASTERS = ("body", "acceptancerule", "submissionrule", "bankbranch", "office", "contractor")
_FEES = ("feetable", "feeband")
_FILES = ("request", "item", "guarantee", "certificate", "revision", "fee", "invoice", "registration")


def _may(*actions: str, on: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"esurety.{action}_{model}" for model in on for action in actions)


register(
    Role("surety.view", "閲覧者", "surety"),
    Role("surety.user", "申込者", "surety", implies=("surety.view",)),
    Role("surety.admin", "管理者", "surety", implies=("surety.user",)),
    Role("verify.view", "監査閲覧", "verify"),
    Role("verify.user", "契約担当", "verify", implies=("verify.view",)),
    Role("verify.admin", "発注者管理者", "verify", implies=("verify.user",)),
    Role(
        "surety.clerk",
        "保証会社 受付",
        "surety",
        permissions=(
            *_may("view", on=(*_FILES, *_FEES)),
            *_may("view", "add", "change", on=_MASTERS),
            *_may("change", on=("request", "item", "guarantee", "revision")),
            *_may("view", "change", on=("authkey",)),
        ),
    ),
    Role(
        "surety.reviewer",
        "保証会社 審査",
        "surety",
        permissions=(*_may("view", on=(*_FILES, *_FEES, *_MASTERS)), *_may("change", on=("item",))),
    ),
    Role(
        "surety.approver",
        "保証会社 決裁",
        "surety",
        permissions=(
            *_may("view", on=(*_FILES, *_FEES, *_MASTERS)),
            *_may("view", "add", "change", on=("surety",)),
            *_may("change", on=("item", "guarantee", "revision")),
            "audit.view_event",
            "outbox.view_message",
            "outbox.change_message",
        ),
    ),
    Role("surety.head", "保証会社 本店決裁", "surety", implies=("surety.approver",)),
    Role(
        "surety.fee",
        "保証会社 経理",
        "surety",
        permissions=(
            *_may("view", on=_FILES),
            *_may("change", on=("fee", "invoice")),
            *_may("view", "add", "change", on=_FEES),
        ),
    ),
)
