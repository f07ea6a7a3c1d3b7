"""Forms of the exporter portal."""

from nexi_quota.forms.check import CheckForm
from nexi_quota.forms.confirmation import AMOUNTS, PARTIES, ConsentForm, TermsForm
from nexi_quota.forms.lists import BuyerSearchForm, ConfirmationFilterForm, ContractFilterForm
from nexi_quota.forms.notice import CHOSEN, NoticeForm, obstacle
from nexi_quota.forms.parts import ContactForm, contact_of
from nexi_quota.forms.targets import (
    WORDS,
    Bar,
    Found,
    bar_of,
    identity_of,
    kind_of,
    open_amount,
    overdue_warning,
    registered_of,
)

__all__ = [
    "AMOUNTS",
    "CHOSEN",
    "PARTIES",
    "WORDS",
    "Bar",
    "BuyerSearchForm",
    "CheckForm",
    "ConfirmationFilterForm",
    "ConsentForm",
    "ContactForm",
    "ContractFilterForm",
    "Found",
    "NoticeForm",
    "TermsForm",
    "bar_of",
    "contact_of",
    "identity_of",
    "kind_of",
    "obstacle",
    "open_amount",
    "overdue_warning",
    "registered_of",
]
