"""証書詳細: verdict first, then facts, 照合, versions and log; every display is recorded first (security C11)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from esurety import documents
from esurety.certificate import identity
from esurety.enums import GuaranteeState, Light, SubmissionState, VersionState
from esurety.forms.verify import CompareForm, ReturnForm
from esurety.models import Certificate, Registration
from esurety.rules import comparing
from esurety.selectors import registrations
from esurety.selectors.bodies import money_rules
from esurety.services import receiving
from esurety.services.integrity import Step, examine
from esurety.services.issuing import payload_of
from portal import audit
from portal.audit import verbs
from portal.common.http import HttpRequest, SeeOther
from portal.ui.errors import problem
from portal.ui.forms import Form

LIST = ("証書一覧", "verify:certificates")
LATEST, MOST = 3, 1_000
"""Lines of the log on the certificate's page, and on its own."""
LIGHTS = {Light.GREEN: "ok", Light.YELLOW: "review", Light.RED: "no"}


def record_shown(request: HttpRequest, registration: Registration, how: str, verb: str = "verify.shown") -> None:
    """Write who is about to see which version of a certificate, with the hash of its contents."""
    made = registration.certificate
    audit.record(
        verb,
        actor=request.user,
        organisation=request.user.organisation,
        target=made.guarantee.number,
        detail={"sequence": made.sequence, "sha256": made.payload_sha256, "state": made.state, "how": how},
    )


def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """証書詳細 of one registered version."""
    registration = registrations.own(request.user, pk)
    record_shown(request, registration, "screen")
    made = registration.certificate
    payload = payload_of(made)
    versions = registrations.versions(made.guarantee)
    registered = registrations.registered_of(registration, versions)
    context = {
        "page_title": documents.title_of(payload["product"]),
        "crumbs": [(LIST[0], reverse(LIST[1])), (f"{made.guarantee} {made.target}", "")],
        "number": f"{made.guarantee}",
        "number_label": "保証契約番号",
        "registration": registration,
        "verdict": verdict(made, examine(made, versions), payload["surety"]["name"]),
        "banners": banners(registration, versions, registered, payload),
        "rows": rows(made, payload),
        "is_test": identity().is_test,
        "test_note": documents.TEST_AUTHORITY,
        "versions": [_version(one, registered) for one in reversed(versions)],
        "log": log_lines(registration, LATEST),
        "comparison": _comparison(registration, payload),
        "may_decide": request.user.has_role("verify.user"),
        "is_open": registration.state == SubmissionState.REGISTERED,
    }
    return render(request, "verify/certificate.html", context)


# --- What the page says -----------------------------------------------------------


def verdict(made: Certificate, steps: Sequence[Step], issuer: str) -> dict[str, Any]:
    """Return the first line of the page: the failed step, or the live state of a certificate that nobody altered."""
    facts = [("発行者", issuer), ("発行通番", made.serial)]
    if wrong := [step.label for step in steps if not step.is_good]:
        return {
            "kind": "no",
            "title": "検証結果",
            "result": "改ざんの疑いがあります",
            "lead": "この証書を手続きに使わず、保証会社へご連絡ください。",
            "reasons": [f"{label}が一致しません。" for label in wrong],
            "facts": facts,
        }
    word, kind = live_state(made)
    when = f"（{timezone.localtime(made.ended_at):%Y/%m/%d}）" if made.ended_at else ""
    return {
        "kind": kind,
        "title": "検証結果",
        "result": f"{word}{when}・改ざんなし・{issuer}",
        "lead": f"{timezone.localtime():%Y/%m/%d %H:%M}現在の状態です。"
        "内容、電子署名、版のつながり、PDFを計算し直して確かめました。",
        "facts": facts,
    }


def live_state(made: Certificate) -> tuple[str, str]:
    """Return the live state of a version in words, and the kind of its verdict (esurety.md 8.3, 8.4)."""
    guarantee = made.guarantee
    if made.state == VersionState.ISSUED:
        if guarantee.state == GuaranteeState.ENDED:
            return "保証契約は終了しています", "review"
        is_past = guarantee.due_on < timezone.localdate()
        return ("有効（期限経過）", "review") if is_past else ("有効", "ok")
    return _ENDED[VersionState(made.state)], "no"


