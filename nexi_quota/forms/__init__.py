"""Forms of the exporter portal."""

from nexi_quota.forms.confirmation import AMOUNTS, PARTIES, ConsentForm, TermsForm
from nexi_quota.forms.lists import BuyerSearchForm, ConfirmationFilterForm
from nexi_quota.forms.parts import ContactForm

__all__ = ["AMOUNTS", "PARTIES", "BuyerSearchForm", "ConfirmationFilterForm", "ConsentForm", "ContactForm", "TermsForm"]
