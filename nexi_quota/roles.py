"""権限 of the exporter portal (nexi.md 2.2): each includes the ones before it; and the staff of its masters."""

from portal.accounts.roles import Role, register

_MASTERS = (
    "insuredparty",
    "country",
    "countrypolicy",
    "currency",
    "exchangerate",
    "ratingrule",
    "buyer",
    "buyerrating",
)
_RECORDS = ("quota", "quotalimit", "confirmation", "ledgerentry", "insurancecontract", "notice")
_PROPOSALS = ("limitproposal", "fileproposal")

register(
    Role("nexi.view", "照会", "nexi"),
    Role("nexi.input", "入力", "nexi", implies=("nexi.view",)),
    Role("nexi.apply", "申込", "nexi", implies=("nexi.input",)),
    Role("nexi.admin", "管理者", "nexi", implies=("nexi.apply",)),
    Role(
        "nexi.staff",
        "貿易保険 事務局",
        "nexi",
        permissions=(
            *(f"nexi_quota.{action}_{model}" for model in _MASTERS for action in ("view", "add", "change")),
            *(f"nexi_quota.view_{model}" for model in _RECORDS),
            *(f"nexi_quota.{action}_{model}" for model in _PROPOSALS for action in ("view", "add", "change")),
            "nexi_quota.change_quota",
            # Only by the import: their admin pages are for reading.
            "nexi_quota.add_insurancecontract",
            "nexi_quota.change_insurancecontract",
            "applications.view_application",
            "audit.view_event",
            "outbox.view_message",
            "outbox.change_message",
        ),
    ),
)
