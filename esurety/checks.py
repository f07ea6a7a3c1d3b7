"""System check of the files that sign 保証証書: a wrong one is found at start-up, not at the first issue."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from esurety.certificate import identity


@register()
def check_signing_files(**options: Any) -> list[CheckMessage]:
    """Read the files named in the settings; without any, nothing is made before it is needed."""
    if not settings.SIGNING_KEY_FILE:
        return []
    try:
        own = identity()
    except (OSError, ValueError, TypeError) as error:
        return [Error(f"the files of SIGNING_… cannot be read: {error}", id="esurety.E001")]
    if own.certificate.public_key() != own.key.public_key():
        return [Error("SIGNING_CERTIFICATE_FILE is not the certificate of SIGNING_KEY_FILE", id="esurety.E002")]
    return []
