"""All kinds of fields that a form may declare."""

from portal.ui.fields.attachments import AttachmentField
from portal.ui.fields.base import Field
from portal.ui.fields.choices import CheckField, ChoiceField
from portal.ui.fields.dates import DateField
from portal.ui.fields.numbers import CodeField, CorporateNumberField, IntegerField, MoneyField, PostalField
from portal.ui.fields.texts import EmailField, KatakanaField, NoteField, PhoneField, TextField

__all__ = [  # noqa: RUF022 - a table of contents
    # what they have in common
    "Field",
    # words
    "TextField",
    "NoteField",
    "KatakanaField",
    "EmailField",
    "PhoneField",
    # figures
    "IntegerField",
    "MoneyField",
    "CodeField",
    "CorporateNumberField",
    "PostalField",
    "DateField",
    # choices and files
    "ChoiceField",
    "CheckField",
    "AttachmentField",
]
