"""お見積り用ヒアリングシート: the summary, then the debtors on a page of their own (credit_insurance.md 5.3, 5.4)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.urls import reverse

from credit_insurance import models
from credit_insurance.enums import Exclusion, Membership
from credit_insurance.forms.debtor import DebtorForm, debtor, shown
from credit_insurance.forms.simulator import SimulatorForm
from credit_insurance.forms.summary import ANCHORS, MEASURES, LossFormSet, SummaryForm, sheet_of
from credit_insurance.models import Line, Member
from credit_insurance.numbers import SHEET
from credit_insurance.rules.exclusions import exclusions
from credit_insurance.rules.facts import LABELS, Sheet
from credit_insurance.rules.hearing import BAD_DEBT_YEARS, turnover_months
from credit_insurance.rules.premium import receivables
from credit_insurance.selectors import masters, sheets
from credit_insurance.selectors.questionnaires import last_measures
from credit_insurance.services import cases
from credit_insurance.wizards import sheet_paper
from portal.applications.kinds import Link
from portal.applications.models import Application
from portal.common.eras import seireki
from portal.common.money import yen
from portal.ui import help as help_texts
from portal.wizard.declaration import Case, Decision, Fact, Listing, Problem, Step, Submission, Wizard
from portal.wizard.reading import Answers
from portal.wizard.registry import register
from portal.wizard.services import Refused

MOST_PROBLEMS = 50
"""Problems of the lines that the confirm page lists; the page of the debtors shows all."""

SHOWN = (
    *("corporate_number", "address", "annual_sales", "balance_now", "balance_max12", "overdue_flag"),
    "requested_limit",
)


def proposed(case: Case) -> Mapping[str, Any]:
    """Return three business years without 貸倒, as most have them, the 対策 of the アンケート, and the 目安."""
    years = [case.today.year - back for back in range(1, BAD_DEBT_YEARS + 1)]
    answered = last_measures(case.organisation)
    return {
        "main": {
            **estimated(case.query),
            **{name: True for name, measure in MEASURES.items() if measure in answered},
        },
        "losses": [{"year": year, "cases": 0, "amount": 0} for year in years],
    }


def estimated(query: Mapping[str, str]) -> dict[str, int]:
    """Return 年間売上高 and 売掛債権残高 as 保険料の目安, which led here, was asked for: in yen, whole 千円."""
    asked = SimulatorForm(query)
    if not asked.is_valid():
        return {}
    sales, months = asked.cleaned_data["sales"], asked.cleaned_data["months"]
    found = {"total_sales": sales, "ar_total": receivables(sales, months)}
    return {name: amount - amount % 1000 for name, amount in found.items() if amount >= 1000}


def head_of(answers: Answers) -> Sheet:
    """Return the facts of the summary as far as they are known."""
    step = answers.summary
    if step is not None:
        return sheet_of(step.main, step.losses)
    return sheet_of(answers.so_far("summary", "main"), [])


def grid_of(answers: Answers) -> sheets.Grid:
    """Return the lines of the sheet, judged together with its head; read once for all rules."""

    def read() -> sheets.Grid:
        case = answers.case
        own = Line.objects.filter(sheet__number=case.number, sheet__organisation=case.organisation)
        lines = list(own.defer("typed").order_by("position", "pk"))
        return grid(lines, head_of(answers), case)

    return answers.once("grid", read)


def grid(lines: list[Line], head: Sheet, case: Case) -> sheets.Grid:
    """Return `lines` judged today."""
    facts = [debtor(place, line.values) for place, line in enumerate(lines, start=1)]
    return sheets.judged(lines, facts, head, case.today, masters.starts(case.today))


def is_sound(answers: Answers) -> Iterator[Problem]:
    """Name what keeps the sheet from being handed in, with the place to put it right."""
    found = grid_of(answers)
    for fault in found.judgement.head:
        anchor = ANCHORS.get(fault.field, "")
        yield Problem("summary" if anchor else "debtors", fault.message, anchor)
    wrong = [(row, message) for row in found.rows for message in row.wrong.values()]
    for row, message in wrong[:MOST_PROBLEMS]:
        name = row.debtor.debtor_name or "（企業名なし）"
        yield Problem("debtors", f"No.{row.debtor.line_no} {name}：{message}", f"line-{row.line.pk}")
    if len(wrong) > MOST_PROBLEMS:
        yield Problem("debtors", f"ほかに{len(wrong) - MOST_PROBLEMS:,}件、取引先の一覧で直してください。")


def decide(answers: Answers) -> Decision:
    """Say what is handed in: count, totals, and who is out for which reason."""
    found, head = grid_of(answers), head_of(answers)
    judgement = found.judgement
    outside = [
        f"{row.debtor.debtor_name}：{'、'.join(reason.label for reason in row.excluded)}のため対象外です。"
        for row in found.rows
        if row.excluded
    ]
    start = head.intended_start
    limits = masters.deadlines_of(start) if start else None
    return Decision(
        verdict="申請できます",
        kind="review" if outside else "ok",
        warnings=outside,
        facts=[
            Fact("加入希望始期", seireki(start) if start else ""),
            Fact("加入依頼書の締切", seireki(limits.form) if limits else ""),
            Fact("保険料のお振込み締切", seireki(limits.money) if limits else ""),
            Fact("対象となる取引先", f"{judgement.insurable}社（全{len(found.rows)}社）"),
            Fact("希望限度額の合計", yen(judgement.requested)),
            Fact("債権残高の合計", yen(judgement.receivables)),
            Fact("売掛債権回転期間", f"{turnover_months(head.ar_total, head.credit_sales)}か月"),
        ],
    )


def described(answers: Answers) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield one section for each debtor: what the confirm page and the frozen version show."""
    for row in grid_of(answers).rows:
        items = [
            {"name": name, "label": LABELS[name], "raw": [], "shown": shown(name, row.line.values) or "入力なし"}
            for name in SHOWN
        ]
        yield f"No.{row.debtor.line_no} {row.debtor.debtor_name}", items


