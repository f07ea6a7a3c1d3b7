"""保証契約一覧, 保証工事一覧 and 電子保証履歴一覧 (ux.md 5.7, both seeds)."""

import codecs
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from esurety.enums import GuaranteeState, KeyState, Medium, SubmissionState, VersionState
from esurety.forms.guarantees import GuaranteeSearchForm, WorksSearchForm
from esurety.models import Certificate, Guarantee
from esurety.selectors import guarantees as selectors
from esurety.selectors.guarantees import ratio_of, said, submission_of
from portal import audit
from portal.common.http import HttpRequest
from portal.common.money import yen
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use
from portal.ui.templatetags.ui import form_body

HOME = "電子保証ポータル"
TITLE = "保証契約一覧"
WORKS = "保証工事一覧"
TABS = (("requests", "保証申込"), ("keys", "電子保証（認証キー）"), ("bonds", "契約保証予約（入札ボンド）"))

CHIPS = {
    SubmissionState.OPEN: "waiting",
    SubmissionState.SENT: "draft",
    SubmissionState.REGISTERED: "draft",
    SubmissionState.ACCEPTED: "done",
    SubmissionState.RETURNED: "stop",
}


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """Return the way from the first page to a page below 保証契約一覧."""
    return [(HOME, reverse("surety:home")), (TITLE, reverse("surety:guarantees")), *more]


def moment(at: Any) -> str:
    return f"{timezone.localtime(at):%Y/%m/%d %H:%M}" if at else ""


# --- What lists say -----------------------------------------------------------------


def handed_in(made: Certificate | None) -> str:
    """Return 提出状況 of a version in words, "" for a 証書(紙)."""
    found = submission_of(made) if made else None
    return found.get_state_display() if found else ""


def chip(made: Certificate | None) -> SafeString | str:
    """Return 提出状況 of a version as a chip."""
    found = submission_of(made) if made else None
    if found is None or made is None:
        return ""
    if made.state != VersionState.ISSUED:
        return format_html('<span class="chip">{}</span>', made.get_state_display())
    kind = CHIPS[SubmissionState(found.state)]
    return format_html('<span class="chip chip--{}">{}</span>', kind, found.get_state_display())


def state_of(guarantee: Guarantee, today: date) -> str:
    """Return the state in words: a guarantee past its 保証期限 is still in force, and says so."""
    shown: str = guarantee.get_state_display()
    return f"{shown}（期限経過）" if guarantee.state == GuaranteeState.ACTIVE and guarantee.due_on < today else shown


def _url(guarantee: Guarantee) -> str:
    return reverse("surety:guarantee", args=[guarantee])


def _work_cell(guarantee: Guarantee) -> SafeString:
    return format_html("{}<br>{}", guarantee.body.addressee, guarantee.work)


def _detail_cell(guarantee: Guarantee) -> SafeString:
    hidden = format_html('<span class="visually-hidden">（{}）</span>', guarantee)
    return format_html('<a class="button button--small" href="{}">詳細{}</a>', _url(guarantee), hidden)


_FIRST = [
    Column("place", "No.", lambda row: f"{row.place}", is_number=True),
    Column("product", "保証種類", lambda row: row.get_product_display().removesuffix("金保証"), "product"),
    Column("number", "保証契約番号", str, "number", _url),
    Column("work", "発注者名・工事名", lambda row: f"{row.body.addressee} {row.work}", "work", cell=_work_cell),
    Column("price", "請負金額", lambda row: yen(row.price), "price", is_number=True),
]
_DETAIL = Column("detail", "詳細", lambda row: "", cell=_detail_cell)
_CONCLUDED = Column("concluded", "締結日", lambda row: f"{row.concluded_on:%Y/%m/%d}", "concluded_on")
COLUMNS = {
    "requests": [
        *_FIRST,
        _CONCLUDED,
        Column("medium", "保証証書の形式", lambda row: row.get_medium_display(), "medium"),
        Column("state", "状態", lambda row: state_of(row, timezone.localdate())),
        _DETAIL,
    ],
    "keys": [
        *_FIRST,
        _CONCLUDED,
        Column("handed", "提出状況", lambda row: handed_in(row.current), cell=lambda row: chip(row.current)),
        _DETAIL,
    ],
}


def _of(name: str) -> Callable[[Guarantee], str]:
    """Return how a column reads a line of the certificate in force."""
    return lambda row: str(said(row.current)[name] or "") if row.current else ""


