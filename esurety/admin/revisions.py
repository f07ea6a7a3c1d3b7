"""変更・訂正・取消: prepared from the version in force by the clerk, released by another person."""

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from esurety.admin.base import yen
from esurety.admin.work import (
    RecordAdmin,
    actor,
    age,
    day_field,
    iso,
    moment,
    reason_field,
    text_field,
    unprintable,
)
from esurety.enums import Light, Product, RevisionKind, RevisionState
from esurety.models import FeeTable, Guarantee, Revision
from esurety.rules.facts import Contents
from esurety.rules.numbers import plain
from esurety.selectors.revising import (
    advices,
    contents_of,
    differences,
    in_force,
    is_registered,
    limit_problems,
    new_fee,
)
from esurety.services import revisions as services
from esurety.services.issuing import Refused
from portal.accounts.adminfields import YenField
from portal.common.text import plain as tidy
from portal.documents.glyphs import MissingGlyphs, ensure_glyphs

if TYPE_CHECKING:
    from esurety.admin.guarantees import GuaranteeAdmin

EFFECTS = {
    RevisionKind.CHANGE: "新しい証書を発行します。いまの証書は「旧版（変更により）」になります。",
    RevisionKind.CORRECTION: "訂正した証書を発行します。いまの証書は「訂正済」になり、お客様の履歴から消えます。",
    RevisionKind.WITHDRAWAL: "いまの変更を取り消し、ひとつ前の証書とその認証キーを有効に戻します。",
    RevisionKind.CANCELLATION: "保証契約を取り消します。いまの証書は失効し、番号は再び使いません。",
}


class ReasonForm(forms.Form):
    """Why, and whether the 発注者 agrees."""

    reason = reason_field("理由", "発注者・受注者からの依頼の内容など（500文字以内）。")
    body_agreed = forms.BooleanField(label="発注者の同意を確認した", required=False)


class ContentsForm(forms.Form):
    """The contents of the next version, beginning with those in force."""

    name = text_field("保証契約者", 80)
    address = text_field("住所", 120)
    representative = text_field("代表者職氏名", 60)
    jv_name = text_field("JV名", 80, required=False)
    addressee = text_field("発注者（宛名）", 80)
    work = text_field("工事名", 100)
    work_number = text_field("工事番号・契約番号", 30, required=False)
    price = YenField(label="請負金額（円）")
    contract_on = day_field("請負契約日", required=False)
    starts_on = day_field("工期（自）")
    ends_on = day_field("工期（至）")
    amount = YenField(label="保証金額（円）")
    base_amount = YenField(label="今年度対象額（円）", required=False)
    due_on = day_field("保証期限")
    bank = text_field("預託金融機関", 100, required=False)
    reason = reason_field("理由", "発注者・受注者からの依頼の内容など（500文字以内）。")
    at_fault = forms.BooleanField(label="弊社の誤りによる訂正（保証料は変わりません）", required=False)

    def __init__(self, *args: Any, kind: str, before: Contents, product: str, **options: Any) -> None:
        self.before = before
        options["initial"] = {**before, **before["contractor"]}
        super().__init__(*args, **options)
        if kind != RevisionKind.CORRECTION:
            del self.fields["at_fault"]
        if product == Product.CTR:
            del self.fields["base_amount"], self.fields["bank"]
        else:
            self.fields["bank"].required = True

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in ("price", "amount"):
            if values.get(name) == 0:
                self.add_error(name, "1円以上で入力してください。")
        if values.get("starts_on") and values.get("ends_on") and values["ends_on"] < values["starts_on"]:
            self.add_error("ends_on", "工期（至）は、工期（自）以後の日付にしてください。")
        for name, field in self.fields.items():
            if isinstance(field, forms.CharField) and not isinstance(field, YenField) and name in values:
                values[name] = values[name] if name == "reason" else tidy(values[name])
        return values

    def contents(self) -> Contents:
        """Return what the next version would say."""
        values = self.cleaned_data
        party = {name: values[name] for name in ("name", "address", "representative")}
        days = {name: iso(values[name]) for name in ("contract_on", "starts_on", "ends_on", "due_on")}
        kept = ("jv_name", "addressee", "work", "work_number", "price", "amount", "base_amount", "bank")
        texts = {name: values[name] for name in kept if name in self.fields}
        return cast(Contents, {**self.before, **texts, **days, "contractor": party})


