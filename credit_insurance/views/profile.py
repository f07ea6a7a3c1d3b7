"""加入者情報 (T-S04): the member's own data, its 会員確認, and both on paper (credit_insurance.md 5.2)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from credit_insurance.enums import LegalKind, Membership
from credit_insurance.forms.debtor import NO, YES
from credit_insurance.forms.profile import ProfileForm, initial_of
from credit_insurance.models import Member
from credit_insurance.selectors.members import missing
from credit_insurance.selectors.sheets import member_of
from credit_insurance.services import members
from portal.accounts.access import deny
from portal.common.http import HttpRequest, SeeOther
from portal.ui import help as help_texts
from portal.ui.fields import Field
from portal.wizard.intake import revision

TITLE = "加入者情報"
EDIT = "credit.staff"
SMALL = 20
"""Most people of a 小規模法人, which the 契約者保護機構 covers (credit_insurance.md 1)."""

for _name, (_label, _text) in ProfileForm.help_texts().items():
    help_texts.register("credit", _name, _label, _text)


def _own(request: HttpRequest) -> Member:
    member = member_of(request.user)
    if member is None:
        raise Http404
    return member


def profile(request: HttpRequest) -> HttpResponse:
    """The data as a form for who may change them, else to read; POST saves."""
    member = _own(request)
    if request.method == "POST":
        return _save(request, member)
    if request.user.has_role(EDIT):
        return _form(request, member, ProfileForm(initial=initial_of(member)))
    return _sheet(request, member)


def sheet(request: HttpRequest) -> HttpResponse:
    """The data to read and to print."""
    return _sheet(request, _own(request))


def _save(request: HttpRequest, member: Member) -> HttpResponse:
    """保存: keeps the data unless somebody else has changed them since the page was shown."""
    if not request.user.has_role(EDIT):
        deny(request, (EDIT,))
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _form(request, member, form, status=422, seen=revision(request))
    columns = form.columns()
    try:
        changed = members.change_profile(member, columns, request.user, revision(request))
    except members.StaleProfile:
        return _conflict(request, form)
    messages.success(request, "加入者情報を保存しました。" if changed else "変更はありませんでした。")
    return SeeOther(reverse("credit:profile"))


def ask(request: HttpRequest) -> HttpResponse:
    """組合に確認を依頼."""
    member = _own(request)
    try:
        told = members.ask_membership(member, request.user)
    except members.NotPossible as refusal:
        messages.warning(request, str(refusal))
    else:
        text = "会員確認を依頼しました。"
        if not told:
            text += "所属組合のメールが登録されていないため、所属組合へ電話でもお知らせください。"
        messages.success(request, text)
    return SeeOther(reverse("credit:profile"))


# --- Pages ----------------------------------------------------------------------------


def _conflict(request: HttpRequest, form: ProfileForm) -> HttpResponse:
    """Show what was typed beside what is saved now; saving again replaces it, knowingly."""
    newest = _own(request)
    saved = initial_of(newest)
    differences = []
    for name, field, _ in form.shown_fields():
        mine, theirs = _shown(field, form.cleaned_data.get(name)), _shown(field, saved[name])
        if mine != theirs and not (name == "union" and form.cleaned_data[name] == newest.union):
            differences.append({"label": field.label, "saved": theirs or "入力なし", "typed": mine or "入力なし"})
    return _form(request, newest, form, status=409, seen=newest.revision, differences=differences)


def _shown(field: Field, value: Any) -> str:
    return field.show(value) if value not in (None, "") else ""


def _form(request: HttpRequest, member: Member, form: ProfileForm, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "page_title": TITLE,
        "crumbs": [("トップ", reverse("credit:home")), (TITLE, "")],
        "member": member,
        "may_ask": _may_ask(member),
        "form": form,
        "problems": form.problems() if status == 422 else [],
        "missing": missing(member),
        "seen": member.revision,
        "is_stale": status == 409,
        **more,
    }
    return render(request, "credit_insurance/profile.html", context, status=status)


def _sheet(request: HttpRequest, member: Member) -> HttpResponse:
    form = ProfileForm()
    values = initial_of(member) | {"has_other_cover": YES if member.has_other_cover else NO}
    groups = [
        (
            section.title if section else "",
            [(form.field(name).label, _shown(form.field(name), values[name])) for name in names],
        )
        for section, names in form.parts()
    ]
    context = {
        "page_title": TITLE,
        "crumbs": [("トップ", reverse("credit:home")), (TITLE, reverse("credit:profile")), ("印刷用", "")],
        "member": member,
        "groups": groups,
        "is_small": member.legal_kind == LegalKind.CORPORATION
        and member.employees is not None
        and member.employees <= SMALL,
        "may_edit": request.user.has_role(EDIT),
    }
    return render(request, "credit_insurance/profile_sheet.html", context)


def _may_ask(member: Member) -> bool:
    return member.membership == Membership.UNCONFIRMED and member.union_id is not None
