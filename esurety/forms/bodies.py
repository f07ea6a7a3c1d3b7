"""Filters of 対応発注者一覧."""

from esurety.enums import BodyKind, Product, WorkKind
from portal.ui.fields import ChoiceField, TextField
from portal.ui.forms import Form

ANY = ("", "すべて")


class BodySearchForm(Form):
    """Words, and what a contractor looks for: kind of body, guarantee, kind of works."""

    q = TextField(label="発注者の名称・カナ・団体コード", max_length=60, required=False)
    kind = ChoiceField(label="種別", choices=[ANY, *BodyKind.choices], control="select", required=False)
    product = ChoiceField(label="保証種類", choices=[ANY, *Product.choices], control="select", required=False)
    work_kind = ChoiceField(label="工事区分", choices=[ANY, *WorkKind.choices], control="select", required=False)
