"""PAdES: sign a PDF as issued, and judge whether a file is one that we signed and nobody changed (esurety.md 11.4).

Importing this module takes a second; import it where a PDF is signed or checked.
"""

from functools import cache
from io import BytesIO

from asn1crypto import cms
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from esurety.certificate import ECDSA, Judgement, identity, judge_bundle

FIELD = "Certificate"
"""Name of the signature in the PDF."""

_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # the DER of the algorithm as we write it


class _KeptKeySigner(signers.SimpleSigner):
    """Signs with the loaded key: the library's own signer would parse it anew for every signature."""

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        return identity().key.sign(data, ECDSA)


@cache
def _signer() -> _KeptKeySigner:
    own = identity()
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple([_asn1(certificate) for certificate in own.trust])
    der = own.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return _KeptKeySigner(_asn1(own.certificate), asn1_keys.PrivateKeyInfo.load(der), store, embed_roots=False)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def sign_pdf(content: bytes) -> bytes:
    """Return the PDF with a certification signature (PAdES B-B) that allows no later change."""
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    out = signers.PdfSigner(metadata, _signer()).sign_pdf(IncrementalPdfFileWriter(BytesIO(content)))
    return bytes(out.getbuffer())


def judge(content: bytes) -> Judgement:
    """Check a downloaded certificate: a PDF, or a JSON file of `esurety.certificate.bundle`."""
    return judge_pdf(content) if content[:5] == b"%PDF-" else judge_bundle(content)


def judge_pdf(content: bytes) -> Judgement:
    """Check that `content` is a PDF that we signed and nobody changed; needs no database and no network."""
    try:
        embedded = PdfFileReader(BytesIO(content)).embedded_signatures
        if len(embedded) != 1:
            return Judgement("電子署名がありません。")
        trust = ValidationContext(
            trust_roots=[_asn1(root) for root in identity().trust],
            allow_fetching=False,
            revocation_mode="soft-fail",
        )
        status = validate_pdf_signature(embedded[0], trust)
        is_whole = _is_as_written(content, embedded[0])
    except Exception:
        # A changed byte can break the file at any depth of two parsers: whatever they raise means "not as issued".
        return Judgement("ファイルが壊れているか、改ざんされています。")
    if not status.intact:
        return Judgement("署名後に内容が変更されています。", status.signer_reported_dt)
    if not status.trusted:
        return Judgement("この保証会社の電子署名ではありません。", status.signer_reported_dt)
    if not is_whole:
        return Judgement("電子署名の部分が書き換えられています。", status.signer_reported_dt)
    if not status.bottom_line:
        return Judgement("署名後に追記されています。", status.signer_reported_dt)
    return Judgement(signed_at=status.signer_reported_dt)


def _is_as_written(content: bytes, embedded: EmbeddedPdfSignature) -> bool:
    """Check the one part that no signature covers, its own hexadecimal text: written as we write it, nothing hidden."""
    first, length, second, _ = (int(number) for number in embedded.byte_range)
    text = content[first + length : second]
    raw = bytes.fromhex(text[1:-1].decode("ascii"))
    info = cms.ContentInfo.load(raw)
    signed = info["content"]
    (signer,) = signed["signer_infos"]
    return (
        text == b"<" + raw.hex().upper().encode() + b">"
        and raw == info.dump().ljust(len(raw), b"\0")
        and info.contents == info["content_type"].dump() + signed.dump()  # else its length covers the padding, too
        and len(signed["certificates"]) == 1
        and not len(signed["crls"] or ())
        and not len(signer["unsigned_attrs"] or ())
        and signed["version"].dump() == signer["version"].dump() == b"\x02\x01\x01"
        and signed["digest_algorithms"].dump() == b"\x31\x0f" + _SHA256
        and signer["digest_algorithm"].dump() == _SHA256
    )
