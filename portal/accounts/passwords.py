"""What a password must be: long enough, not a listed one, not made of words that anybody would try first.

No rule on kinds of characters and no forced change (security.md 6.2).
"""

import re
from functools import lru_cache

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from portal.accounts import totp
from portal.accounts.models import User
from portal.ui import portals

LONG, WITH_SECOND_FACTOR, MOST = 15, 12, 1024
# Words of this service, in the spellings people would use.
OWN_WORDS = (
    "hoken", "hosho", "hoshou", "boueki", "denshi", "yushutsu", "portal", "bank",
    "insurance", "guarantee", "welcome", "password", "passphrase", "secret", "demo", "admin", "login", "user", "test",
    "保険", "保証", "貿易", "輸出", "銀行", "電子", "手続", "管理", "ログイン", "パスワード", "ほけん", "ほしょう",
)  # fmt: skip
MOST_LISTED_WORDS = 2
_FILLER = re.compile(r"[\W_]+|\d+|(.)\1+")
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedcrfvtgbyhnujmikolp")
_RUNS = frozenset(
    row[start:end]
    for one_way in _ROWS
    for row in (one_way, one_way[::-1])
    for start in range(len(row))
    for end in range(start + 3, len(row) + 1)
)


@lru_cache(maxsize=1)
def listed() -> frozenset[str]:
    """Django's list of common passwords; entries under four letters would make any password look listed."""
    return frozenset(word for word in CommonPasswordValidator().passwords if len(word) >= 4 and not word.isdigit())


def own_words(user: User | None) -> set[str]:
    """Words that belong to this user, his organisation and this service."""
    texts = [*OWN_WORDS, *(portal.name for portal in portals.active()), *(portal.key for portal in portals.active())]
    if user is not None:
        texts += [user.login, user.name, user.kana, user.email]
        if user.organisation is not None:
            texts += [user.organisation.name, user.organisation.name_en, user.organisation.code]
    words = {part.lower() for text in texts for part in [text, *re.split(r"[\W_]+", text)]}
    return {word for word in words if len(word) >= (4 if word.isascii() else 2)}


def is_guessable(password: str, user: User | None) -> bool:
    """True when `password` is nothing but own words, digits, signs, runs of keys and at most two listed words."""
    text = password.lower()
    free, known = own_words(user) | _RUNS, listed()
    longest = max(len(word) for word in free | known)
    # reached[i]: the fewest different listed words that explain text[:i].
    reached: dict[int, frozenset[str]] = {0: frozenset()}
    for start in range(len(text)):
        if (used := reached.get(start)) is None:
            continue
        steps = [(filler.end(), used)] if (filler := _FILLER.match(text, start)) else []
        for end in range(start + 2, min(start + longest, len(text)) + 1):
            piece = text[start:end]
            if piece in free:
                steps.append((end, used))
            elif piece in known:
                steps.append((end, used | {piece}))
        for end, words in steps:
            if len(words) <= MOST_LISTED_WORDS and (end not in reached or len(words) < len(reached[end])):
                reached[end] = words
    return len(text) in reached


def shortest(user: User | None) -> int:
    """12 characters where a second factor is asked for, else 15."""
    second = settings.REQUIRE_SECOND_FACTOR or (user is not None and user.pk and totp.factor_of(user) is not None)
    return WITH_SECOND_FACTOR if second else LONG


class PasswordPolicy:
    """The rules in the shape of AUTH_PASSWORD_VALIDATORS, which the commands of Django ask."""

    def validate(self, password: str, user: User | None = None) -> None:
        least = shortest(user)
        if len(password) < least:
            raise ValidationError(f"パスワードは{least}文字以上にしてください（いま{len(password)}文字です）。")
        if len(password) > MOST:
            raise ValidationError(f"パスワードは{MOST}文字までにしてください。")
        if is_guessable(password, user):
            raise ValidationError(
                "このパスワードは推測されやすいため使えません。ユーザーID・会社名・よく使われる語や数字の並びだけにせず、"
                "関係のない語をいくつか組み合わせてください。"
            )

    def get_help_text(self) -> str:
        return f"{LONG}文字以上（追加認証を使う場合は{WITH_SECOND_FACTOR}文字以上）。"
