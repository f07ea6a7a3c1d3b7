"""Roles of the banks and of the association (guarantee_lookup.md 7.3)."""

from portal.accounts.roles import Role, register

_MASTERS = ("insurancecode", "capacitypool", "servicerules", "canary")
_BANKS = ("institution", "branch", "clerk", "announcement")
_RECORDS = ("lookup", "snapshot", "lookuplock", "termsacceptance")

register(
    Role("lookup.applicant", "利用開始申請者", "lookup"),
    Role("lookup.user", "照会者", "lookup"),
    Role("lookup.batch", "一括照会", "lookup"),
    Role("lookup.branch", "店舗管理者", "lookup", implies=("lookup.user",)),
    Role("lookup.master", "利用管理者", "lookup", implies=("lookup.branch", "lookup.batch")),
    Role(
        "lookup.auditor",
        "信用保証協会 監査",
        "lookup",
        permissions=(*(f"guarantee_lookup.view_{model}" for model in _RECORDS), "audit.view_event"),
    ),
    Role("lookup.desk", "信用保証協会 照会担当", "lookup", implies=("lookup.user",)),
    Role(
        "lookup.staff",
        "信用保証協会 管理者",
        "lookup",
        implies=("lookup.desk", "lookup.auditor"),
        permissions=(
            *(f"guarantee_lookup.{action}_{model}" for model in _MASTERS for action in ("view", "add", "change")),
            *(f"guarantee_lookup.{action}_{model}" for model in _BANKS for action in ("view", "add", "change")),
            *(
                f"guarantee_lookup.{action}_{model}"
                for model in ("snapshot", "lookuplock", "usageapplication")
                for action in ("view", "change")
            ),
            "outbox.view_message",
            "outbox.change_message",
        ),
    ),
)
