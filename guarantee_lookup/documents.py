"""照会結果 as pages and papers show it: drawn from the frozen result and from nothing else; the 照会結果票 (S07)."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from guarantee_lookup.enums import Row
from guarantee_lookup.messages import BASIC_NOTES, MODELS_DIFFER, OVER, REDUCED, USAGE_NOTES
from guarantee_lookup.models import Lookup
from guarantee_lookup.rules.result import TOTAL, yen_or_dash
from guarantee_lookup.rules.settlements import NOT_DEFINED
from portal.common.eras import seireki
from portal.documents.kinds import Context, DocumentKind, register

SHEET_TITLE = "照会結果票"
SPOKEN = (Row.UNSECURED, Row.ORDINARY, Row.UNSECURED_SN)
"""The three figures that a clerk reads out on the phone (ux.md 5.6)."""


def shown(lookup: Lookup) -> dict[str, Any]:
    """Return what the blocks of the seed's screen say, as plain texts, with the record of the look-up."""
    result: Mapping[str, Any] = lookup.result or {}
    figures = result["figures"]
    settlements = [*result["settlements"], NOT_DEFINED, NOT_DEFINED]
    day = result["guaranteed_on"]
    at = timezone.localtime(lookup.at)
    return {
        "as_of": _day(result["as_of"]),
        "basic": [
            ("照会番号", result["number"]),
            ("直近決算・区分", settlements[0]),
            ("前期決算・区分", settlements[1]),
            ("直近保証日", _day(day) if day else NOT_DEFINED),
        ],
        "has_addition": result["has_addition"],
        "rows": [_row(figure) for figure in figures],
        "total": (TOTAL, yen_or_dash(result["total"]), NOT_DEFINED),
        "bars": [_bar(figure) for figure in figures if figure["free"] is not None],
        "usage_notes": _notes(result, figures),
        "basic_notes": [*BASIC_NOTES, *([MODELS_DIFFER] if result["models_differ"] else [])],
        "record": [
            ("照会受付番号", lookup.receipt),
            ("照会日時", f"{seireki(at.date())} {at:%H:%M}"),
            ("利用者", f"{lookup.user.login} {lookup.user.name}"),
            ("金融機関", asker(lookup)),
            ("店舗", str(lookup.branch) if lookup.branch else NOT_DEFINED),
            ("照会の根拠", lookup.get_basis_display()),
            ("スナップショットID", result["snapshot"]),
            ("SHA-256", lookup.sha256),
        ],
    }


def asker(lookup: Lookup) -> str:
    """Return who asked: the bank, or the association for its own work."""
    return str(lookup.organisation) if lookup.organisation else "信用保証協会"


def _day(iso: str) -> str:
    return iso.replace("-", "/")


def _row(figure: Mapping[str, Any]) -> dict[str, str]:
    marks = "※" * figure["is_reduced"] + "超" * figure["is_over"]
    return {
        "label": Row(figure["row"]).label,
        "balance": yen_or_dash(figure["balance"]),
        "free": yen_or_dash(figure["free"]),
        "coop": yen_or_dash(figure["coop_free"]),
        "marks": marks,
    }


def _bar(figure: Mapping[str, Any]) -> dict[str, Any]:
    row, free = Row(figure["row"]), figure["free"]
    text = yen_or_dash(free)
    return {
        "name": row.label,
        "label": f"{row.label}　空き枠 {text}円",
        "id": f"free-{row.value}",
        "amount": text,
        "is_spoken": row in SPOKEN,
        "parts": [("利用残高（円）", figure["balance"], "used"), ("空き枠（円）", max(free, 0), "free")],
        "total": max(figure["balance"] + max(free, 0), 1),
    }


def _notes(result: Mapping[str, Any], figures: list[Mapping[str, Any]]) -> list[str]:
    """Return N4 to N7 as the seed has them, before them the lines that explain a mark of this result."""
    own = [REDUCED] if any(figure["is_reduced"] for figure in figures) else []
    own += [OVER] if any(figure["is_over"] for figure in figures) else []
    return [*own, *USAGE_NOTES]


def sheet_context(lookup: Lookup) -> Context:
    """Return what 照会結果票 says; neither a whole number nor a name is in it."""
    said = shown(lookup)
    return {
        "title": SHEET_TITLE,
        "number": lookup.receipt,
        "number_label": "照会受付番号",
        "organisation": asker(lookup),
        "issued_at": dict(said["record"])["照会日時"],
        **said,
    }


SHEET = register(
    DocumentKind(
        "lookup-sheet",
        SHEET_TITLE,
        "documents/lookup_sheet.html",
        lambda context: f"{SHEET_TITLE}_{context['number']}.pdf",
    )
)
