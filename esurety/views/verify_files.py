"""What a body takes away or brings: print, signed PDF, JSON, 検証 of the stored certificate and of any file."""

import hashlib
import json
import re
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from esurety import documents
from esurety.certificate import Judgement, bundle, sha256_of
from esurety.forms.verify import CheckForm
from esurety.models import Certificate, Registration
from esurety.rules.numbers import is_number, plain
from esurety.selectors import registrations
from esurety.services.integrity import examine
from esurety.services.issuing import payload_of
from esurety.views.verify_detail import LIST, live_state, record_shown, rows, verdict
from portal import audit
from portal.common.http import HttpRequest
from portal.documents.serve import pdf_response, record_document, too_many
from portal.ui.errors import problem

TITLE = "証書の検証"
NUMBER = re.compile(r"[0-9]{5}-[0-9]{6}")


def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """印刷: the certificate with 発行通番, hash and the time of printing at its foot."""
    registration = registrations.own(request.user, pk)
    record_shown(request, registration, "print")
    made = registration.certificate
    payload = payload_of(made)
    context = {
        "page_title": documents.title_of(payload["product"]),
        "crumbs": [(LIST[0], reverse(LIST[1])), (f"{made.guarantee}", _url(registration)), ("印刷", "")],
        "made": made,
        "verdict": verdict(made, examine(made, registrations.versions(made.guarantee)), payload["surety"]["name"]),
        "rows": rows(made, payload),
        "back_url": _url(registration),
        "printed_at": timezone.now(),
    }
    return render(request, "verify/print.html", context)


def _url(registration: Registration) -> str:
    return reverse("verify:certificate", args=[registration.pk])


def _content(made: Certificate) -> bytes | None:
    """Return the stored PDF, None when it is not the one that was issued."""
    try:
        with made.file.open("rb") as file:
            content: bytes = file.read()
    except FileNotFoundError:
        return None
    return content if hashlib.sha256(content).hexdigest() == made.sha256 else None


