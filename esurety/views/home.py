"""ようこそ、電子保証へ."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from esurety.selectors.recommendations import recommendations
from esurety.selectors.requests import drafts, not_handed_in
from esurety.wizards import APPLICATION
from portal.common.http import HttpRequest

MOST = 5
"""Rows of one box; the pages behind show the rest."""

GROUPS = (
    (
        "作成する",
        (
            (
                "保証申込 (前払・中間・契約)",
                "surety:application-new",
                "前払金保証・中間前払金保証・契約保証を申し込みます",
            ),
            (
                "保証申込のお勧め",
                "surety:recommendations",
                "今年度の前払金保証や中間前払金保証など、次に申し込める保証",
            ),
        ),
    ),
    (
        "確認する",
        (
            ("状況", "surety:applications", "申込みの手続状況、取下げ、コピー"),
            ("保証契約一覧", "surety:guarantees", "保証契約、電子証書、認証キーの確認と提出"),
            (
                "電子証書の確認はこちら",
                "surety:works",
                "保証工事一覧：発行された電子証書と認証キー",
            ),
            ("保証料計算書一覧", "surety:fees", "保証料計算書の照会と印刷"),
            ("保証料計算", "surety:simulate", "保証金額から保証料の見込みを計算します"),
        ),
    ),
    (
        "便利にする",
        (
            ("対応発注者一覧", "surety:bodies", "電子保証に対応している発注者と適用開始日"),
            ("お客様情報", "account:profile", "登録されている利用者の情報"),
        ),
    ),
)
"""The seed's groups: heading, then label, route and text of each entry."""

EDIT_ONLY = ("surety:application-new", "surety:recommendations")


def home(request: HttpRequest) -> HttpResponse:
    """What waits first: keys not handed in; then proposals, drafts and the menu of the seed."""
    may_edit = request.user.has_role("surety.user")
    context = {
        "page_title": "ようこそ、電子保証へ",
        "crumbs": [],
        "open_keys": not_handed_in(request.user),
        "found": recommendations(request.user, timezone.localdate()) if may_edit else [],
        "drafts": list(drafts(request.user, APPLICATION.slug)[:MOST]) if may_edit else [],
        "groups": [
            (heading, [(label, _url(route), text) for label, route, text in entries if _shown(route, may_edit)])
            for heading, entries in GROUPS
        ],
        "may_edit": may_edit,
        "most": MOST,
    }
    return render(request, "esurety/home.html", context)


def _shown(route: str, may_edit: bool) -> bool:
    return (may_edit or route not in EDIT_ONLY) and bool(_url(route))


def _url(route: str) -> str:
    try:
        return reverse(route)
    except NoReverseMatch:
        return ""
