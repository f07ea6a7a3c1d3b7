"""Addresses below /credit/ (ux.md 5.5)."""

from django.urls import include, path
from django.views.generic import RedirectView

from credit_insurance.views import (
    cases,
    cover,
    covered,
    debtor_files,
    debtors,
    enrolment,
    enrolment_papers,
    home,
    leads,
    library,
    members,
    payments,
    profile,
    public,
    questionnaire,
    quotes,
)
from credit_insurance.wizards import ENROLMENT, HEARING
from portal.accounts.access import PUBLIC, page
from portal.applications.urls import application_urls
from portal.wizard.urls import wizard_urls

MEMBER = ("credit.view",)
UNION = ("credit.union",)
EVERYBODY = ("credit.view", "credit.union", "credit.agent")

see = page(roles=MEMBER, methods=("GET",))
ask = page(roles=PUBLIC, methods=("GET", "POST"))
answer = page(roles=UNION, methods=("GET", "POST"))
change = page(roles=("credit.staff",), methods=("GET", "POST"))
take = page(roles=("credit.staff",), methods=("POST",))
decide = page(roles=("credit.approver",), methods=("GET", "POST"))
fetch = page(roles=("credit.staff",), methods=("GET",))

SHEET = "cases/<number:number>/steps/debtors/"
"""The page of the step whose lines are no form of the engine."""

CASES = RedirectView.as_view(pattern_name="credit:cases", permanent=False)
"""The list of the kernel's applications is that of the cases here."""

app_name = "credit"
urlpatterns = [
    path("", page(roles=EVERYBODY, methods=("GET",))(home.home), name="home"),
    path("about/", page(roles=PUBLIC, methods=("GET",))(public.about), name="about"),
    path("simulator/", page(roles=PUBLIC, methods=("GET",))(public.simulator), name="simulator"),
    path("questionnaire/", ask(questionnaire.questionnaire), name="questionnaire"),
    path("questionnaire/<slug:nonce>/", ask(questionnaire.result), name="questionnaire-result"),
    path(
        "questionnaire/<slug:nonce>/paper/",
        page(roles=PUBLIC, methods=("GET",))(questionnaire.paper),
        name="questionnaire-paper",
    ),
    path("leads/", page(roles=("credit.agent",), methods=("GET", "POST"))(leads.leads), name="leads"),
    path("profile/", page(roles=MEMBER, methods=("GET", "POST"))(profile.profile), name="profile"),
    path("profile/sheet/", see(profile.sheet), name="profile-sheet"),
    path("profile/ask/", page(roles=("credit.staff",), methods=("POST",))(profile.ask), name="profile-ask"),
    path("members/", page(roles=UNION, methods=("GET",))(members.member_list), name="members"),
    path("members/<slug:number>/", page(roles=UNION, methods=("GET",))(members.member), name="member"),
    path("members/<slug:number>/confirm/", answer(members.answer), {"action": "confirm"}, name="member-confirm"),
    path("members/<slug:number>/deny/", answer(members.answer), {"action": "deny"}, name="member-deny"),
    path("cases/", see(cases.case_list), name="cases"),
    path(SHEET, change(debtors.debtors), name="debtors"),
    path(f"{SHEET}new/", change(debtors.new_line), name="debtor-new"),
    path(f"{SHEET}<int:pk>/", change(debtors.edit_line), name="debtor"),
    path(f"{SHEET}<int:pk>/remove/", change(debtors.remove_line), name="debtor-remove"),
    path(f"{SHEET}template.<slug:form>", fetch(debtor_files.template), name="debtors-template"),
    path(f"{SHEET}export.<slug:form>", fetch(debtor_files.export), name="debtors-export"),
    path(f"{SHEET}import/", change(debtor_files.upload), name="debtors-import"),
    path(f"{SHEET}import/<uuid:pk>/", change(debtor_files.preview), name="debtors-preview"),
    path(f"{SHEET}import/<uuid:pk>/errors.csv", fetch(debtor_files.errors), name="debtors-errors"),
    path(f"{SHEET}copy/", change(debtor_files.copy), name="debtors-copy"),
    path("cases/<number:number>/answer/", change(quotes.answer), name="case-answer"),
    path("cases/<number:number>/correct/", take(quotes.correct), name="case-correct"),
    path("cases/<number:number>/paper/", see(quotes.sheet_paper), name="case-paper"),
    path("quotes/<str:number>/", page(roles=MEMBER, methods=("GET", "POST"))(quotes.quote), name="quote"),
    path("quotes/<str:number>/paper/", see(quotes.quote_paper), name="quote-paper"),
    path("quotes/<str:number>/refuse/", decide(quotes.refuse), name="quote-refuse"),
    path("quotes/<str:number>/again/", take(quotes.again), name="quote-again"),
    path("quotes/<str:number>/enrol/", see(enrolment.begin), name="enrol"),
    path("quotes/<str:number>/next-period/", take(enrolment.next_period), name="next-period"),
    path("enrolment/", see(enrolment.form_list), name="enrolments"),
    path("enrolment/<number:number>/", see(enrolment.receipt), name="enrolment-state"),
    path("enrolment/<number:number>/hand-over/", change(enrolment.hand_over), name="hand-over"),
    path("enrolment/<number:number>/give-back/", decide(enrolment.give_back), name="give-back"),
    path("enrolment/<number:number>/correct/", take(enrolment.correct), name="enrolment-correct"),
    path(
        "enrolment/<number:number>/start/",
        page(roles=MEMBER, methods=("GET", "POST"))(enrolment.later_start),
        name="later-start",
    ),
    path("enrolment/<number:number>/paper/", see(enrolment_papers.form_pdf), name="enrolment-pdf"),
    path("enrolment/<number:number>/invoice/", see(enrolment_papers.invoice_pdf), name="invoice-pdf"),
    path("payments/<slug:number>/receipt/", see(payments.receipt), name="payment-receipt"),
    path("papers/<slug:kind>/<int:version>/", see(enrolment_papers.paper_pdf), name="consent-paper"),
    path("cases/", include(wizard_urls(HEARING))),
    path("enrolment/", include(wizard_urls(ENROLMENT))),
    path("certificate/", see(cover.certificate), name="certificate"),
    path("certificate/ask/", change(cover.ask), name="certificate-ask"),
    path("certificate/<slug:number>/<int:version>/paper/", see(cover.paper), name="certificate-paper"),
    path("debtors/", see(covered.debtors), name="cover-debtors"),
    path("debtors/<int:pk>/", see(covered.debtor), name="cover-debtor"),
    path("debtors/<int:pk>/balance/", change(covered.change_balance), name="cover-balance"),
    path("documents/", see(library.library), name="library"),
    path("sheets/", include(application_urls("credit", "credit.view", listing=CASES))),
]