def pdf(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The signed PDF as issued; recorded before it leaves, refused when it was altered."""
    registration = registrations.own(request.user, pk)
    if refused := too_many(request):
        return refused
    made = registration.certificate
    content = _content(made)
    detail = {"sequence": made.sequence, "sha256": made.sha256}
    number = made.guarantee.number
    if content is None:
        record_document(request, "verify.pdf", number, detail, outcome="failed")
        return problem(
            request,
            409,
            title="PDFを表示できません",
            lead="保管しているPDFが、発行したものと一致しません。改ざんの疑いがあるため、表示を取りやめました。",
            todo="保証会社へご連絡ください。",
        )
    record_document(request, "verify.pdf", number, detail)
    return pdf_response(request, content, documents.CERTIFICATE.filename(documents.certificate_context(made)))


def data(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed contents as JSON, which 検証 and the command `verify_certificate` check."""
    registration = registrations.own(request.user, pk)
    made = registration.certificate
    record_shown(request, registration, "json", "verify.json")
    response = HttpResponse(bundle(made.payload, made.signature, made.signer), content_type="application/json")
    name = f"証書_{made.guarantee}_{made.sequence}.json"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def check(request: HttpRequest) -> HttpResponse:
    """検証 of a file that somebody handed over: as issued, or altered and where; and its live state if it is ours."""
    form = CheckForm(request.POST, request.FILES) if request.method == "POST" else CheckForm()
    context: dict[str, Any] = {
        "page_title": TITLE,
        "crumbs": [(TITLE, "")],
        "form": form,
        "problems": [],
        "verdict": None,
        "rows": [],
    }
    if not form.is_bound:
        return render(request, "verify/check.html", context)
    if not form.is_valid():
        return render(request, "verify/check.html", context | {"problems": form.problems()}, status=422)
    content = form.content()
    found = judge(content)
    made = _ours(request, content) if found.is_good else None
    audit.record(
        "verify.checked",
        actor=request.user,
        organisation=request.user.organisation,
        target=made.guarantee.number if made else "",
        outcome="good" if found.is_good else "bad",
        detail={"sha256": hashlib.sha256(content).hexdigest(), **({"sequence": made.sequence} if made else {})},
    )
    return render(request, "verify/check.html", context | {"verdict": _said(found, made)})


def judge(content: bytes) -> Judgement:
    """Return what `esurety.pdfsign.judge` finds."""
    from esurety import pdfsign  # a second of imports

    return pdfsign.judge(content)


def _ours(request: HttpRequest, content: bytes) -> Certificate | None:
    """Return the version that a genuine file is, if it was issued to the user's body."""
    if content[:5] == b"%PDF-":
        from pyhanko.pdf_utils.reader import PdfFileReader

        title = str(PdfFileReader(BytesIO(content)).trailer["/Info"].get("/Title", ""))
        number = NUMBER.search(title)
        digest = hashlib.sha256(content).hexdigest()
        return registrations.issued_to(request.user, plain(number[0]), sha256=digest) if number else None
    payload = json.loads(content)["payload"]
    number_text = plain(str(json.loads(payload).get("number", "")))
    if not is_number(number_text):
        return None
    return registrations.issued_to(request.user, number_text, payload_sha256=sha256_of(payload))


def _said(found: Judgement, made: Certificate | None) -> dict[str, Any]:
    if not found.is_good:
        return {
            "kind": "no",
            "title": "検証結果",
            "result": "発行されたものではありません",
            "lead": "このファイルを手続きに使わず、受注者に正しいファイルの提出を求めてください。",
            "reasons": [found.failed],
        }
    signed = f"{timezone.localtime(found.signed_at):%Y/%m/%d %H:%M}" if found.signed_at else ""
    facts = [("署名日時", signed)] if signed else []
    if made is None:
        lead = "ただし、貴団体あての証書としては登録されていません。認証キーを入力して内容を確かめてください。"
        return {"kind": "review", "title": "検証結果", "result": "改ざんなし", "lead": lead, "facts": facts}
    word, kind = live_state(made)
    when = f"（{timezone.localtime(made.ended_at):%Y/%m/%d}）" if made.ended_at else ""
    return {
        "kind": kind,
        "title": "検証結果",
        "result": f"改ざんなし・{word}{when}",
        "lead": f"{timezone.localtime():%Y/%m/%d %H:%M}現在の状態です。"
        "提出を受けたことになるのは、認証キーを入力して登録したときです。",
        "facts": [("保証契約番号", f"{made.guarantee}"), ("対象", made.target), ("発行通番", made.serial), *facts],
    }


def verify_stored(request: HttpRequest, pk: int) -> HttpResponse:
    """検証 of the stored certificate: the quick steps of its page, and the signature in its PDF."""
    registration = registrations.own(request.user, pk)
    made = registration.certificate
    steps = examine(made, registrations.versions(made.guarantee))
    content = _content(made)
    found = judge(content) if content is not None else Judgement("保管しているPDFが発行したものと一致しません。")
    is_good = found.is_good and all(step.is_good for step in steps)
    record_document(
        request,
        "verify.checked",
        made.guarantee.number,
        {"sequence": made.sequence, "sha256": made.sha256},
        outcome="good" if is_good else "bad",
    )
    signed = f"（{timezone.localtime(found.signed_at):%Y/%m/%d %H:%M}）" if found.signed_at else ""
    context = {
        "page_title": TITLE,
        "crumbs": [(LIST[0], reverse(LIST[1])), (f"{made.guarantee}", _url(registration)), ("検証", "")],
        "verdict": {
            "kind": "ok" if is_good else "no",
            "title": "検証結果",
            "result": "改ざんなし" if is_good else "改ざんの疑いがあります",
            "lead": f"{timezone.localtime():%Y/%m/%d %H:%M}に計算し直しました。",
        },
        "rows": [
            *({"label": step.label, "shown": "一致" if step.is_good else "不一致"} for step in steps),
            {"label": "PDFの電子署名", "shown": f"有効{signed}" if found.is_good else found.failed},
            {"label": "内容のSHA-256", "shown": made.payload_sha256},
            {"label": "PDFのSHA-256", "shown": made.sha256},
        ],
        "form": None,
        "back_url": _url(registration),
        "problems": [],
    }
    return render(request, "verify/check.html", context)
