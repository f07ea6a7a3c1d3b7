"""Roles of members, their 所属組合, the agent, the federation and the insurer (credit_insurance.md 2)."""

from portal.accounts.roles import Role, register

_CASES = ("case", "line", "questionnaire", "quote")
_MASTERS = ("masterpolicy", "creditclass", "calendarday", "union", "member")
_MONEY = ("invoice", "bankfile", "deposit", "refund")
_COVER = ("enrolmentform", "enrolment", "certificate")


def _may(*actions: str, on: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"credit_insurance.{action}_{model}" for model in on for action in actions)


register(
    Role("credit.view", "加入者・閲覧", "credit"),
    Role("credit.staff", "加入者・担当者", "credit", implies=("credit.view",)),
    Role("credit.approver", "加入者・責任者", "credit", implies=("credit.staff",)),
    Role("credit.union", "所属組合", "credit"),
    Role("credit.agent", "取扱代理店", "credit"),
    Role(
        "credit.fed",
        "団体事務局",
        "credit",
        permissions=(
            *_may("view", on=(*_CASES, *_MASTERS, *_MONEY, *_COVER)),
            *_may("add", "change", on=("union", "member", "bankfile", "deposit")),
            *_may("change", on=("enrolmentform", "invoice")),
        ),
    ),
    Role(
        "credit.fed_manager",
        "団体事務局・承認",
        "credit",
        implies=("credit.fed",),
        permissions=(*_may("add", "change", on=("calendarday",)), *_may("change", on=("refund",))),
    ),
    Role(
        "credit.uw",
        "引受担当",
        "credit",
        permissions=(
            *_may("view", on=(*_CASES, *_MASTERS, *_MONEY, *_COVER, "limitdecision", "consentpaper", "covereddebtor")),
            *_may("change", on=("case", "limitdecision", "enrolment")),
        ),
    ),
    Role(
        "credit.uw_manager",
        "引受責任者",
        "credit",
        implies=("credit.uw",),
        permissions=(
            *_may("add", "change", on=("masterpolicy", "creditclass", "consentpaper")),
            *_may("change", on=("quote",)),
        ),
    ),
    Role("credit.claim", "損害担当", "credit", permissions=_may("view", on=(*_CASES, *_COVER, "limitdecision"))),
    Role("credit.claim_manager", "損害責任者", "credit", implies=("credit.claim",)),
    Role(
        "credit.auditor",
        "監査",
        "credit",
        permissions=(
            *_may("view", on=(*_CASES, *_MASTERS, *_MONEY, *_COVER, "limitdecision", "covereddebtor")),
            "audit.view_event",
        ),
    ),
    Role("credit.calendar", "営業日の登録", "credit", permissions=_may("view", "add", "change", on=("calendarday",))),
)
