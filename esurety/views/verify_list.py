"""証書一覧: what the body has registered, in five tabs."""

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from esurety.enums import Product, SubmissionState, VersionState
from esurety.forms.verify import FilterForm
from esurety.models import Registration
from esurety.selectors import registrations
from esurety.selectors.handing import BODY_DAYS, late_before, undecided
from esurety.services.issuing import payload_of
from portal import audit
from portal.common.http import HttpRequest
from portal.common.money import group
from portal.ui.lists import Column, ListPage, csv_response, filters_in_use
from portal.ui.render import render_form

TITLE = "証書一覧"
ROWS = 50
MOST_LATE = 1_000
"""How far the ones that are late are counted."""


def state_text(row: Registration) -> str:
    """Return 状態 in words: what became of the version, else what the body has decided."""
    match row.certificate.state:
        case VersionState.ISSUED:
            if row.state == SubmissionState.REGISTERED:
                is_late = row.registered_at < late_before(timezone.localdate())
                return f"未確認（{BODY_DAYS}営業日経過）" if is_late else "未確認"
            return row.get_state_display()
        case VersionState.SUPERSEDED:
            return "旧版（変更後の証書あり）"
        case _:
            return row.certificate.get_state_display()


def _link(row: Registration) -> str:
    return reverse("verify:certificate", args=[row.pk])


COLUMNS = [
    Column("at", "登録日", lambda row: f"{timezone.localtime(row.registered_at):%Y/%m/%d}", "registered_at"),
    Column("product", "保証種類", lambda row: Product(row.certificate.guarantee.product).short),
    Column("target", "対象", lambda row: row.certificate.target),
    Column(
        "number", "保証契約番号", lambda row: f"{row.certificate.guarantee}", "certificate__guarantee__number", _link
    ),
    Column("work", "工事名", lambda row: payload_of(row.certificate)["work"]),
    Column("contractor", "受注者", lambda row: payload_of(row.certificate)["contractor"]["name"]),
    Column("amount", "保証金額（円）", lambda row: group(payload_of(row.certificate)["amount"]), is_number=True),
    Column("due", "保証期限", lambda row: payload_of(row.certificate)["due_on"].replace("-", "/")),
    Column("state", "状態", state_text),
]


class _Fifty(ListPage):
    """A list with fifty rows a page unless somebody wants more or fewer (esurety.md 12.3)."""

    def _size(self) -> int:
        return super()._size() if "size" in self._query else ROWS


def certificates(request: HttpRequest) -> HttpResponseBase:
    """証書一覧, as a page or as CSV; the CSV is recorded."""
    wanted = request.GET.get("tab", "")
    tab = wanted if wanted in registrations.TABS else "new"
    form = FilterForm(request.GET)
    is_valid = form.is_valid()
    found = form.cleaned_data if is_valid else {}
    rows = registrations.listed(request.user, tab, found, timezone.localdate())
    if not is_valid:
        rows = rows.none()
    elif request.GET.get("format") == "csv":
        audit.record(
            "verify.csv", actor=request.user, organisation=request.user.organisation, target=registrations.TABS[tab]
        )
        return csv_response(request, "certificates.csv", rows, COLUMNS, order="-at")
    own = undecided(timezone.localdate()).filter(body__organisation_id=request.user.organisation_id or 0)
    context = {
        "page_title": TITLE,
        "crumbs": [(TITLE, "")],
        "wide": True,
        "late": own.order_by("registered_at", "pk")[:MOST_LATE].count(),
        "late_most": MOST_LATE,
        "late_days": BODY_DAYS,
        "form": form,
        # The tab stays when the filters are sent.
        "filter_body": format_html('<input type="hidden" name="tab" value="{}">{}', tab, render_form(form)),
        "problems": [] if is_valid else form.problems(),
        "tab": tab,
        "tabs": [
            {"name": name, "label": label, "is_current": name == tab} for name, label in registrations.TABS.items()
        ],
        "listing": _Fifty(request, rows, COLUMNS, order="-at", caption=f"{TITLE}（{registrations.TABS[tab]}）"),
        "filter_on": filters_in_use(form) if is_valid else [],
        "clear_url": f"{request.path}?tab={tab}",
        "new_url": reverse("verify:home"),
        "may_edit": request.user.has_role("verify.user"),
    }
    return render(request, "verify/certificates.html", context, status=200 if is_valid else 422)
