"""電子保証対応設定: what the body says contractors of itself, kept by its own administrator (esurety.md 10.1, 12.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from esurety.enums import HandInChannel, Product, StartBasis, WorkKind
from esurety.forms.body_rules import AcceptanceForm, SubmissionForm
from esurety.models import AcceptanceRule, Body, Registration, SubmissionRule
from esurety.rules.submission import fill
from esurety.selectors import bodies, registrations
from esurety.selectors.handing import DEFAULT_SUBJECT, KEY_IS_ATTACHED, values_of
from esurety.services import body_rules
from esurety.services.body_rules import ACCEPTANCE, SUBMISSION, Rule
from portal.common.http import HttpRequest, SeeOther
from portal.ui.forms import Problem

TITLE = "電子保証対応設定"
HISTORY = "設定の変更の記録"
MOST, SAMPLES = 200, 20
"""Lines of the history, and certificates on offer for the subject line."""

SAMPLE = {
    "工事番号": "2026-101",
    "契約番号": "2026-101",
    "調達案件番号": "A-0001",
    "案件名": "見本道路改良工事",
    "受注者": "架空建設株式会社",
    "保証種類": Product.ADV.label,
    "入札日": "2026年11月20日",
    "仕様書番号": "S-12",
    "認証キー": KEY_IS_ATTACHED,
}
"""Values for the subject line while the body has registered nothing yet."""


@dataclass(frozen=True)
class Kind:
    """One of the two kinds of rules: its words, its rows and its form."""

    slug: str
    title: str
    model: type[Any]
    form: type[Any]


KINDS = {
    kind.slug: kind
    for kind in (
        Kind(ACCEPTANCE, "電子保証の対応", AcceptanceRule, AcceptanceForm),
        Kind(SUBMISSION, "認証キーの提出方法", SubmissionRule, SubmissionForm),
    )
}


def _crumbs(*more: str) -> list[tuple[str, str]]:
    return [(TITLE, reverse("verify:rules")), *((one, "") for one in more)] if more else [(TITLE, "")]


# --- In words ------------------------------------------------------------------------

LABELS: dict[str, type[Any]] = {
    "products": Product,
    "work_kinds": WorkKind,
    "channels": HandInChannel,
    "basis": StartBasis,
}


def _words(name: str, value: Any) -> str:
    """Return a value of a rule, as the history keeps it, in words."""
    if isinstance(value, bool):
        return "求める" if value else "求めない"
    if isinstance(value, list):
        return "、".join(str(LABELS[name](one).label) if name in LABELS else one for one in value)
    if name.endswith("_on") and value:
        return f"{date.fromisoformat(value):%Y/%m/%d}"
    return str(LABELS[name](value).label) if name in LABELS and value else value or ""


def _rows(kind: Kind, said: Mapping[str, Any]) -> list[dict[str, str]]:
    label = {field.name: str(field.verbose_name) for field in kind.model._meta.fields}
    empty = {"departments": "すべて", "starts_on": "以前から", "ends_on": "定めなし"}
    names = body_rules.FIELDS[kind.slug]
    return [{"label": label[name], "shown": _words(name, said[name]) or empty.get(name, "")} for name in names]


def _stage(rule: Rule, today: date, current: set[int]) -> str:
    """Return where a rule stands today: before it begins, in force, or over (for 提出方法: replaced by a later one)."""
    if (rule.starts_on or date.min) > today:
        return "適用前"
    if isinstance(rule, AcceptanceRule):
        return "終了" if rule.ends_on and rule.ends_on < today else "適用中"
    return "適用中" if rule.pk in current else "以前の設定"


def _shown(kind: Kind, rule: Any, today: date, current: set[int], samples: list[Registration]) -> dict[str, Any]:
    rows = _rows(kind, body_rules.as_data(rule))
    if kind.slug == SUBMISSION:
        example, warning, _ = _preview(rule.subject, rule.products, samples)
        rows.append({"label": "件名の例", "shown": f"{example}\n{warning}".strip()})
    products = "・".join(Product(code).short for code in rule.products)
    since = f"{rule.starts_on:%Y/%m/%d}から" if rule.starts_on else "以前から"
    return {
        "title": f"{products}　{since}（{_stage(rule, today, current)}）",
        "rows": rows,
        "url": reverse("verify:rule", args=[kind.slug, rule.pk]),
    }


# --- The subject line ------------------------------------------------------------------


def _preview(
    subject: str, products: list[str], samples: list[Registration], wanted: int | None = None
) -> tuple[str, str, str]:
    """Return the subject line for a certificate of the body, what it lacks, and whose it is.

    Without `wanted` it is the newest one that the rule is for, else the sample.
    """
    fitting = [one for one in samples if one.pk == wanted] or [
        one for one in samples if wanted is None and one.certificate.guarantee.product in products
    ]
    values = values_of(fitting[0].certificate) if fitting else SAMPLE
    filled = fill(subject or DEFAULT_SUBJECT, values)
    missing = "」「".join(filled.missing)
    warning = f"※この契約では「{missing}」が入力されていません。" if missing else ""
    return filled.text, warning, _sample_name(fitting[0]) if fitting else "見本の値"


def _sample_name(row: Registration) -> str:
    guarantee = row.certificate.guarantee
    return f"{guarantee} {Product(guarantee.product).short} {guarantee.work}"[:80]


# --- Pages ---------------------------------------------------------------------------


def rules(request: HttpRequest) -> HttpResponse:
    """電子保証対応設定: both kinds of rules as contractors are told them, the latest first."""
    body, today = bodies.own_body(request.user), timezone.localdate()
    samples = registrations.newest(request.user, SAMPLES)
    chosen = [bodies.submission_rule(body, product, today) for product in Product.values]
    current = {rule.pk for rule in chosen if rule}
    context = {
        "page_title": TITLE,
        "crumbs": _crumbs(),
        "body": body,
        "kinds": [
            {
                "title": kind.title,
                "new_url": reverse("verify:rule-new", args=[kind.slug]),
                "rules": [
                    _shown(kind, rule, today, current, samples)
                    for rule in kind.model.objects.filter(body=body).order_by(
                        F("starts_on").desc(nulls_last=True), "pk"
                    )
                ],
            }
            for kind in KINDS.values()
        ],
    }
    return render(request, "verify/rules.html", context)


def rule_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Add a rule; it counts at once, or from its 適用開始日."""
    chosen, body = _kind(kind), bodies.own_body(request.user)
    return _edit(request, chosen, chosen.model(body=body), {})


