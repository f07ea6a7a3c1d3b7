"""What lets a reader check a paper against the server: a QR code and a verification code."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.documents.kinds import Context

SALT = "portal.documents.verification"
# 32 characters without 0, 1, I and O, which are mistaken for others on paper: 5 bits each.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 8


def qr_svg(text: str, title: str) -> SafeString:
    """Return the QR code of `text` as inline SVG (correction M, with quiet zone); `title` is its text alternative."""
    import segno

    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=4)]
    runs = (
        f"M{start} {y}h{end - start}v1h{start - end}z" for y, row in enumerate(rows) for start, end in dark_runs(row)
    )
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr" role="img" viewBox="0 0 {0} {0}">'
        '<title>{1}</title><path d="{2}"/></svg>',
        len(rows),
        title,
        "".join(runs),
    )


def dark_runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of dark modules."""
    for dark, run in groupby(range(len(row)), key=lambda x: bool(row[x])):
        if dark:
            places = list(run)
            yield places[0], places[-1] + 1


def verification_code(data: Context, key: str | None = None) -> str:
    """Return the 8 characters (40 bits of an HMAC) printed on a paper with these data; `key`: the secret key."""
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = salted_hmac(SALT, canonical, secret=key, algorithm="sha256").digest()
    number = int.from_bytes(digest[:5])
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))


def code_matches(code: str, data: Context) -> bool:
    """Whether `code` belongs to the data, under the present secret key or one of its fallbacks."""
    return any(
        constant_time_compare(verification_code(data, key), code)
        for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    )
