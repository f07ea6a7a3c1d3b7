"""Template tags and filters: fields, amounts, dates, and small drawings that need no script."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from html import escape
from zoneinfo import ZoneInfo

from django import template
from django.utils.safestring import SafeString

from portal.common import eras, money
from portal.ui import render
from portal.ui.forms import Form, FormSet

register = template.Library()

TOKYO = ZoneInfo("Asia/Tokyo")
INK = "#1a1a1a"
GROUND = "#ffffff"


# --- Forms -------------------------------------------------------------------


@register.simple_tag
def form_body(form: Form | FormSet) -> SafeString:
    """Draw all fields of a form, or all rows of a form set."""
    return render.render_formset(form) if isinstance(form, FormSet) else render.render_form(form)


@register.simple_tag
def field(form: Form, name: str) -> SafeString:
    """Draw one field of a form."""
    return render.render_field(form, name)


# --- Amounts and times; a missing value is an empty text ------------------------


@register.filter
def yen(amount: Decimal | int | None) -> str:
    """58646000 → 58,646,000円."""
    return "" if amount is None or amount == "" else money.yen(amount)


@register.filter
def grouped(amount: Decimal | int | None, decimals: int = 0) -> str:
    """58646000 → 58,646,000."""
    return "" if amount is None or amount == "" else money.group(amount, decimals)


@register.filter
def seireki(day: datetime.date | None) -> str:
    """2026-11-20 → 2026年11月20日."""
    return eras.seireki(_day(day)) if day else ""


@register.filter
def wareki(day: datetime.date | None) -> str:
    """2026-11-20 → 令和8年11月20日."""
    return eras.wareki(_day(day)) if day else ""


@register.filter
def jst(moment: datetime.datetime | None) -> str:
    """A moment in Tokyo: 2026年11月20日 10:45."""
    if not moment:
        return ""
    local = moment.astimezone(TOKYO)
    return f"{eras.seireki(local.date())} {local:%H:%M}"


def _day(day: datetime.date) -> datetime.date:
    """A moment belongs to its day in Tokyo, not to that of the stored UTC time."""
    return day.astimezone(TOKYO).date() if isinstance(day, datetime.datetime) else day


# --- Drawings ------------------------------------------------------------------


def _drawing(label: str, width: int, height: int, body: Sequence[str]) -> SafeString:
    return SafeString(
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" font-size="15" fill="{INK}">{"".join(body)}</svg>'
    )


def _text(x: float, y: float, content: str, anchor: str = "start", weight: str = "400") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-weight="{weight}">{escape(content)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, width: float = 1) -> str:
    return f'<path d="M{x1:g} {y1:g}L{x2:g} {y2:g}" stroke="{INK}" stroke-width="{width:g}" fill="none"/>'


def _hatched(x: float, y: float, width: float, height: float, step: int) -> str:
    """Return slanted lines inside a rectangle; drawn one by one, as a pattern would need an id on the page."""
    lines = []
    for offset in range(step, int(width + height), step):
        left, right = max(0.0, offset - height), min(float(offset), width)
        lines.append(f"M{x + left:g} {y + offset - left:g}L{x + right:g} {y + offset - right:g}")
    return f'<path d="{"".join(lines)}" stroke="{INK}" stroke-width="1" fill="none"/>' if lines else ""


def _border(x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="none" stroke="{INK}" stroke-width="2"/>'
    )


def _anchor(x: float, left: float, length: float) -> str:
    """Return the text anchor that keeps a text at `x` inside the drawing."""
    return "start" if x < left + length / 3 else "end" if x > left + length * 2 / 3 else "middle"


def _filled(kind: str, x: float, y: float, width: float, height: float) -> str:
    """Return one part of a bar: used solid, planned hatched, pending finely hatched, anything else white."""
    # The style sheet gives the class the portal's colour; without it the part is dark.
    fill = f'class="fill-main" fill="{INK}"' if kind == "used" else f'fill="{GROUND}"'
    box = f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" {fill} stroke="{INK}"/>'
    steps = {"planned": 12, "pending": 6}
    return box + (_hatched(x, y, width, height, steps[kind]) if kind in steps and width > 0 else "")


@register.simple_tag
def svg_bar(
    label: str,
    parts: Sequence[tuple[str, Decimal | int, str]],
    total: Decimal | int = 0,
    mark: Decimal | int | None = None,
    mark_label: str = "",
) -> SafeString:
    """Draw one bar of `parts` (label, amount, kind: used | planned | pending | free) on a scale that ends at `total`.

    `mark` is a stroke across the bar, for example the amount applied for. Figures stand below, outside the bar, with
    cents as soon as one of them has some.
    """
    left, top, length, height = 10, 34, 620, 30
    drawn = sum(max(float(amount), 0.0) for _, amount, _ in parts)
    scale = max(float(total), drawn, float(mark or 0))
    per = length / scale if scale else 0.0
    body = [_filled("free", left, top, length, height)]
    x = float(left)
    for _, amount, kind in parts:
        width = max(float(amount), 0.0) * per
        body.append(_filled(kind, x, top, width, height))
        x += width
    body.append(_border(left, top, length, height))
    if mark is not None:
        at = left + max(float(mark), 0.0) * per
        words = _text(at, top - 14, f"▼ {mark_label}".strip(), _anchor(at, left, length), "700")
        body += [_line(at, top - 8, at, top + height + 8, 3), words]
    y = top + height + 32
    decimals = 0 if all(amount == int(amount) for _, amount, _ in parts) else 2
    for name, amount, kind in parts:
        body += [_filled(kind, left, y - 13, 16, 16), _text(left + 26, y, name)]
        body.append(_text(left + length, y, money.group(amount, decimals), "end", "700"))
        y += 26
    return _drawing(label, length + 2 * left, y - 10, body)


@register.simple_tag
def svg_share(label: str, part: Decimal | int, whole: Decimal | int) -> SafeString:
    """Draw the small bar of one row of a list: `part` of `whole` is dark. The figures stand beside it in words."""
    left, length, height = 1, 120, 12
    share = min(max(float(part) / float(whole), 0.0), 1.0) if whole else 0.0
    body = [_filled("free", left, left, length, height)]
    if share:
        body.append(_filled("used", left, left, length * share, height))
    return _drawing(label, length + 2 * left, height + 2 * left, [*body, _border(left, left, length, height)])


@register.simple_tag
def svg_steps(label: str, steps: Sequence[str], current: int) -> SafeString:
    """Draw `steps` from top to bottom; those before `current` (from 1) are done, later ones open."""
    body = []
    for place, step in enumerate(steps, start=1):
        y = 24 + (place - 1) * 44
        if place < len(steps):
            body.append(_line(24, y + 13, 24, y + 31, 2 if place < current else 1))
        done = place < current
        body.append(
            f'<circle cx="24" cy="{y}" r="13" fill="{INK if done else GROUND}" stroke="{INK}"'
            f' stroke-width="{4 if place == current else 2}"/>'
        )
        colour, sign = (GROUND, "✓") if done else (INK, str(place))
        body.append(f'<text x="24" y="{y + 5}" text-anchor="middle" fill="{colour}">{sign}</text>')
        state = "済み" if done else "いまここ" if place == current else "まだ"
        body.append(_text(50, y + 5, f"{step}（{state}）", weight="700" if place == current else "400"))
    return _drawing(label, 640, 44 * len(steps) + 4, body)


@register.simple_tag
def svg_validity(start: datetime.date, today: datetime.date, end: datetime.date) -> SafeString:
    """Draw the days from `start` to `end` with a mark for `today`; the days that are left are said in words."""
    left, top, length = 10, 52, 620
    days = (end - today).days
    span = max((end - start).days, 1)
    at = left + length * min(max((today - start).days / span, 0.0), 1.0)
    words = f"あと{days}日" if days > 0 else "今日まで" if days == 0 else f"{-days}日前に期限が過ぎました"
    label = f"有効期限は{eras.seireki(end)}です（{words}）。"
    body = [
        _filled("free", left, top, length, 20),
        _filled("used", left, top, at - left, 20),
        _border(left, top, length, 20),
        _line(at, top - 10, at, top + 30, 3),
        _text(at, top - 18, f"今日 {eras.seireki(today)}　{words}", _anchor(at, left, length), "700"),
        _text(left, top + 46, f"確認日 {eras.seireki(start)}"),
        _text(left + length, top + 46, f"有効期限 {eras.seireki(end)}", "end", "700"),
    ]
    return _drawing(label, length + 2 * left, top + 60, body)
