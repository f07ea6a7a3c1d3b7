"""What a bank writes into 利用開始申請書: its branches and networks line by line, and the earliest day of use."""

import re
from datetime import date
from ipaddress import ip_network

from portal.common import text
from portal.common.calendar import next_business_day

LEAD_DAYS = 5
"""Business days between the application and the first day of use (guarantee_lookup.md 7.2)."""

MOST_NETWORKS = 10
MOST_BRANCHES = 300
LONGEST_NAME = 40
LINE = re.compile(r"([0-9]{3})[ ,、\t]+(\S.*)")


class Unreadable(ValueError):
    """A line that says nothing; the text says which and what to do, in Japanese."""


def earliest_start(today: date) -> date:
    """Return the first day that may be wished for: five business days after `today`."""
    day = today
    for _ in range(LEAD_DAYS):
        day = next_business_day(day)
    return day


def read_branches(typed: str) -> list[tuple[str, str]]:
    """Return 支店コード and 店舗名 of each line, in the order of the codes; raises Unreadable."""
    found: dict[str, str] = {}
    for place, line in enumerate(typed.splitlines(), start=1):
        if not line.strip():
            continue
        start = text.half(line[:3])
        match = LINE.fullmatch((start + line[3:].replace("　", " ")).strip())
        if match is None:
            raise Unreadable(f"{place}行目を読み取れませんでした。「101 本店営業部」のように入力してください。")
        code, name = match[1], match[2].strip()
        if len(name) > LONGEST_NAME:
            raise Unreadable(f"{place}行目の店舗名は{LONGEST_NAME}文字以内で入力してください。")
        if code in found:
            raise Unreadable(f"{place}行目の支店コード{code}は、上の行にもあります。どちらかを消してください。")
        found[code] = name
    if len(found) > MOST_BRANCHES:
        raise Unreadable(f"店舗は{MOST_BRANCHES}店までです（いま{len(found)}店です）。協会へお問い合わせください。")
    return sorted(found.items())


def read_networks(typed: str) -> list[str]:
    """Return the networks of the lines in CIDR notation, a single address as /32 or /128; raises Unreadable."""
    found: dict[str, None] = {}
    for place, line in enumerate(typed.splitlines(), start=1):
        if not (plain := text.code(line)):
            continue
        try:
            found[str(ip_network(plain))] = None
        except ValueError:
            raise Unreadable(
                f"{place}行目をIPアドレスとして読み取れませんでした。例：203.0.113.0/24、203.0.113.5"
            ) from None
    if len(found) > MOST_NETWORKS:
        raise Unreadable(f"接続元は{MOST_NETWORKS}件までです（いま{len(found)}件です）。")
    return list(found)
