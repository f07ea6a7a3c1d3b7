"""加入者証: issued, issued again, asked for (credit_insurance.md 7.1, 7.4, 11 D08 and D09)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from credit_insurance.enums import CertificateState, LimitState
from credit_insurance.models import Case, Certificate, CoveredDebtor, Enrolment, LimitHistory
from credit_insurance.numbers import CERTIFICATE
from credit_insurance.services.review import NotAllowed, Overtaken, record, tell
from credit_insurance.states import CASE
from portal.accounts.models import User
from portal.common.eras import seireki
from portal.common.money import group, yen
from portal.common.states import move
from portal.documents.marks import verification_code
from portal.numbering.series import allocate

NOTES = (
    "保険金のお支払いは、取引先ごとの支払限度額と、期間中支払限度額が上限です。",
    "支払限度額は、適用開始日の午前0時以降の引渡しに適用します。",
    "弁済期日から起算して1か月を経過した日の翌日以降に引き渡した分は、補償の対象になりません。",
    "この書類より新しい版が発行されたときは、新しい版が有効です。",
)
COLUMNS = (
    {"label": "No.", "width": 4, "is_number": False},
    {"label": "企業名／法人番号", "width": 33, "is_number": False},
    {"label": "所在地", "width": 31, "is_number": False},
    {"label": "支払限度額", "width": 16, "is_number": True},
    {"label": "適用開始日", "width": 16, "is_number": False},
)


@transaction.atomic
def issue(enrolment: Enrolment, actor: User, reason: str = "", after: int = 0) -> Certificate:
    """発行 or 再発行: freeze the paper as the version that follows `after`, 0 for the first.

    Raises NotAllowed before 加入手続完了 and for a 再発行 without a reason, Overtaken when
    `after` is no longer the newest.
    """
    # Two people who issue at once wait for each other here; the second finds another version than was shown.
    if not Enrolment.objects.filter(pk=enrolment.pk, completed_at__isnull=False).update(months=F("months")):
        raise NotAllowed("加入手続が完了していません。完了してから発行してください。")
    if after and not reason:
        raise NotAllowed("再発行の理由を入力してください。")
    found = Enrolment.objects.select_related("case__member__organisation", "case__policy", "quote")
    held = found.get(pk=enrolment.pk)
    if (newest(held) or 0) != after:
        raise Overtaken
    now = timezone.now()
    if after:
        former = Certificate.objects.filter(enrolment=held, version=after, state=CertificateState.ISSUED)
        if not former.update(state=CertificateState.SUPERSEDED):
            raise Overtaken
    else:
        held.certificate_number = allocate(CERTIFICATE)
        Enrolment.objects.filter(pk=held.pk).update(certificate_number=held.certificate_number)
        move(Case.objects.filter(pk=held.case_id), CASE, "certify", state_at=now)
    made: Certificate = Certificate.objects.create(
        enrolment=held,
        version=after + 1,
        facts=facts(held, after + 1, now),
        reason=reason,
        issued_by=actor,
        issued_at=now,
    )
    record("credit.certificate_issued", held.case, actor, number=held.certificate_number, version=made.version)
    tell(held.case, "certificate")
    return made


def newest(enrolment: Enrolment) -> int | None:
    """Return the version of the 加入者証 that is in force, None while none is issued."""
    issued = Certificate.objects.filter(enrolment=enrolment, state=CertificateState.ISSUED)
    return issued.values_list("version", flat=True).first()


@transaction.atomic
def ask(enrolment: Enrolment, reason: str, actor: User) -> None:
    """再発行を依頼 by the member; raises NotAllowed while an earlier request waits or nothing is issued."""
    own = Certificate.objects.filter(
        enrolment__in=Enrolment.objects.visible_to(actor).filter(pk=enrolment.pk),
        state=CertificateState.ISSUED,
        asked_at=None,
    )
    if not own.update(asked_at=timezone.now(), asked_by=actor, asked_reason=reason):
        raise NotAllowed("再発行はすでに依頼されています。新しい版の発行をお待ちください。")
    record("credit.certificate_asked", enrolment.case, actor, number=enrolment.certificate_number)


# --- What the paper says ----------------------------------------------------------------


def facts(enrolment: Enrolment, version: int, now: datetime) -> dict[str, Any]:
    """Return the whole paper as plain texts: the same facts make the same PDF for ever."""
    case, known = enrolment.case, enrolment.quote.particulars
    policy, member = case.policy, case.member
    at = timezone.localtime(now)
    insurer = known.get("insurer") or f"{policy.insurer}　{policy.branch}"
    rows = _debtors(enrolment, at.date())
    ratio = f"{enrolment.quote.indemnity_ratio * 100:.0f}%"
    number = enrolment.certificate_number
    agreed = {"number": number, "version": version, "starts": f"{enrolment.starts_on}", "debtors": rows}
    code = verification_code(agreed)
    return {
        "title": "加入者証",
        "number": number,
        "number_label": "証券番号",
        "issued_at": f"{seireki(at.date())} {at:%H:%M}",
        "organisation": member.name,
        "issuer": insurer,
        "contact": f"取扱代理店　{known.get('agent') or policy.agent}",
        "version": f"第{version}版",
        "lead": "貸倒補償制度（国内取引信用保険）に、次のとおりご加入いただいていることを証します。",
        "highlights": [
            {"label": "期間中支払限度額", "value": yen(enrolment.period_limit)},
            {"label": "縮小率", "value": ratio},
            {"label": "保険料", "value": yen(enrolment.premium)},
        ],
        "sections": [
            _section(
                "ご契約",
                [
                    ("証券番号", f"{number}（第{version}版）"),
                    ("保険契約の証券番号", known.get("policy_no") or policy.policy_no),
                    # The premium is paid to the 契約者: the account is in its name.
                    ("保険契約者", policy.account_holder),
                    ("加入者（被保険者）", member.name),
                    ("加入者番号", member.number),
                    ("所在地", member.address),
                    ("引受保険会社", insurer),
                    ("取扱代理店", known.get("agent") or policy.agent),
                    ("発行日", seireki(at.date())),
                ],
            ),
            _section(
                "補償の内容",
                [
                    (
                        "補償期間",
                        f"{seireki(enrolment.starts_on)} 午前0時（0:00）から"
                        f" {seireki(enrolment.ends_on)} 午後12時（24:00）まで（{enrolment.months}か月）",
                    ),
                    ("縮小率", ratio),
                    ("免責金額", yen(enrolment.quote.deductible) if enrolment.quote.deductible else "なし"),
                    ("期間中支払限度額", yen(enrolment.period_limit)),
                    ("取引先別の支払限度額", f"別紙のとおり（{len(rows)}社）"),
                    ("履行遅滞の期間", "弁済期日から起算して3か月を経過しても債務が履行されないとき"),
                    ("引渡しの停止", "弁済期日から起算して1か月を経過した日の翌日以降の引渡しは対象外"),
                    ("保険料", f"{yen(enrolment.premium)}（一時払）"),
                ],
            ),
        ],
        "tables": [
            {
                "heading": "別紙　取引先別支払限度額一覧（単位：円）",
                "is_apart": True,
                "columns": list(COLUMNS),
                "rows": rows,
                "sums": ["", f"合計（{len(rows)}社）", "", group(_total(enrolment)), ""],
            }
        ],
        "notes": list(NOTES),
        "verification": {
            "code": code,
            "qr": f"{number}-{version} {code}",
            "text": "証券番号、版と検証コードにより、この加入者証の記載内容を引受保険会社で確認できます。",
        },
    }


def _section(heading: str, rows: list[tuple[str, str]]) -> dict[str, Any]:
    return {"heading": heading, "rows": [{"label": label, "value": text} for label, text in rows if text]}


def _listed(enrolment: Enrolment) -> Any:
    """Return the debtors of the 別紙: all that were not given up by the member."""
    return CoveredDebtor.objects.filter(enrolment=enrolment).exclude(state=LimitState.CLOSED_CUSTOMER)


def _total(enrolment: Enrolment) -> int:
    return sum(_listed(enrolment).values_list("limit", flat=True))


def _debtors(enrolment: Enrolment, today: date) -> list[list[str]]:
    """Return the rows of the 別紙; two queries however many there are."""
    until = max(today, enrolment.starts_on)
    changes = LimitHistory.objects.filter(debtor__enrolment=enrolment, effective_from__lte=until)
    since = dict(changes.order_by("effective_from", "pk").values_list("debtor", "effective_from"))
    return [
        [
            f"{place}",
            f"{one.name}\n{one.corporate_number}".strip(),
            one.address,
            group(one.limit),
            seireki(since.get(one.pk, one.starts_on)),
        ]
        for place, one in enumerate(_listed(enrolment).order_by("line__position", "pk"), start=1)
    ]
