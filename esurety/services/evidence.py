"""検証 of a stored certificate: text, signature, chain and file, one answer for each (esurety.md 11.4)."""

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from esurety import certificate as signing
from esurety.models import Certificate
from portal import audit

if TYPE_CHECKING:
    from portal.accounts.models import User


class Step(NamedTuple):
    """One step of the check, in words; `problem` is empty when it holds."""

    title: str
    problem: str = ""


def verify(made: Certificate, actor: "User") -> list[Step]:
    """Check a version as it is stored, recorded with the result; a version on its way has no file yet."""
    found = [
        Step(
            "内容のSHA-256",
            "" if signing.sha256_of(made.payload) == made.payload_sha256 else "内容が書き換えられています。",
        ),
        Step(
            "内容の電子署名",
            "" if signing.is_signed(made.payload, made.signature, made.signer) else "電子署名が内容と一致しません。",
        ),
        Step("直前の証書とのつながり", "" if _follows(made) else "直前の証書のSHA-256と一致しません。"),
        *_file_steps(made),
    ]
    problems = [step.title for step in found if step.problem]
    audit.record(
        "verify.checked",
        actor=actor,
        organisation=made.guarantee.organisation,
        target=made.guarantee.number,
        outcome="failed" if problems else "ok",
        detail={"sequence": made.sequence, "problems": problems},
    )
    return found


def _follows(made: Certificate) -> bool:
    return made.previous_sha256 == (made.previous.payload_sha256 if made.previous else "")


def _file_steps(made: Certificate) -> list[Step]:
    if not made.file:
        return [Step("PDF", "発行処理中のため、PDFはまだありません。")]
    from esurety.pdfsign import judge  # a second of imports

    try:
        with made.file.open("rb") as file:
            content = file.read()
    except OSError:
        return [Step("PDFのSHA-256", "保管したPDFを読み取れません。")]
    is_same = hashlib.sha256(content).hexdigest() == made.sha256
    return [
        Step("PDFのSHA-256", "" if is_same else "保管したPDFが発行したものと異なります。"),
        Step("PDFの電子署名", judge(content).failed),
    ]
