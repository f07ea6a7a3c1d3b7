"""発注者への提出: what the 発注者 wants, the mail with the key sheet alone, 提出済みにする (esurety.md 12.1.1)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters

from esurety.enums import KeyState, SubmissionState
from esurety.forms.guarantees import MarkForm, SendForm
from esurety.messages import SUBMISSION_IS_THE_KEY
from esurety.models import Certificate, Registration
from esurety.selectors.guarantees import own_version, submission_of
from esurety.selectors.handing import HandIn, hand_in
from esurety.services import keys, submissions
from esurety.services.issuing import Refused
from esurety.uploads import paper_of
from esurety.views.guarantees import moment
from esurety.views.proof import PASSWORD, Wrong, is_proved, prove
from esurety.views.versions import frame
from portal.accounts import inputs
from portal.accounts.views import answer
from portal.common.http import HttpRequest, SeeOther
from portal.ui.forms import Problem

SENT = "「認証キーのお知らせ」を{}宛てに送信しました。発注者が登録すると、提出状況が「登録済」になります。"


@sensitive_post_parameters(PASSWORD.name)
def submit(request: HttpRequest, number: str, sequence: int) -> HttpResponse:
    """発注者への提出 of one version, as a page; 送信する, 提出済みにする or 未提出に戻す as a form."""
    made = own_version(request.user, number, sequence)
    wanted = hand_in(made)
    if request.method != "POST":
        return _page(request, made, wanted)
    match request.POST.get("action"):
        case "send":
            return _send(request, made, wanted)
        case "mark":
            return _mark(request, made, wanted)
        case _:
            return _reopen(request, made, wanted)


def _send(request: HttpRequest, made: Certificate, wanted: HandIn) -> HttpResponse:
    form = SendForm(request.POST, prefix="mail")
    if not form.is_valid():
        return _page(request, made, wanted, mail=form, problems=form.problems(), status=422)
    if (wrong := prove(request, made)) is not None:
        return _page(request, made, wanted, mail=form, wrong=wrong, status=wrong.status)
    said = form.cleaned_data
    try:
        submissions.send(made, request.user, address=said["address"], subject=said["subject"], text=said["text"])
    except Refused as refusal:
        return _page(request, made, wanted, mail=form, problems=[Problem("", "", str(refusal))], status=409)
    messages.success(request, SENT.format(said["address"]))
    return SeeOther(reverse("surety:guarantee", args=[made.guarantee]))


def _mark(request: HttpRequest, made: Certificate, wanted: HandIn) -> HttpResponse:
    form = MarkForm(request.POST, request.FILES, prefix="mark", case=_arrived_on(made))
    form.known_files = {}
    if form.is_valid() and (message := _wrong_file(form, made, wanted)):
        form.add_error("file", message)
    if not form.is_valid():
        return _page(request, made, wanted, mark=form, problems=form.problems(), status=422)
    said = form.cleaned_data
    try:
        submissions.mark(made, request.user, channel=said["channel"], day=said["day"], note=said["note"])
    except Refused as refusal:
        return _page(request, made, wanted, mark=form, problems=[Problem("", "", str(refusal))], status=409)
    messages.success(request, "提出済みにしました。")
    return SeeOther(reverse("surety:guarantee", args=[made.guarantee]))


def _wrong_file(form: MarkForm, made: Certificate, wanted: HandIn) -> str:
    """Return why the file is not what has to be handed in, by its name, or ""; it is looked at and dropped."""
    for file in form.sent_files("mark-file"):
        paper = paper_of(file.read())
        if paper.is_certificate and not (wanted.rule and wanted.rule.wants_print):
            return (
                f"「{file.name}」は保証証書（確認用）です。これを提出しても保証証書を提出したことになりません。"
                "「認証キーのお知らせ」を提出してから、もう一度記録してください。"
            )
        if paper.code and not submissions.is_own_sheet(made, paper.code):
            return (
                f"「{file.name}」は、別の保証契約・別の版・再発行前の「認証キーのお知らせ」です。"
                "この画面の証書の「認証キーのお知らせ」を取得し直して、提出してください。"
            )
    return ""


def _reopen(request: HttpRequest, made: Certificate, wanted: HandIn) -> HttpResponse:
    try:
        submissions.reopen(made, request.user)
    except Refused as refusal:
        return _page(request, made, wanted, problems=[Problem("", "", str(refusal))], status=409)
    messages.success(request, "未提出に戻しました。もう一度提出してください。")
    return SeeOther(request.path)


def _arrived_on(made: Certificate) -> Any:
    return timezone.localdate(made.arrived_at)


def _page(
    request: HttpRequest,
    made: Certificate,
    wanted: HandIn,
    *,
    mail: SendForm | None = None,
    mark: MarkForm | None = None,
    wrong: Wrong | None = None,
    problems: list[Problem] | None = None,
    status: int = 200,
) -> HttpResponse:
    row = submission_of(made)
    own = keys.alive(made)
    initial = {"address": wanted.address, "subject": wanted.subject.text[:200], "text": wanted.text.text}
    first = wanted.rule.channels[0] if wanted.rule and wanted.rule.channels else ""
    case = _arrived_on(made)
    context: dict[str, Any] = {
        **frame(made, "発注者への提出"),
        "row": row,
        "sent": _sent_rows(made) if row and row.sent_at else [],
        "is_open": row is not None and row.state in (SubmissionState.OPEN, SubmissionState.RETURNED),
        "may_reopen": row is not None and row.state in (SubmissionState.SENT, SubmissionState.RETURNED),
        "returned": Registration.objects.filter(certificate=made, state=SubmissionState.RETURNED).first(),
        "is_frozen": own is not None and own.state == KeyState.FROZEN,
        "frozen_text": submissions.FROZEN,
        "wanted": wanted,
        "reminder": SUBMISSION_IS_THE_KEY,
        "mail": mail or SendForm(initial=initial, prefix="mail"),
        "mark": mark or MarkForm(initial={"channel": first, "day": timezone.localdate()}, prefix="mark", case=case),
        "is_proved": is_proved(request),
        **inputs.shown((PASSWORD,), wrong.messages if wrong else None),
    }
    context["problems"] = [*(problems or ()), *context["problems"]]
    return answer(request, "esurety/submit.html", context, status, wrong.refused if wrong else None)


def _sent_rows(made: Certificate) -> list[dict[str, str]]:
    """Return 送付控え: what was handed in, when, by whom, how."""
    row = made.submission
    pairs = [
        ("提出状況", row.get_state_display()),
        ("提出日時", moment(row.sent_at)),
        ("提出者", row.sent_by.name if row.sent_by else ""),
        ("提出方法", row.get_channel_display()),
        ("宛先", row.addressee),
        ("件名", row.subject),
        ("本文", row.text),
        ("添付", "認証キーのお知らせ（PDF）" if row.subject else ""),
        ("メモ", row.note),
    ]
    return [{"label": label, "shown": shown} for label, shown in pairs if shown]
