"""Mails of the bank portal: one form, no links, nothing of a customer; the same key is one mail for ever."""

from dataclasses import dataclass
from typing import Protocol

from portal.outbox import mail

SIGNATURE = "\n\nこのメールにはリンクを記載していません。いつもお使いのアドレスから画面を開いてください。\n"


class Addressee(Protocol):
    """Who is written to: a user, or somebody named in an application."""

    @property
    def name(self) -> str: ...

    @property
    def email(self) -> str: ...


@dataclass(frozen=True)
class Letter:
    """One mail: `key` names the occasion and the person."""

    key: str
    to: Addressee
    subject: str
    words: str


def send(letter: Letter) -> bool:
    """Send the letter after the caller's commit; False for a person without an address."""
    if not letter.to.email:
        return False
    body = f"{letter.to.name} 様\n\n{letter.words}{SIGNATURE}"
    mail.send(letter.key, letter.to.email, f"【残高・区分照会システム】{letter.subject}", body)
    return True
