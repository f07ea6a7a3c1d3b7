"""The form that makes a token."""

from portal.api.services import LONGEST_DAYS
from portal.ui.fields import IntegerField, TextField
from portal.ui.forms import Form


class TokenForm(Form):
    """Name and validity of a new token."""

    label = TextField(
        label="名前", max_length=40, hint="どのシステムで使うかが分かる名前です。例：販売管理システム（本番）"
    )
    days = IntegerField(
        label="有効日数", min_value=1, max_value=LONGEST_DAYS, unit="日", hint=f"1日から{LONGEST_DAYS}日までです。"
    )