_ENDED = {
    VersionState.SUPERSEDED: "旧版",
    VersionState.CORRECTED: "訂正済",
    VersionState.WITHDRAWN: "変更取消",
    VersionState.CANCELLED: "失効",
}


def banners(
    registration: Registration,
    versions: Sequence[Certificate],
    registered: dict[int, Registration],
    payload: dict[str, Any],
) -> list[dict[str, str]]:
    """Return what must be known before the contents: what became of the version, and a 工期 that outlives it.

    A version that the body was not given is only said to be there, never what it says (esurety.md 9.2).
    """
    made = registration.certificate
    current = next((one for one in versions if one.pk == made.guarantee.current_id), None)
    when = f"{timezone.localtime(made.ended_at):%Y年%m月%d日}" if made.ended_at else ""
    found = []
    match made.state:
        case VersionState.CORRECTED:
            found.append(
                {"title": "訂正済", "text": f"この証書は{when}に訂正されました。訂正前の内容を表示しています。"}
            )
        case VersionState.WITHDRAWN:
            found.append(
                {"title": "変更取消", "text": f"この変更は{when}に取り消されました。取消し前の内容を表示しています。"}
            )
        case VersionState.CANCELLED:
            found.append({"title": "失効", "text": f"この保証契約は{when}に取り消され、証書は失効しました。"})
    if current is not None and current.pk != made.pk and made.state != VersionState.CANCELLED:
        word = "訂正後" if current.kind == "correction" else "変更後"
        if made.state == VersionState.WITHDRAWN:
            word = "取消し後に有効な"
        if known := registered.get(current.pk):
            title = f"{word}の証書があります" if word != "取消し後に有効な" else f"{word}証書があります"
            url = reverse("verify:certificate", args=[known.pk])
            found.append({"title": title, "text": "最新の証書をご確認ください。", "url": url, "label": current.target})
        else:
            found.append(
                {
                    "title": f"{word}の証書が未提出" if word != "取消し後に有効な" else f"{word}証書が未提出",
                    "text": "受注者から新しい認証キーの提出を受け、「認証キー入力」で登録してください。",
                }
            )
    if made.state == VersionState.ISSUED:
        term = comparing.term(payload, (registration.agreed or payload)["ends_on"])
        if term.light != Light.GREEN:
            found.append({"title": "工期が保証期限を過ぎます", "text": term.message})
    return found


def rows(made: Certificate, payload: dict[str, Any]) -> list[dict[str, str]]:
    """Return the lines of the certificate, and what identifies this version of it."""
    at = timezone.localtime(made.arrived_at)
    own = [
        ("対象", made.target),
        ("発行日", documents.day(payload["issued_on"])),
        ("電子保証発行日時", f"{at:%Y/%m/%d %H:%M}"),
        ("発行通番", made.serial),
        ("内容のSHA-256", made.payload_sha256),
        ("取扱箇所", f"{payload['office']['name']}　電話 {payload['office']['phone']}"),
    ]
    return [{"label": label, "shown": text, "changed_from": ""} for label, text in [*documents.rows(payload), *own]]


def _version(one: Certificate, registered: dict[int, Registration]) -> dict[str, Any]:
    known = registered.get(one.pk)
    at = timezone.localtime(one.arrived_at)
    state = one.get_state_display() if known else "未提出"
    return {
        "at": f"{at:%Y/%m/%d %H:%M}",
        "iso": at.isoformat(timespec="seconds"),
        "title": f"{one.target}（{state}）" if known else f"新しい証書（{state}）",
        "text": f"発行通番 {one.serial}　{known.get_state_display()}" if known else "",
        "url": reverse("verify:certificate", args=[known.pk]) if known else "",
    }


_HOW = {"screen": "画面", "print": "印刷"}
DONE = ("ok", "good")


def log_lines(registration: Registration, most: int) -> list[dict[str, str]]:
    """Return the newest events of this body about the guarantee for a timeline."""
    lines = []
    for name, event in registrations.log_of(registration, most):
        at = timezone.localtime(event.at)
        version = f"版 {event.detail['sequence']}" if "sequence" in event.detail else ""
        lines.append(
            {
                "at": f"{at:%Y/%m/%d %H:%M:%S}",
                "iso": at.isoformat(timespec="seconds"),
                "who": name,
                "title": verbs.label(event.verb) + ("" if event.outcome in DONE else "（受け付けませんでした）"),
                "text": "　".join(filter(None, (version, _HOW.get(event.detail.get("how", ""), "")))),
            }
        )
    return lines


