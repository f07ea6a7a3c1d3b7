"""対応発注者一覧: which 発注者 accept 電子保証, from when, for what."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from esurety.enums import HandInChannel, Product, WorkKind
from esurety.forms.bodies import BodySearchForm
from esurety.models import AcceptanceRule
from esurety.selectors import bodies
from portal.common.http import HttpRequest
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use

TITLE = "対応発注者一覧"


def _scope(rule: AcceptanceRule) -> str:
    kinds = "、".join(WorkKind(code).label for code in rule.work_kinds)
    return f"{kinds}（{'・'.join(rule.departments)}の契約）" if rule.departments else kinds


def _channels(rule: AcceptanceRule) -> str:
    """Return how the keys of the rule's guarantees are handed in, each way once, the preferred ones first."""
    wanted = [bodies.submission_rule(rule.body, product) for product in rule.products]
    ways = [way for one in wanted if one for way in one.channels]
    return "、".join(HandInChannel(way).label for way in dict.fromkeys(ways))


def _days(rule: AcceptanceRule) -> str:
    until = f"〜{rule.ends_on:%Y/%m/%d}" if rule.ends_on else ""
    return f"{rule.starts_on:%Y/%m/%d}{until}"


CODE = Column("code", "団体コード", lambda rule: rule.body.code, "body__code")
NAME = Column("name", "発注者", lambda rule: rule.body.name, "body__name")
BASIS = Column("basis", "適用開始日の基準", lambda rule: rule.get_basis_display(), "basis")
PRODUCTS = Column("products", "保証種類", lambda rule: "・".join(Product(code).short for code in rule.products))
SCOPE = Column("scope", "対象", _scope)
CHANNELS = Column("channels", "提出方法", _channels)
REMARK = Column("remark", "備考", lambda rule: rule.remark)

COLUMNS = [CODE, NAME, Column("starts", "適用開始日", _days, "starts_on"), BASIS, PRODUCTS, SCOPE, CHANNELS, REMARK]

CSV_COLUMNS = [
    CODE,
    NAME,
    Column("kana", "名称カナ", lambda rule: rule.body.kana),
    Column("kind", "種別", lambda rule: rule.body.get_kind_display()),
    Column("starts", "適用開始日", lambda rule: f"{rule.starts_on:%Y/%m/%d}", "starts_on"),
    Column("ends", "適用終了日", lambda rule: f"{rule.ends_on:%Y/%m/%d}" if rule.ends_on else ""),
    *(BASIS, PRODUCTS, SCOPE, CHANNELS),
    Column("issuers", "対象の保証機関", lambda rule: rule.issuers),
    REMARK,
    Column("source", "出典", lambda rule: rule.source),
]


def body_list(request: HttpRequest) -> HttpResponseBase:
    """対応発注者一覧, as a page or as CSV."""
    form = BodySearchForm(request.GET)
    is_valid = form.is_valid()
    found = form.cleaned_data if is_valid else {}
    rows = bodies.accepting(
        timezone.localdate(),
        found.get("q", ""),
        kind=found.get("kind", ""),
        product=found.get("product", ""),
        work_kind=found.get("work_kind", ""),
    )
    if request.GET.get("format") == "csv" and is_valid:
        return csv_response(request, "bodies.csv", rows, CSV_COLUMNS, order="code")
    context = {
        "page_title": TITLE,
        "crumbs": [("電子保証ポータル", reverse("surety:home")), (TITLE, "")],
        "wide": True,
        "form": form,
        "problems": [] if is_valid else form.problems(),
        "listing": ListPage(request, rows, COLUMNS, order="code", caption=TITLE),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": request.path,
    }
    return render(request, "esurety/bodies.html", context, status=200 if is_valid else 422)
