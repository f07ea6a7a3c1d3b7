"""入金: what one deposit pays, entered by hand or from the bank (credit_insurance.md 5.6, 8.15, 10, S16)."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from credit_insurance.admin.base import actor
from credit_insurance.admin.desk import desk
from credit_insurance.admin.work import RecordAdmin
from credit_insurance.enums import MatchWay, RefundReason
from credit_insurance.models import Allocation, Deposit, Invoice
from credit_insurance.rules import matching
from credit_insurance.services import bank_files, deposits, refunds
from credit_insurance.services.review import Overtaken
from portal.accounts.adminfields import YenField
from portal.common import text
from portal.common.money import yen

MOST_FOUND = 20
REQUIRED = "入力してください。"
DONE = {
    "allocate": "消し込みました。",
    "undo": "消込を取り消しました。",
    "refund": "返金を依頼しました。別の承認者が承認します。",
    "take_back": "取消の通知に対応する入金を取り消しました。",
    "set_aside": "対応した内容を記録しました。",
}


def _line(label: str, length: int, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=length, widget=forms.TextInput(attrs={"class": "vTextField"}), **options
    )


def _day(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


class DecisionForm(forms.Form):
    """What is done with a deposit, or with a part of it; each decision has fields of its own."""

    decision = forms.ChoiceField(choices=[(name, name) for name in DONE])
    invoice = _line("払込のご案内の受付番号（7桁）", 7, required=False)
    amount = YenField(label="消し込む金額（円）", required=False, help_text="一部を消し込むと、残りは一覧に残ります。")
    allocation = forms.IntegerField(required=False)
    deposit = forms.IntegerField(required=False)
    back = YenField(label="返金額（円）", required=False)
    reason = forms.ChoiceField(label="返金の理由", choices=RefundReason.choices, required=False)
    account = _line("返金先の口座", 200, required=False)
    comment = _line("対応した内容", 200, required=False)

    needed = {
        "allocate": ("invoice", "amount"),
        "undo": ("allocation",),
        "refund": ("back", "reason", "account"),
        "take_back": ("deposit",),
        "set_aside": ("comment",),
    }

    def clean_invoice(self) -> str:
        return text.digits(self.cleaned_data["invoice"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in self.needed.get(values.get("decision", ""), ()):
            if not values.get(name) and name not in self.errors:
                self.add_error(name, REQUIRED)
        return values


class DepositForm(forms.Form):
    """入金 entered by hand."""

    booked_on = _day("勘定日")
    value_on = _day("起算日")
    amount = YenField(label="金額（円）")
    payer = _line("振込依頼人名", 48)
    note = _line("備考（通帳・明細のどこで確かめたか）", 200)
    is_another = forms.BooleanField(label="登録済みの入金とは別の入金です", required=False)

    def clean_payer(self) -> str:
        typed: str = self.cleaned_data["payer"]
        if text.unusable_characters(typed):
            raise forms.ValidationError("使えない文字があります。")
        return typed

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        today = timezone.localdate()
        for name in ("booked_on", "value_on"):
            if values.get(name) and values[name] > today:
                self.add_error(name, "今日までの日を入力してください。")
        if values.get("amount") == 0:
            self.add_error("amount", "1円以上の金額を入力してください。")
        return values


class StateFilter(admin.SimpleListFilter):
    """処理: what is still to be decided."""

    title = "処理"
    parameter_name = "open"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "未処理額あり"), ("no", "処理済み"), ("notice", "取消の通知")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Deposit]") -> "QuerySet[Deposit]":
        wanted = {
            "yes": Q(open_amount__gt=0),
            "no": Q(open_amount=0, is_cancellation=False),
            "notice": Q(is_cancellation=True),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


@admin.register(Deposit)
class DepositAdmin(RecordAdmin):
    list_display = ("value_on", "payer", "amount_yen", "open_yen", "bank", "file", "is_cancellation")
    list_filter = (StateFilter, "value_on")
    list_select_related = ("file",)
    search_fields = ("payer", "=amount", "=reference", "=allocations__invoice__number")
    search_help_text = "振込依頼人名、金額、照会番号、消し込んだ受付番号で探します。"
    change_list_template = "admin/credit_insurance/deposit_list.html"
    view_template = "admin/credit_insurance/deposit.html"
    view_title = "入金"

    @admin.display(description="金額")
    def amount_yen(self, deposit: Deposit) -> str:
        return yen(deposit.amount)

    @admin.display(description="未処理額")
    def open_yen(self, deposit: Deposit) -> str:
        return yen(deposit.open_amount)

    def get_urls(self) -> list[URLPattern]:
        def page(request: HttpRequest) -> Any:
            return desk(request, self.admin_site)

        return [
            path("desk/", self.admin_site.admin_view(page), name="credit_insurance_deposit_desk"),
            *super().get_urls(),
        ]

    # --- Entered by hand ------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return actor(request).has_perm("credit_insurance.add_deposit")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """入金の登録: the same deposit twice only for who says that there are two."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = DepositForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                made = deposits.enter(**form.cleaned_data, actor=actor(request))
            except deposits.Known:
                form.add_error(
                    "is_another",
                    "同じ起算日、金額、名義の入金が登録済みです。別の入金のときだけ選んでください。",
                )
            else:
                bank_files.settle(deposits.settle_certain())
                messages.success(request, f"{made}：入金を登録しました。")
                return HttpResponseRedirect(self.after(made))
        context = {
            **self.admin_site.each_context(request),
            "title": "入金の登録",
            "opts": self.opts,
            "form": form,
        }
        status = 422 if form.is_bound else 200
        return render(request, "admin/credit_insurance/deposit_add.html", context, status=status)

    # --- One deposit ----------------------------------------------------------------------

    def decided(self, request: HttpRequest, row: Deposit) -> HttpResponse:
        form = DecisionForm(request.POST)
        if form.is_valid():
            values, decision = form.cleaned_data, form.cleaned_data["decision"]
            if decision != "allocate":
                act = partial(self._act, decision, row, values, request)
                return self.attempt(request, row, act, DONE[decision], form)
            invoice = Invoice.objects.filter(number=values["invoice"], cancelled_at=None).first()
            if invoice:
                act = partial(_allocate, row, invoice, values["amount"], request)
                return self.attempt(request, row, act, DONE[decision], form)
            form.add_error("invoice", "この受付番号の払込のご案内はありません。番号を確かめてください。")
        return self.show(request, row, form, status=422)

    def _act(self, decision: str, row: Deposit, values: dict[str, Any], request: HttpRequest) -> None:
        by = actor(request)
        if decision == "undo":
            allocation = row.allocations.select_related("invoice__case").filter(pk=values["allocation"]).first()
            if allocation is None:
                raise Overtaken
            deposits.undo(allocation, by)
            bank_files.settle([allocation.invoice])
        elif decision == "refund":
            refunds.ask(row, values["back"], RefundReason(values["reason"]), values["account"], by)
        elif decision == "take_back":
            deposit = next((one for one in deposits.cancellable(row) if one.pk == values["deposit"]), None)
            if deposit is None:
                raise Overtaken
            deposits.take_back(row, deposit, by)
        else:
            deposits.set_aside(row, values["comment"], by)

    def details(self, request: HttpRequest, row: Deposit, form: forms.Form | None, **more: Any) -> dict[str, Any]:
        found = deposits.found([row])[0] if row.open_amount else None
        suggested = found.invoice if found else None
        fits = min(row.open_amount, suggested.missing) if suggested else 0
        initial = {
            "invoice": suggested.number if suggested and fits else "",
            "amount": fits or row.open_amount,
            "back": row.open_amount,
        }
        is_notice = row.is_cancellation and row.cancels_id is None and not row.note
        words = request.GET.get("q", "").strip()[:60]
        return {
            "form": form or DecisionForm(initial=initial),
            "facts": _facts(row),
            "found": found,
            "suggested": suggested,
            "fits": fits,
            "allocations": row.allocations.select_related("invoice__case__member", "made_by", "undone_by"),
            "refunds": row.refunds.select_related("requested_by", "decided_by"),
            "words": words,
            "invoices": [(one, min(row.open_amount, one.missing)) for one in _search(words)] if words else [],
            "is_notice": is_notice,
            "candidates": deposits.cancellable(row) if is_notice else [],
            "may_decide": self.has_change_permission(request, row),
            "desk_url": reverse("admin:credit_insurance_deposit_desk"),
        }