DOWNLOAD = [
    Column("number", "保証契約番号", str, "number"),
    Column("product", "保証種類", lambda row: row.get_product_display(), "product"),
    Column("target", "対象", lambda row: row.current.target if row.current else ""),
    Column("arrived", "発行日時", lambda row: moment(row.current.arrived_at) if row.current else ""),
    Column("body", "発注者", lambda row: row.body.name),
    Column("work_number", "工事番号", _of("work_number")),
    Column("work", "工事名", lambda row: row.work, "work"),
    Column("jv", "JV名", _of("jv_name")),
    Column("price", "請負金額", lambda row: f"{row.price}", "price"),
    Column("base", "今年度対象額", _of("base_amount")),
    Column("amount", "保証金額", lambda row: f"{row.amount}"),
    Column("ratio", "割合", lambda row: ratio_of(row.current) if row.current else ""),
    Column("due", "保証期限", lambda row: f"{row.due_on}"),
    Column("starts", "工期自", _of("starts_on")),
    Column("ends", "工期至", _of("ends_on")),
    Column("contract", "請負契約日", _of("contract_on")),
    Column("bank", "預託金融機関", _of("bank")),
    Column("fee", "保証料", lambda row: "" if row.fee_total is None else f"{row.fee_total}"),
    Column("state", "状態", lambda row: state_of(row, timezone.localdate())),
    Column("handed", "提出状況", lambda row: handed_in(row.current)),
    Column("concluded", "締結日", lambda row: f"{row.concluded_on}", "concluded_on"),
]
"""保証契約情報ダウンロード (esurety.md 14); a key is never in it."""


def _parties(request: HttpRequest) -> list[tuple[str, str]]:
    name = request.user.organisation.name if request.user.organisation else ""
    return [("", "すべて"), ("single", f"{name}（単体）"), ("jv", f"{name}を代表者とするJV")]


def guarantee_list(request: HttpRequest) -> HttpResponseBase:
    """保証契約一覧 with its three tabs; the CSV is that of 保証契約情報ダウンロード."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in dict(TABS) else TABS[0][0]
    form = GuaranteeSearchForm(request.GET)
    form.offer("party", _parties(request))
    is_valid = form.is_valid()
    rows = selectors.listed(request.user, form.cleaned_data if is_valid else {}, electronic=tab == "keys")
    if request.GET.get("format") == "csv" and is_valid and tab != "bonds":
        return _download(request, rows)
    context = {
        "page_title": TITLE,
        "crumbs": [*crumbs()[:1], (TITLE, "")],
        "wide": True,
        "form": form,
        "filter_body": format_html('{}<input type="hidden" name="tab" value="{}">', form_body(form), tab),
        "problems": [] if is_valid else form.problems(),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": f"{request.path}?tab={tab}",
        "tab": tab,
        "tabs": TABS,
        "listing": None,
    }
    if tab != "bonds":
        listing = ListPage(request, rows, COLUMNS[tab], order="-concluded", caption=dict(TABS)[tab])
        for place, row in enumerate(listing.page, listing.page.start_index()):
            row.place = place
        context["listing"] = listing
    return render(request, "esurety/guarantees.html", context, status=200 if is_valid else 422)


def _download(request: HttpRequest, rows: Any) -> StreamingHttpResponse:
    """Answer with the CSV in UTF-8 or, with `encoding=cp932`, for programs that cannot read it."""
    answer = csv_response(request, "guarantees.csv", selectors.with_fees(rows), DOWNLOAD, order="-concluded")
    audit.record("surety.list_csv", actor=request.user, organisation=request.user.organisation)
    if request.GET.get("encoding") == "cp932":
        lines, name = _as_cp932(answer.streaming_content), answer["Content-Disposition"]
        return StreamingHttpResponse(
            lines, content_type="text/csv; charset=Shift_JIS", headers={"Content-Disposition": name}
        )
    return answer


codecs.register_error("geta", lambda error: ("〓", getattr(error, "end", 0)))


def _as_cp932(lines: Any) -> Iterator[bytes]:
    """Yield the lines in CP932; a character that it lacks becomes 〓, as printers do, never another one."""
    for line in lines:
        yield line.decode().removeprefix("\ufeff").encode("cp932", "geta")


# --- West: 保証工事一覧 ---------------------------------------------------------------


def _base_cell(made: Certificate) -> SafeString:
    contents = said(made)
    base = contents["base_amount"]
    return format_html("{}<br>{}", yen(contents["price"]), yen(base) if base else "―")


def _version_url(name: str) -> Callable[[Certificate], str]:
    return lambda made: reverse(f"surety:{name}", args=[made.guarantee, made.sequence])


def _key_cell(made: Certificate) -> SafeString:
    hidden = format_html('<span class="visually-hidden">（{}）</span>', made)
    return format_html('<a class="button button--small" href="{}">表示{}</a>', _version_url("key")(made), hidden)


WORKS_COLUMNS = [
    Column("arrived", "電子発行日", lambda made: f"{timezone.localtime(made.arrived_at):%Y/%m/%d}", "arrived_at"),
    Column(
        "number", "保証契約番号", lambda made: str(made.guarantee), "guarantee__number", _version_url("certificate")
    ),
    Column("product", "区分", lambda made: made.guarantee.get_product_display().removesuffix("金保証")),
    Column("target", "変更", lambda made: made.label),
    Column("body", "発注者名", lambda made: said(made)["addressee"]),
    Column("work", "工事名", lambda made: said(made)["work"]),
    Column(
        "price", "請負金額（総額）／（対象額）", lambda made: yen(said(made)["price"]), cell=_base_cell, is_number=True
    ),
    Column("amount", "保証金額", lambda made: yen(said(made)["amount"]), is_number=True),
    Column("ratio", "保証割合", ratio_of, is_number=True),
    Column("key", "認証キー", lambda made: "", cell=_key_cell),
]


def works(request: HttpRequest) -> HttpResponse:
    """保証工事一覧: the same data as the keys' tab of 保証契約一覧, a row for each version with its own key."""
    form = WorksSearchForm(request.GET)
    is_valid = form.is_valid()
    rows = selectors.works(request.user, form.cleaned_data if is_valid else {})
    context = {
        "page_title": WORKS,
        "crumbs": [*crumbs()[:1], (WORKS, "")],
        "wide": True,
        "form": form,
        "problems": [] if is_valid else form.problems(),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": request.path,
        "listing": ListPage(request, rows, WORKS_COLUMNS, order="-arrived", caption=WORKS),
    }
    return render(request, "esurety/works.html", context, status=200 if is_valid else 422)


