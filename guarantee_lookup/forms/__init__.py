"""The forms of the look-up."""

from guarantee_lookup.forms.files import LookupFileForm
from guarantee_lookup.forms.history import HistoryForm
from guarantee_lookup.forms.lookup import LookupForm, question_of
from guarantee_lookup.forms.whatif import WhatIfForm

__all__ = ["HistoryForm", "LookupFileForm", "LookupForm", "WhatIfForm", "question_of"]