def _allocate(row: Deposit, invoice: Invoice, amount: int, request: HttpRequest) -> None:
    """消込, then what it leads to; the way is that of the list where the suggestion was taken."""
    found = deposits.found([row])[0]
    way = found.match.way if found.invoice and found.invoice.pk == invoice.pk else MatchWay.NONE
    made: Allocation = deposits.allocate(row, invoice, amount, way, actor(request))
    bank_files.settle([made.invoice])


def _search(words: str) -> list[Invoice]:
    """Return the invoices that still want money, by number or member."""
    member = Q(case__member__name__icontains=words) | Q(case__member__name_kana__icontains=words)
    named = Q(number=text.digits(words)) | Q(case__number=words) | Q(case__member__number=words) | member
    wanting = Invoice.objects.filter(named, cancelled_at=None, received__lt=F("amount"))
    return list(wanting.select_related("case__member").order_by("due_on", "pk")[:MOST_FOUND])


def _facts(row: Deposit) -> list[tuple[str, str]]:
    found = [
        ("起算日", f"{row.value_on:%Y-%m-%d}（勘定日 {row.booked_on:%Y-%m-%d}）"),
        ("金額", yen(row.amount)),
        ("未処理額", yen(row.open_amount)),
        ("振込依頼人名", row.payer),
        ("仕向銀行", row.bank),
        ("照会番号", row.reference),
        ("取込", f"{row.file}　{row.line}行目" if row.file else f"手で登録（{row.entered_by}）"),
        ("明細の原文", row.raw.strip()),
        ("備考", row.note),
    ]
    if row.is_cancellation:
        found.insert(0, ("種類", "取消の通知（金融機関が入金を取り消しました）"))
        found.append(("取り消した入金", str(row.cancels or "")))
    elif by := Deposit.objects.filter(cancels=row).first():
        found.insert(0, ("取消", f"金融機関が取り消した入金です（{by.booked_on:%Y-%m-%d}の通知）。"))
    ended = Invoice.objects.filter(number=matching.number_of(row.payer), cancelled_at__isnull=False)
    if gone := ended.select_related("case__member").first():
        case = gone.case
        found.append(("受付番号の案内", f"{gone}は取消済みです（{case.member}、{case}、{case.get_state_display()}）。"))
    return [(label, words) for label, words in found if words]