def rule(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Change a rule."""
    chosen, found = _own(request, kind, pk)
    return _edit(request, chosen, found, chosen.form.initial_of(found))


def _kind(slug: str) -> Kind:
    if slug not in KINDS:
        raise Http404
    return KINDS[slug]


def _own(request: HttpRequest, slug: str, pk: int) -> tuple[Kind, Any]:
    kind, body = _kind(slug), bodies.own_body(request.user)
    found = kind.model.objects.filter(body=body, pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    found.body = body
    return kind, found


def _edit(request: HttpRequest, kind: Kind, found: Any, initial: Mapping[str, Any]) -> HttpResponse:
    samples = registrations.newest(request.user, SAMPLES) if kind.slug == SUBMISSION else []
    case = [(one.pk, _sample_name(one)) for one in samples]
    seen = body_rules.mark_of(found if found.pk else None)
    if request.method != "POST":
        return _form_page(request, kind, found, kind.form(initial=initial, case=case), samples, seen)
    form = kind.form(request.POST, case=case)
    seen = request.POST.get("seen", "")[:16]
    if not form.is_valid():
        return _form_page(request, kind, found, form, samples, seen, problems=form.problems(), status=422)
    form.fill(found)
    if request.POST.get("action") == "preview":
        return _form_page(request, kind, found, form, samples, seen)
    try:
        body_rules.save(found, request.user, seen)
    except body_rules.Refused as refusal:
        problems = [Problem("", "", str(refusal))]
        return _form_page(request, kind, found, form, samples, seen, problems=problems, status=409)
    messages.success(request, f"{kind.title}を登録しました。受注者の画面にすぐに反映されます。")
    return SeeOther(reverse("verify:rules"))


def _form_page(
    request: HttpRequest,
    kind: Kind,
    found: Any,
    form: Any,
    samples: list[Registration],
    seen: str,
    *,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    preview = None
    if kind.slug == SUBMISSION and status == 200:
        wanted = form.cleaned_data["sample"] or None if form.is_bound else None
        preview = dict(
            zip(("subject", "warning", "of"), _preview(found.subject, found.products, samples, wanted), strict=True)
        )
    stored = kind.model.objects.filter(pk=found.pk).first() if found.pk else None
    title = f"{kind.title}の{'変更' if stored else '追加'}"
    context = {
        "page_title": title,
        "crumbs": _crumbs(title),
        "form": form,
        "problems": problems or [],
        "seen": seen,
        "preview": preview,
        "has_preview": kind.slug == SUBMISSION,
        "remove_url": (
            reverse("verify:rule-remove", args=[kind.slug, found.pk])
            if stored and body_rules.may_remove(stored)
            else ""
        ),
    }
    return render(request, "verify/rule_form.html", context, status=status)


def rule_remove(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Take back a rule that has not begun, after a question."""
    chosen, found = _own(request, kind, pk)
    title = f"{chosen.title}の削除"
    if request.method == "POST":
        try:
            body_rules.remove(found, request.user, body_rules.mark_of(found))
        except body_rules.Refused as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, f"{chosen.title}を削除しました。")
        return SeeOther(reverse("verify:rules"))
    context = {
        "page_title": title,
        "crumbs": _crumbs(title),
        "confirm": {
            "title": "この設定を削除しますか",
            "lead": "まだ適用が始まっていない設定です。削除した内容は、変更の記録に残ります。",
            "facts": [(row["label"], row["shown"]) for row in _rows(chosen, body_rules.as_data(found)) if row["shown"]],
            "button": "削除する",
            "url": request.path,
            "back": (f"{TITLE}へ戻る", reverse("verify:rules")),
            "danger": True,
        },
    }
    return render(request, "esurety/confirm_action.html", context)


