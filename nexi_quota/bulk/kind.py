"""決済／枠戻通知（一括） as a procedure of the lists: where its pages are and what is told of a file."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from nexi_quota.models import NoticeBatch
from portal.applications.kinds import Kind, Link
from portal.common.money import money

if TYPE_CHECKING:
    from portal.accounts.models import User
    from portal.applications.models import Application


def page_of(application: "Application") -> str:
    """Return the address of the file's page: preview, progress, result."""
    return reverse("nexi:bulk-file", args=[application.number])


def facts_of(batch: NoticeBatch) -> list[tuple[str, str]]:
    """Return label and text of what a file holds: its form, its counts, its totals per currency."""
    shown = batch.summary
    first, payers = shown["payers"]
    return [
        ("ファイル", shown["name"]),
        ("形式", shown["form"]),
        ("通知の数", f"{batch.rows:,}件（{'、'.join(f'{kind} {count:,}件' for kind, count in shown['kinds'])}）"),
        *(
            (f"{kind}の合計（{currency}）", money(Decimal(total), currency))
            for kind, currency, total in shown["totals"]
        ),
        ("支払人", first if payers == 1 else f"{first} ほか{payers - 1}社"),
    ]


def described(batch: NoticeBatch) -> list[dict[str, Any]]:
    """Return a file in the shape of `ApplicationVersion.answers`."""
    pairs = [*facts_of(batch), ("取り込みの状況", batch.get_state_display())]
    pairs += [(place(problem), problem["message"]) for problem in batch.problems[:3]]
    items = [{"name": f"file-{at}", "label": label, "raw": [], "shown": text} for at, (label, text) in enumerate(pairs)]
    return [{"step": "file", "title": "取り込むファイル", "sections": [{"title": "取り込むファイル", "items": items}]}]


def place(problem: dict[str, Any]) -> str:
    """Return where a stored problem is: 「12行目・金額」."""
    line = f"{problem['line']}行目" if problem["line"] else "ファイル"
    return "・".join(part for part in (line, problem["column"]) if part)


def _describe(application: "Application", reader: "User") -> list[dict[str, Any]]:
    return described(NoticeBatch.objects.get(application=application))


def _documents(application: "Application") -> list[Link]:
    return [
        Link("取り込みの結果", page_of(application)),
        Link("取り込みの結果（CSV）", f"{page_of(application)}?format=csv"),
    ]


# Registered by the application, after the wizards: the lists offer the first procedure as a new one.
KIND = Kind(
    slug="notice-batch",
    title="決済／枠戻通知（一括）",
    portal="nexi",
    edit_role="nexi.input",
    new_url=lambda: reverse("nexi:bulk"),
    resume_url=page_of,
    describe=_describe,
    documents=_documents,
)