def log(request: HttpRequest, pk: int) -> HttpResponse:
    """貴団体の操作の記録: all that is kept, up to a thousand."""
    registration = registrations.own(request.user, pk)
    number = f"{registration.certificate.guarantee}"
    context = {
        "page_title": "貴団体の操作の記録",
        "crumbs": [
            (LIST[0], reverse(LIST[1])),
            (number, reverse("verify:certificate", args=[pk])),
            ("貴団体の操作の記録", ""),
        ],
        "number": number,
        "number_label": "保証契約番号",
        "log": log_lines(registration, MOST),
        "back_url": reverse("verify:certificate", args=[pk]),
    }
    return render(request, "verify/log.html", context)


def _comparison(registration: Registration, payload: dict[str, Any]) -> dict[str, Any] | None:
    """Return 照合 of the figures that were kept, None before any were entered."""
    agreed = registration.agreed
    if not agreed:
        return None
    lines = comparing.lines(payload, agreed)
    findings = comparing.findings(payload, agreed, money_rules(registration.body))
    worst = max([line.light for line in lines] + [finding.light for finding in findings])
    return {
        "kind": LIGHTS[worst],
        "word": worst.label,
        "lines": lines,
        "findings": findings,
    }


# --- What a body does -------------------------------------------------------------


def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """照合: keep the figures of the body's own contract; the result stands on the certificate's page."""
    registration = registrations.own(request.user, pk)
    payload = payload_of(registration.certificate)
    if request.method != "POST":
        return _asked(request, registration, CompareForm(agreed=registration.agreed, case=payload), COMPARE)
    form = CompareForm(request.POST, case=payload)
    if not form.is_valid():
        return _asked(request, registration, form, COMPARE)
    receiving.compare(registration, request.user, form.agreed())
    return SeeOther(f"{reverse('verify:certificate', args=[pk])}#compare")


def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """受領."""
    registration = registrations.own(request.user, pk)
    try:
        receiving.accept(registration, request.user)
    except receiving.Decided:
        return _decided(request)
    messages.success(request, "電子証書を受領しました。受注者と保証会社にメールでお知らせします。")
    return redirect("verify:certificate", pk)


def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """差戻し with a reason."""
    registration = registrations.own(request.user, pk)
    if registration.state != SubmissionState.REGISTERED:
        return _decided(request)
    if request.method != "POST":
        return _asked(request, registration, ReturnForm(), RETURN)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _asked(request, registration, form, RETURN)
    try:
        receiving.give_back(registration, request.user, form.cleaned_data["reason"])
    except receiving.Decided:
        return _decided(request)
    messages.success(request, "電子証書を差し戻しました。受注者と保証会社に理由をメールでお知らせします。")
    return redirect("verify:certificate", pk)


COMPARE = {
    "title": "照合",
    "lead": "貴団体の契約内容を入力すると、証書の内容と、前払金などの限度額に照らして確かめます。",
    "button": "照合する",
}
RETURN = {
    "title": "差戻し",
    "lead": "差し戻すと、受注者と保証会社に理由をメールでお知らせします。受注者から改めて提出を受けてください。",
    "button": "差し戻す",
}


def _asked(request: HttpRequest, registration: Registration, form: Form, words: dict[str, str]) -> HttpResponse:
    """Show the form of one action about the certificate; nothing of its contents, so nothing is recorded."""
    number = f"{registration.certificate.guarantee}"
    back = reverse("verify:certificate", args=[registration.pk])
    context = {
        "page_title": words["title"],
        "crumbs": [
            (LIST[0], reverse(LIST[1])),
            (f"{number} {registration.certificate.target}", back),
            (words["title"], ""),
        ],
        "number": number,
        "number_label": "保証契約番号",
        "form": form,
        "words": words,
        "back_url": back,
        "problems": form.problems() if form.is_bound else [],
    }
    return render(request, "verify/action.html", context, status=422 if form.is_bound else 200)


def _decided(request: HttpRequest) -> HttpResponse:
    return problem(
        request,
        409,
        title="すでに受領または差戻しが行われています",
        lead="ほかの方が先に受領または差戻しを行いました。操作は行われていません。",
        todo="証書の画面を開き直し、最新の状態を確かめてください。",
    )