def excluded_lines(case: models.Case) -> dict[int, tuple[Exclusion, ...]]:
    """Return the automatic reasons against the lines of a case, by line (pk)."""
    lines = sheets.lines_of(case.sheet)
    facts = [debtor(place, line.values) for place, line in enumerate(lines, start=1)]
    return {lines[place - 1].pk: why for place, why in exclusions(facts, case.intended_start).items()}


def listing(answers: Answers) -> Listing:
    """加入希望始期 and what is asked for, as far as it is known."""
    start = answers.so_far("summary", "main").get("intended_start")
    return Listing(subject=f"加入希望始期 {start}" if start else "見積り準備中")


def complete(submission: Submission) -> None:
    """申請: open the case, or go on with the one whose sheet was returned."""
    answers = submission.answers
    member = Member.objects.filter(organisation=answers.case.organisation).first()
    if member is None:
        raise Refused("加入者情報が登録されていません。取扱代理店へお問い合わせください。")
    if not Membership(member.membership).allows_case:
        raise Refused("所属組合の会員であることを確認できないため、申請できません。所属組合へお問い合わせください。")
    found, head = grid_of(answers), head_of(answers)
    policy = masters.policy_for(head.intended_start) if head.intended_start else None
    if head.intended_start is None or policy is None:
        raise Refused("選んだ加入希望始期の募集はまだ始まっていません。概要で選び直してください。")
    wanted = cases.Wanted(
        start=head.intended_start,
        policy=policy,
        debtors=found.judgement.insurable,
        requested=found.judgement.requested,
        turnover=turnover_months(head.ar_total, head.credit_sales) or Decimal(0),
    )
    cases.submit(submission.application, member, wanted, submission.actor)


def documents_of(application: Application) -> list[Link]:
    """Return the paper of a submitted sheet."""
    return [Link("ヒアリングシート（PDF）", reverse("credit:case-paper", args=[application.number]))]


HEARING = register(
    Wizard(
        slug=sheets.SHEET_KIND,
        title="お見積り",
        portal="credit",
        series=SHEET,
        steps=[
            Step(
                "summary",
                "ヒアリングシート（概要）",
                {"main": SummaryForm, "losses": LossFormSet},
                initial=proposed,
                lead="金額は千円単位です。わからないところは一時保存して、あとから入力できます。",
            ),
            # Its page is views/debtors.py: up to 500 lines with a revision each are more than a form can carry.
            Step("debtors", "ヒアリングシート（取引先）", {}, described=described),
        ],
        checks=[is_sound],
        decide=decide,
        listing=listing,
        complete=complete,
        documents=documents_of,
        after_submit=[sheet_paper.AFTER],
        view_role="credit.view",
        edit_role="credit.staff",
        submit_role="credit.approver",
        confirm_title="申請内容の確認",
        confirm_label="申請内容の確認へ",
        submit_label="申請する",
        number_label="受付番号",
        list_label="お見積りの一覧",
        refused_message="申請は責任者が行います。責任者の方にお知らせください",
        intro_template="credit_insurance/case_intro.html",
        receipt_template="credit_insurance/case_receipt.html",
    )
)

for _form in (SummaryForm, DebtorForm):
    for _name, (_label, _text) in _form.help_texts().items():
        help_texts.register("credit", _name, _label, _text)
