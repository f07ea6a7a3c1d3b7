"""申請書: the 利用開始申請 as a paper, to be sealed before the submission or kept after it."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from portal.applications.models import Application, ApplicationVersion
from portal.common.eras import seireki
from portal.documents.kinds import Context, DocumentKind, register
from portal.ui.forms import NOTHING

TITLE = "利用開始申請書"
NUMBER_LABEL = "Web申込番号"
ASSOCIATION = "信用保証協会"
SEAL = "\u3000\n\u3000\n\u3000"
"""Room for a seal."""

NOTES = [
    "押印した申請書は、PDFにして申請に添付するか、協会の窓口へ提出してください（任意）。",
    "申請の内容は、利用管理者のメールにお送りする審査の結果により確定します。",
]


def paper_of_version(version: ApplicationVersion) -> Context:
    """Return what the paper of a submitted application says, from the frozen version alone."""
    at = timezone.localtime(version.created_at)
    agreed = [(label, text) for label, text in version.decision["facts"]]
    return _paper(
        version.application,
        f"{seireki(at.date())} {at:%H:%M}",
        "次のとおり、残高・区分照会システムの利用について申請しました。",
        [_section("申請", agreed), *_sections(version.answers)],
    )


def paper_of_draft(application: Application, answers: Iterable[Mapping[str, Any]]) -> Context:
    """Return what the paper of a draft says, marked as not submitted."""
    at = timezone.localtime(application.saved_at)
    return _paper(
        application,
        f"{seireki(at.date())} {at:%H:%M}",
        "次のとおり、残高・区分照会システムの利用について申請します。（この申請書は、まだ送信していません）",
        [*_sections(answers), _section("押印", [("金融機関印", SEAL)])],
    )


def _paper(application: Application, at: str, lead: str, sections: list[dict[str, Any]]) -> Context:
    return {
        "title": TITLE,
        "number": application.number,
        "number_label": NUMBER_LABEL,
        "organisation": ASSOCIATION,
        "issued_at": at,
        "lead": lead,
        "sections": sections,
        "notes": NOTES,
    }


def _sections(answers: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the answers section by section, without those in which nothing was answered."""
    return [
        _section(section["title"], [(item["label"], item["shown"]) for item in section["items"]])
        for step in answers
        for section in step["sections"]
        if any(item["shown"] != NOTHING for item in section["items"])
    ]


def _section(heading: str, rows: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {"heading": heading, "rows": [{"label": label, "value": value} for label, value in rows]}


PAPER = register(
    DocumentKind("lookup-usage", TITLE, "documents/base.html", lambda context: f"{TITLE}_{context['number']}.pdf")
)