# --- 電子保証履歴一覧 -----------------------------------------------------------------


def guarantee(request: HttpRequest, number: str) -> HttpResponse:
    """One guarantee: its newest facts, its key (hidden), its versions, and the one step that comes next."""
    found = selectors.own_guarantee(request.user, number)
    versions = selectors.history(found)
    for made in versions:
        made.guarantee = found
    newest = versions[0] if versions else None
    is_electronic = found.medium == Medium.ELECTRONIC
    in_force = newest if newest and newest.state == VersionState.ISSUED else None
    context = {
        "page_title": "電子保証履歴一覧" if is_electronic else "保証契約の内容",
        "crumbs": crumbs((str(found), "")),
        "guarantee": found,
        "is_electronic": is_electronic,
        "state": state_of(found, timezone.localdate()),
        "newest": newest,
        "facts_title": f"{'電子保証' if is_electronic else '保証契約の'}概要（{found.get_product_display()}）",
        "rows": _facts(newest) if newest else [],
        "versions": [(made, moment(made.arrived_at)) for made in reversed(versions)],
        "events": [_event(made) for made in versions],
        "key": selectors.key_of(newest) if newest else None,
        "tasks": _tasks(in_force) if in_force and is_electronic else [],
        "submission": submission_of(newest) if newest else None,
        "may_see_key": request.user.has_role("surety.user"),
    }
    return render(request, "esurety/guarantee.html", context)


def _facts(made: Certificate) -> list[dict[str, str]]:
    """Return 電子保証概要 in the order of the seed."""
    contents = said(made)
    pairs = [
        ("保証契約番号", contents["number"]),
        ("請負契約者", f"{contents['contractor']['name']} 様"),
        ("JV名", contents["jv_name"]),
        ("工事名", contents["work"]),
        ("発注者名", contents["addressee"]),
        ("請負金額", yen(contents["price"])),
        ("保証金額", yen(contents["amount"])),
        ("商品名", made.guarantee.get_product_display()),
        ("預託金融機関", contents["bank"]),
        ("保証期限", f"{made.guarantee.due_on:%Y/%m/%d}"),
    ]
    return [{"label": label, "shown": shown or "なし"} for label, shown in pairs]


def _event(made: Certificate) -> dict[str, str]:
    """Return a version as the timeline shows it: whether it is in force, what its key opens, whether it was given."""
    key, row = selectors.key_of(made), submission_of(made)
    states = [made.get_state_display() if made.state != VersionState.ISSUED else "現在有効な証書です"]
    if key and made.state != VersionState.ISSUED:
        states.append("認証キー：旧版（最新の証書は開けません）")
    elif key:
        states.append(f"認証キー：{KeyState(key.state).label}")
    # Nobody has to hand in what is no longer in force.
    if row and (made.state == VersionState.ISSUED or row.state != SubmissionState.OPEN):
        states.append(f"提出状況：{row.get_state_display()}")
    iso = timezone.localtime(made.arrived_at).isoformat(timespec="seconds")
    return {"at": moment(made.arrived_at), "iso": iso, "title": made.target, "text": "／".join(states)}


def _tasks(made: Certificate) -> list[dict[str, Any]]:
    """Return the three steps to the 発注者, one of which is next."""
    row = submission_of(made)
    is_given = row is not None and row.state not in (SubmissionState.OPEN, SubmissionState.RETURNED)
    steps = [
        ("証書の内容を確認する", "certificate", bool(row and row.seen_at)),
        ("認証キーのお知らせを取得する", "key", bool(row and row.sheet_at)),
        ("発注者に提出する", "submit", False),
    ]
    is_done = [is_given or done for _, _, done in steps]
    current = is_done.index(False) if False in is_done else len(steps)
    return [
        {"title": title, "url": _version_url(name)(made), "is_done": done, "is_next": place == current}
        for place, ((title, name, _), done) in enumerate(zip(steps, is_done, strict=True))
    ]