# --- History ---------------------------------------------------------------------------


def history(request: HttpRequest) -> HttpResponse:
    """設定の変更の記録: who changed what, before and after; the surety's own people are one name."""
    body = bodies.own_body(request.user)
    context = {
        "page_title": HISTORY,
        "crumbs": _crumbs(HISTORY),
        "log": [_line(body, event) for event in bodies.history_of(body, MOST)],
        "back_url": reverse("verify:rules"),
    }
    return render(request, "verify/rules_history.html", context)


def _line(body: Body, event: Any) -> dict[str, str]:
    at, detail = timezone.localtime(event.at), event.detail
    kind, before, after = KINDS[detail["kind"]], detail["before"], detail["after"]
    what = "変更" if before and after else "追加" if after else "削除"
    is_own = event.actor is not None and event.actor.organisation_id == body.organisation_id
    return {
        "at": f"{at:%Y/%m/%d %H:%M}",
        "iso": at.isoformat(timespec="seconds"),
        "who": event.actor.name if is_own else "保証会社",
        "title": f"{kind.title}の{what}",
        "text": "　".join(_differences(kind, before, after)),
    }


def _differences(kind: Kind, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[str]:
    if before is None or after is None:
        return [f"{row['label']}：{row['shown']}" for row in _rows(kind, after or before or {}) if row["shown"]]
    return [
        f"{old['label']}：{old['shown'] or 'なし'} → {new['shown'] or 'なし'}"
        for old, new in zip(_rows(kind, before), _rows(kind, after), strict=True)
        if old != new
    ]
