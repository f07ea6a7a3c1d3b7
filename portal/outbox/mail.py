"""Mail as a message: at least once, and a repeat has the same Message-ID."""

import hashlib
import re
import tempfile
from collections.abc import Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from portal.outbox.models import Message
from portal.outbox.relay import publish
from portal.outbox.topics import handler

TOPIC = "mail.send"


def send(key: str, to: str, subject: str, body: str) -> None:
    """Send a text to one recipient after the caller's commit; the same `key` is one mail for ever.

    ValueError for a line break in address or subject, and for an address with several recipients.
    """
    if any(c in text for text in (to, subject) for c in "\r\n"):
        raise ValueError("a line break in an address or a subject would begin a header")
    if "," in to or ";" in to or not parseaddr(to)[1]:
        raise ValueError("one mail has one recipient")
    publish(Message(TOPIC, key, {"to": to, "subject": subject, "body": body}))


def message_id(key: str) -> str:
    """Return the Message-ID that belongs to `key`, with the sender's domain."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{domain}>"


@handler(TOPIC)
def deliver(key: str, payload: dict[str, Any]) -> None:
    EmailMessage(
        payload["subject"], payload["body"], to=[payload["to"]], headers={"Message-ID": message_id(key)}
    ).send()


class EmlBackend(BaseEmailBackend):
    """Writes every mail to DATA_DIR/mail as `<message-id>.eml`: a repeat replaces itself, nobody sees half a file."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.DATA_DIR) / "mail"
        folder.mkdir(parents=True, exist_ok=True)
        for mail in email_messages:
            message = mail.message()
            name = re.sub(r"[^\w.@-]", "", message["Message-ID"], flags=re.ASCII).lstrip(".")
            with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
                file.write(message.as_bytes())
            Path(file.name).replace(folder / f"{name}.eml")
        return len(email_messages)