def prepare_view(owner: "GuaranteeAdmin", request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """起案 of a 変更, 訂正, 変更取消 or 取消 of one guarantee."""
    guarantee: Guarantee = owner.found(request, pk)
    if kind not in RevisionKind.values or guarantee.current is None:
        raise Http404
    if not actor(request).has_role("surety.clerk"):
        raise PermissionDenied
    makes = kind in {RevisionKind.CHANGE, RevisionKind.CORRECTION}
    before = in_force(guarantee)
    data = request.POST if request.method == "POST" else None
    form: forms.Form = (
        ContentsForm(data, kind=kind, before=before, product=guarantee.product) if makes else ReasonForm(data)
    )
    notice, status = "", 200
    if data is not None and not form.is_valid():
        status = 422
    elif data is not None:
        try:
            revision = _prepared(guarantee, kind, request, form)
        except services.NotNeeded as refusal:
            notice, status = f"変更の手続きは必要ありません。{refusal}", 409
        except MissingGlyphs as error:
            notice, status = unprintable(error), 409
        except Refused as refusal:
            notice, status = str(refusal), 409
        else:
            owner.message_user(request, f"{revision}：起案しました。別の決裁者が承認します。")
            return HttpResponseRedirect(reverse("admin:esurety_revision_change", args=[revision.pk]))
    context = {
        **owner.admin_site.each_context(request),
        "title": f"{RevisionKind(kind).label}の起案",
        "subtitle": str(guarantee),
        "opts": owner.opts,
        "guarantee": guarantee,
        "form": form,
        "notice": notice,
        "effect": EFFECTS[RevisionKind(kind)],
        "is_registered": is_registered(guarantee),
    }
    return render(request, "admin/esurety/prepare.html", context, status=status)


def _prepared(guarantee: Guarantee, kind: str, request: HttpRequest, form: forms.Form) -> Revision:
    values = form.cleaned_data
    after = form.contents() if isinstance(form, ContentsForm) else None
    if after:
        ensure_glyphs(after)
    return services.prepare(
        guarantee,
        kind,
        actor(request),
        values["reason"],
        after,
        at_fault=values.get("at_fault", False),
        body_agreed=values.get("body_agreed", False),
    )


class DecisionForm(forms.Form):
    """Release or refuse."""

    decision = forms.ChoiceField(choices=[("release", "release"), ("refuse", "refuse")])
    reason = reason_field("却下の理由", "却下するときは必ず入力してください（500文字以内）。", required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("decision") == "refuse" and not values.get("reason"):
            self.add_error("reason", "却下する理由を入力してください。")
        return values


@admin.register(Revision)
class RevisionAdmin(RecordAdmin):
    list_display = ("guarantee", "kind", "contractor", "work", "prepared_by", "age", "state", "decided_by")
    list_filter = ("state", "kind")
    list_select_related = ("guarantee__organisation", "prepared_by", "decided_by")
    search_fields = ("guarantee__number",)
    search_help_text = "保証契約番号で探します。"
    view_template = "admin/esurety/revision.html"
    view_title = "変更・訂正・取消の決裁"

    @admin.display(description="受注者")
    def contractor(self, revision: Revision) -> str:
        return revision.guarantee.organisation.name

    @admin.display(description="工事名")
    def work(self, revision: Revision) -> str:
        return revision.guarantee.work

    @admin.display(description="経過")
    def age(self, revision: Revision) -> str:
        return age(revision.prepared_at) if revision.state == RevisionState.PREPARED else ""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        number = plain(search_term)
        return (queryset.filter(guarantee__number=number) if number else queryset), False

    def decided(self, request: HttpRequest, row: Revision) -> HttpResponse:
        if not actor(request).has_role("surety.approver"):
            raise PermissionDenied
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self.show(request, row, form, status=422)
        by, reason = actor(request), form.cleaned_data["reason"]
        if form.cleaned_data["decision"] == "release":
            return self.attempt(request, row, partial(services.release, row, by), "実行しました。", form)
        return self.attempt(request, row, partial(services.refuse, row, by, reason), "却下しました。", form)

    def after(self, row: Revision) -> str:
        return reverse("admin:esurety_guarantee_change", args=[row.guarantee_id])

    def details(self, request: HttpRequest, row: Revision, form: forms.Form | None) -> dict[str, Any]:
        is_open = row.state == RevisionState.PREPARED
        waiting = Revision.objects.filter(state=RevisionState.PREPARED).exclude(pk=row.pk)
        following = waiting.order_by("prepared_at", "pk").first()
        may = actor(request).has_role("surety.approver")
        return {
            "form": form or DecisionForm(),
            "facts": _course(row),
            "changed": _changed(row),
            "effects": _effects(row) if is_open else [],
            "may_decide": is_open and may and row.prepared_by_id != actor(request).pk,
            "is_own": is_open and may and row.prepared_by_id == actor(request).pk,
            "next_url": reverse("admin:esurety_revision_change", args=[following.pk]) if following else "",
        }


def _course(revision: Revision) -> list[tuple[str, str]]:
    guarantee = revision.guarantee
    rows = [
        ("保証契約番号", str(guarantee)),
        ("種類", revision.get_kind_display()),
        ("受注者", f"{guarantee.organisation}"),
        ("発注者", f"{guarantee.body}"),
        ("工事名", guarantee.work),
        ("保証証書の形式", guarantee.get_medium_display()),
        ("理由", revision.reason),
        ("弊社の誤り", "はい（保証料は変わりません）" if revision.at_fault else ""),
        ("発注者の同意", "確認済み" if revision.body_agreed else ""),
        ("起案", f"{moment(revision.prepared_at)}　{revision.prepared_by}"),
        ("状態", revision.get_state_display()),
        ("決裁", f"{moment(revision.decided_at)}　{revision.decided_by}" if revision.decided_by else ""),
        ("却下の理由", revision.decision_reason),
    ]
    return [(label, text) for label, text in rows if text]


def _changed(revision: Revision) -> list[Any]:
    """Return old and new beside each other: against the version in force, or the one that it followed."""
    if not revision.facts:
        return []
    made = revision.certificate
    before = contents_of(made.previous) if made and made.previous else in_force(revision.guarantee)
    return differences(before, cast(Contents, revision.facts))


def _effects(revision: Revision) -> list[str]:
    """Return what a release does, in words: versions, keys, the 発注者, limits and the fee."""
    guarantee, kind = revision.guarantee, RevisionKind(revision.kind)
    said = [EFFECTS[kind]]
    if is_registered(guarantee):
        said.append("発注者がいまの証書を登録しています。発注者の一覧に変更が表示されます。")
    if revision.facts:
        after = cast(Contents, revision.facts)
        if guarantee.medium == "electronic":
            said.append("認証キーは新しくなります。お客様に、発注者への提出をもう一度お願いします。")
        else:
            said.append("証書(紙)のままです。認証キーは作成しません。")
        # What needs no change by itself goes with what does.
        found = advices(guarantee, after) if kind == RevisionKind.CHANGE else []
        said += [advice.message for advice in found if advice.needed is not False]
        said += [f"{Light(one.light).label}：{one.message}" for one in limit_problems(guarantee, after)]
    try:
        net = new_fee(revision)[1]
    except FeeTable.DoesNotExist:
        return [*said, services.NO_TABLE]
    money = f"追加{yen(net)}" if net > 0 else f"返還{yen(-net)}" if net else "変わりません"
    return [*said, f"保証料：{money}。"]
