"""What the confirm page of a 保証申込 says: errors with the place to put them right, warnings, ratios, 保証料."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from esurety.enums import GuaranteeState, Light, Medium, Product
from esurety.forms.works import YES, works_of
from esurety.models import Body, Contractor, FeeTable, Guarantee
from esurety.rules.contents import contents_of
from esurety.rules.facts import Contents, Works
from esurety.rules.fees import quote
from esurety.rules.limits import (
    Advance,
    Finding,
    MoneyRules,
    check_amount,
    check_base,
    check_members,
    check_years,
    ratio_text,
)
from esurety.rules.submission import variables
from esurety.selectors import requests as find
from esurety.selectors.bodies import money_rules, submission_rule
from esurety.selectors.fees import table_on
from portal.applications.selectors import own_attachments
from portal.common.calendar import fiscal_year
from portal.common.eras import seireki
from portal.common.money import yen
from portal.wizard.declaration import Decision, Fact, Problem
from portal.wizard.reading import Answers

PREFIXES = {Product.ADV: "adv", Product.MID: "mid", Product.CTR: "ctr"}
"""The forms of the second tab."""

MOST_BYTES = 100 * 1024 * 1024
"""All files of one application together."""

PLACES = {
    "advance.planned": ("contract", "id_main-has_advance_0"),
    "base.missing": ("guarantee", "id_{}-base_amount"),
    "base.price": ("guarantee", "id_{}-base_amount"),
    "mid.advance": ("guarantee", "id_{}-advance_number"),
    "mid.certificate": ("guarantee", "id_{}-certified_on-y"),
    "mid.half_period": ("guarantee", "id_{}-certified_on-y"),
    "contract.rider": ("guarantee", "id_{}-apply"),
    "jv.name": ("contract", "id_main-jv_name"),
    "jv.members": ("contract", "id_main-order_form_0"),
    "years.missing": ("contract", "id_main-is_multi_year_0"),
}
"""Where an error is put right, by the code of its check; all other amounts at the amount."""


@dataclass(frozen=True)
class Wanted:
    """One guarantee that is applied for: its answers, 会計年度 and what the checks say."""

    product: Product
    given: dict[str, Any]
    fiscal_year: int | None
    contents: Contents
    findings: tuple[Finding, ...]

    @property
    def prefix(self) -> str:
        return PREFIXES[self.product]


@dataclass(frozen=True)
class Case:
    """The whole application as the rules see it, looked up once for a reading."""

    works: Works
    body: Body
    rules: MoneyRules
    contractor: Contractor | None
    wanted: tuple[Wanted, ...]
    findings: tuple[Finding, ...]


def case_of(answers: Answers) -> Case:
    return answers.once("case", lambda: _look_up(answers))


def _look_up(answers: Answers) -> Case:
    contract, today = answers.contract, answers.case.today
    works = works_of(contract.main, contract.jv, contract.years)
    body = Body.objects.prefetch_related("acceptance", "submission_rules").get(code=works["body"])
    rules = money_rules(body)
    contractor = find.contractor_of(answers.case.organisation)
    applied = [(product, getattr(answers.guarantee, prefix)) for product, prefix in PREFIXES.items()]
    wanted = [
        _wanted(answers, product, given, works, body, rules, contractor) for product, given in applied if given["apply"]
    ]
    common = (*check_years(works), *check_members(works, answers.case.organisation.name))
    if contract.main["is_multi_year"] == YES and not works["years"]:
        message = "複数年度契約では、会計年度ごとの出来高予定額と支払限度額を入力してください。"
        common = (Finding("years.missing", Light.RED, message), *common)
    return Case(works, body, rules, contractor, tuple(wanted), (*common, *_dates(works, today)))


def _wanted(
    answers: Answers,
    product: Product,
    given: dict[str, Any],
    works: Works,
    body: Body,
    rules: MoneyRules,
    contractor: Contractor | None,
) -> Wanted:
    today, base = answers.case.today, given.get("base_amount")
    year = None
    if product != Product.CTR and (works["years"] or base):
        year = int(given["fiscal_year"]) if given.get("fiscal_year") else fiscal_year(today)
    first = find.advance_of(answers.case.actor, given["advance_number"]) if product == Product.MID else None
    advance = _advance(first, paid=given["is_paid"]) if first else None
    findings = check_amount(
        product,
        rules,
        works,
        given["amount"],
        base,
        advance=advance,
        certified_on=given.get("certified_on"),
        fiscal_year=year,
    )
    if product != Product.CTR:
        findings += check_base(rules, works, base, year, today)
    contents = contents_of(
        product,
        works,
        contractor={
            "name": answers.case.organisation.name,
            "address": contractor.address if contractor else "",
            "representative": contractor.representative if contractor else "",
        },
        body_name=body.name,
        addressee=body.addressee,
        amount=given["amount"],
        base_amount=base,
        fiscal_year=year,
        bank=given.get("bank", ""),
        advance_number=str(first) if first else "",
        advance_amount=first.amount if first else None,
    )
    return Wanted(product, given, year, contents, tuple(findings))


def _advance(first: Guarantee, *, paid: bool) -> Advance:
    return Advance(first.amount, is_active=first.state == GuaranteeState.ACTIVE, is_paid=paid)


def _dates(works: Works, today: date) -> Iterator[Finding]:
    signed, begins = date.fromisoformat(works["contract_on"]), date.fromisoformat(works["starts_on"])
    if (signed - begins).days > 60:
        words = f"請負契約日{seireki(signed)}が工期の始まり{seireki(begins)}より60日を超えて後です。確かめてください。"
        yield Finding("works.dates", Light.YELLOW, words)


# --- Errors ------------------------------------------------------------------------


def something_is_applied_for(answers: Answers) -> Iterator[Problem]:
    """Say when none of the three products is applied for."""
    if not case_of(answers).wanted:
        yield Problem("guarantee", "申し込む保証を1つ以上選んでください。", "id_adv-apply")


def limits_are_kept(answers: Answers) -> Iterator[Problem]:
    """Say every 不適 of the rules with the field where it is put right."""
    case = case_of(answers)
    for finding in case.findings:
        if finding.light == Light.RED:
            kind = finding.code.partition(".")[0]
            step, anchor = PLACES.get(finding.code, ("contract", f"id_{kind}-0-{'name' if kind == 'jv' else 'year'}"))
            yield Problem(step, finding.message, anchor)
    for one in case.wanted:
        for finding in one.findings:
            if finding.light == Light.RED:
                step, anchor = PLACES.get(finding.code, ("guarantee", "id_{}-amount"))
                yield Problem(step, finding.message, anchor.format(one.prefix))


def shares_add_up(answers: Answers) -> Iterator[Problem]:
    """Say when 再預託 does not distribute the whole 保証金額 among members."""
    for one in case_of(answers).wanted:
        if one.given.get("redeposit") != YES:
            continue
        rows = getattr(answers.guarantee, f"{one.prefix}shares")
        total = sum(row["amount"] for row in rows)
        if total != one.given["amount"]:
            message = f"再預託金額の合計{yen(total)}を保証金額{yen(one.given['amount'])}と同じにしてください。"
            yield Problem("guarantee", message, f"id_{one.prefix}shares-0-amount")


def files_fit(answers: Answers) -> Iterator[Problem]:
    """Say when the files together are too large."""
    ids = [pk for kept in answers.other.files.values() for pk in kept]
    ids += answers.guarantee.mid["certificate"] if answers.guarantee.mid["apply"] else []
    total = sum(file.size for file in own_attachments(answers.case.actor, ids)) if ids else 0
    if total > MOST_BYTES:
        yield Problem(
            "other", "添付するファイルの合計は100MBまでです。要らないファイルを減らしてください。", "id_files-others"
        )


CHECKS = (something_is_applied_for, limits_are_kept, shares_add_up, files_fit)


# --- The panel ------------------------------------------------------------------------


def decide(answers: Answers) -> Decision:
    """Say that it may be sent, with ratio, form, 保証期限 and expected 保証料 of each product, and what to look at."""
    case = case_of(answers)
    facts = [Fact("発注者", case.body.name)]
    for one in case.wanted:
        facts += _facts(one, case, answers.case.today)
    warned = [*case.findings, *(finding for one in case.wanted for finding in one.findings)]
    return Decision(
        verdict="申込みできます",
        warnings=[*(finding.message for finding in warned if finding.light == Light.YELLOW), *_hints(case)],
        facts=facts,
        trace={"findings": [[finding.code, int(finding.light), finding.message] for finding in warned]},
    )


def _facts(one: Wanted, case: Case, today: date) -> Iterator[Fact]:
    label = one.product.label
    base = one.contents["base_amount"] or case.works["price"]
    yield Fact(f"{label} 保証金額", f"{yen(one.given['amount'])}（{ratio_text(one.given['amount'], base)}）")
    yield Fact(f"{label} 保証証書の形式", Medium(one.given["medium"]).label)
    until = seireki(date.fromisoformat(one.contents["due_on"]))
    since = one.contents["covers_from"]
    shown = f"{seireki(date.fromisoformat(since))}から{until}まで" if since else until
    yield Fact(f"{label} {'保証期間' if since else '保証期限'}", shown)
    yield Fact(f"{label} 保証料（見込み）", _fee(one, today))


def _fee(one: Wanted, today: date) -> str:
    try:
        found = quote(table_on(one.product, today), one.given["amount"], online=True)
    except FeeTable.DoesNotExist:
        return "取扱支店がご案内します"
    discount = f"（インターネット割引{yen(found.discount)}を差し引いた額）" if found.discount else ""
    return yen(found.net) + discount


ASKED = {
    "工事番号": ("number", "工事番号・契約番号"),
    "契約番号": ("number", "工事番号・契約番号"),
    "調達案件番号": ("case_number", "調達案件番号"),
    "入札日": ("bid_on", "入札日"),
    "仕様書番号": ("spec_number", "仕様書番号"),
}
"""What a 発注者 may want in the subject line and a contractor may leave out, by the variable: its place and label."""


def _hints(case: Case) -> Iterator[str]:
    rules = [submission_rule(case.body, one.product) for one in case.wanted if one.given["medium"] == Medium.ELECTRONIC]
    wanted = [ASKED[name] for rule in rules if rule for name in variables(rule.subject) if name in ASKED]
    given = cast(Mapping[str, Any], case.works)
    if missing := "、".join(dict.fromkeys(label for place, label in wanted if not given[place])):
        yield (
            f"{case.body.name}は、認証キーを送るメールの件名に{missing}を求めています。"
            "請負工事の情報に入力してください。"
        )
