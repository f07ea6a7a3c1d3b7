"""A form page behind a login, and the wizard whose state lies in the session."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from formtools.wizard.views import NamedUrlSessionWizardView

from bench.floor.forms import SAMPLES, STEP_FORMS, PageForm
from bench.floor.models import Customer, Debtor, Submission


@login_required
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "page.html", {"form": PageForm(initial=SAMPLES)})


@login_required
def customer(request: HttpRequest) -> HttpResponse:
    """One indexed query and a table of six rows."""
    found = get_object_or_404(Customer, number=request.POST["number"]) if request.method == "POST" else None
    return render(request, "customer.html", {"customer": found})


@login_required
def lookup(request: HttpRequest) -> HttpResponse:
    """A form whose answer stands under an address of its own, with nothing asked before."""
    if request.method == "POST":
        return redirect("shown", request.POST["number"])
    return render(request, "customer.html", {"customer": None})


@login_required
def shown(request: HttpRequest, number: str) -> HttpResponse:
    """The same query and table."""
    return render(request, "customer.html", {"customer": get_object_or_404(Customer, number=number)})


@login_required
@permission_required("floor.view_debtor", raise_exception=True)
def debtors(request: HttpRequest, sheet: str) -> HttpResponse:
    """One query and a table of its rows, whose texts are ready."""
    return render(request, "debtors.html", {"debtors": Debtor.objects.filter(sheet=sheet).order_by("position")})


class Wizard(NamedUrlSessionWizardView):
    form_list = STEP_FORMS
    template_name = "wizard.html"

    def done(self, form_list: list[Form], **kwargs: Any) -> HttpResponse:
        answers = {name: value for form in form_list for name, value in form.cleaned_data.items()}
        submission = Submission.objects.create(login=self.request.user.get_username(), answers=answers)
        return render(self.request, "done.html", {"submission": submission})


wizard = login_required(Wizard.as_view(url_name="step", done_step_name="done"))
