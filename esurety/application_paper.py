"""保証申込の控え: the sent answers and what was shown of them, from the frozen version alone."""

from django.utils import timezone

from esurety.models import Request
from portal.applications.models import ApplicationVersion
from portal.common.eras import seireki
from portal.documents.kinds import Context, DocumentKind, register

TITLE = "保証申込の控え"

PAPER = register(
    DocumentKind(
        "surety-application",
        TITLE,
        "documents/base.html",
        lambda context: f"{TITLE}_{context['number']}.pdf",
    )
)


def context_of(request: Request, version: ApplicationVersion) -> Context:
    """Return what the 控え says."""
    sent = timezone.localtime(request.sent_at)
    decided = [*version.decision["facts"], ("送信者", version.actor.name), ("申込送信先", request.office.name)]
    sections = [
        {"heading": section["title"] or step["title"], "rows": [_row(item["label"], item["shown"]) for item in rows]}
        for step in version.answers
        for section in step["sections"]
        if (rows := section["items"])
    ]
    return {
        "title": TITLE,
        "number": request.number,
        "number_label": "受付番号",
        "organisation": request.organisation.name,
        "issued_at": f"{seireki(sent.date())} {sent:%H:%M}",
        "lead": "保証申込を、次の内容で受け付けました。",
        "sections": [{"heading": "申込みの概要", "rows": [_row(label, text) for label, text in decided]}, *sections],
        "notes": version.decision["warnings"],
    }


def _row(label: str, text: str) -> dict[str, str]:
    return {"label": label, "value": text}
