"""検証 of a stored version: everything is computed anew, and the first step that fails is named (esurety.md 11.4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from esurety import certificate as evidence
from esurety.models import Certificate
from portal.documents import files


@dataclass(frozen=True)
class Step:
    """One step of the check in words, and whether it holds."""

    label: str
    is_good: bool


def examine(made: Certificate, versions: Iterable[Certificate]) -> list[Step]:
    """Check hash and signature of the contents, the chain of the versions before it, the hash of the stored PDF.

    `versions` are those of the guarantee, `made` among them.
    """
    return [
        Step("証書の内容のハッシュ値", evidence.sha256_of(made.payload) == made.payload_sha256),
        Step("証書の内容の電子署名", evidence.is_signed(made.payload, made.signature, made.signer)),
        Step("前の版とのつながり", _is_chained(made, {one.pk: one for one in versions})),
        Step("PDFのハッシュ値", files.digest(made.file.name or "") == made.sha256),
    ]


def _is_chained(made: Certificate, versions: dict[int, Certificate]) -> bool:
    one = made
    while one.previous_id:
        before = versions.get(one.previous_id)
        if before is None or one.previous_sha256 != evidence.sha256_of(before.payload):
            return False
        one = before
    return not one.previous_sha256
