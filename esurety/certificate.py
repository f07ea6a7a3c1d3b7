"""Tamper evidence of a 保証証書: canonical text, its signature, and the signed PDF (esurety.md 11.4).

One private key (ECDSA P-256) signs both; its certificate stands behind an authority that verifiers trust. Without files
from outside, a test authority is made in DATA_DIR, and pages and papers say so (`is_test`).
"""

import base64
import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.utils import timezone

ECDSA = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True)
class Identity:
    """Who signs: the private key, its certificate, the authorities that verifiers trust, certificates used before."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    trust: tuple[x509.Certificate, ...]
    older: tuple[x509.Certificate, ...]
    is_test: bool

    @property
    def name(self) -> str:
        return name_of(self.certificate)


@dataclass(frozen=True)
class Judgement:
    """What the check of a file found; `failed` names the step, "" when everything holds."""

    failed: str = ""
    signed_at: datetime | None = None

    @property
    def is_good(self) -> bool:
        return not self.failed


def canonical(payload: Mapping[str, Any]) -> str:
    """Return the one text that stands for `payload`: sorted names, no spaces, UTF-8."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def name_of(certificate: x509.Certificate) -> str:
    """Return the first 16 hexadecimal digits of the certificate's hash: what `Certificate.signer` holds."""
    return certificate.fingerprint(hashes.SHA256()).hex()[:16]


def sign_text(text: str) -> str:
    """Return the detached signature of `text` (ECDSA P-256 with SHA-256, base64 of DER)."""
    return base64.b64encode(identity().key.sign(text.encode(), ECDSA)).decode()


def is_signed(text: str, signature: str, signer: str) -> bool:
    """Return True when the certificate called `signer` signed exactly `text`."""
    own = identity()
    for certificate in (own.certificate, *own.older):
        if name_of(certificate) == signer:
            key = certificate.public_key()
            if not isinstance(key, ec.EllipticCurvePublicKey):
                return False
            try:
                raw = base64.b64decode(signature, validate=True)
                key.verify(raw, text.encode(), ECDSA)
            except (InvalidSignature, ValueError):
                return False
            # The last character of base64 has bits that say nothing: only the spelling that we write is ours.
            return base64.b64encode(raw).decode() == signature
    return False


def bundle(payload: str, signature: str, signer: str) -> bytes:
    """Return a certificate as one JSON file: the signed text with its detached signature."""
    return json.dumps({"payload": payload, "signature": signature, "signer": signer}, ensure_ascii=False).encode()


def judge_bundle(content: bytes) -> Judgement:
    """Check a JSON file of `bundle`."""
    try:
        found = json.loads(content)
        payload, signature, signer = (str(found[name]) for name in ("payload", "signature", "signer"))
        is_whole = content == bundle(payload, signature, signer)
    except (ValueError, TypeError, KeyError, RecursionError):
        return Judgement("保証証書のファイルではありません。")
    if not is_whole:
        return Judgement("ファイルが書き換えられています。")
    if not is_signed(payload, signature, signer):
        return Judgement("電子署名が内容と一致しません。改ざんされているか、この保証会社の証書ではありません。")
    return Judgement()


@cache
def identity() -> Identity:
    """Return who signs, read once per process."""
    if settings.SIGNING_KEY_FILE:
        return _load(
            Path(settings.SIGNING_KEY_FILE),
            Path(settings.SIGNING_CERTIFICATE_FILE),
            Path(settings.SIGNING_TRUST_FILE),
            is_test=False,
        )
    folder = Path(settings.DATA_DIR) / "signing" / "test"
    if not folder.exists():
        _make_test_authority(folder)
    return _load(folder / "key.pem", folder / "certificate.pem", folder / "authority.pem", is_test=True)


def _load(key_file: Path, certificate_file: Path, trust_file: Path, *, is_test: bool) -> Identity:
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{key_file.name}: not a key on an elliptic curve")
    older = [
        certificate
        for name in settings.SIGNING_OLD_CERTIFICATE_FILES
        for certificate in x509.load_pem_x509_certificates(Path(name).read_bytes())
    ]
    (certificate, *_) = x509.load_pem_x509_certificates(certificate_file.read_bytes())
    trust = x509.load_pem_x509_certificates(trust_file.read_bytes())
    return Identity(key, certificate, tuple(trust), tuple(older), is_test)


def _make_test_authority(folder: Path) -> None:
    """Write a key, its certificate and a test authority to `folder`; of two processes at once the first one wins."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "電子保証 試験用認証局")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "電子保証 試験用署名者")])
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, is_authority=True)
    signer = _certificate(name, root_name, key.public_key(), root_key, is_authority=False)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        made = Path(place) / "test"
        made.mkdir(mode=0o700)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (made / "key.pem").write_bytes(private)
        (made / "certificate.pem").write_bytes(signer.public_bytes(serialization.Encoding.PEM))
        (made / "authority.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
        try:
            made.rename(folder)
        except OSError:
            if not folder.exists():
                raise


def _certificate(
    name: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    key: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = timezone.now()
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        # Tests and demonstrations set the clock; the test authority must hold for all of them.
        .not_valid_before(now - timedelta(days=3650))
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
