"""Fields of the staff's own forms beside the admin's lists."""

from typing import Any

from django import forms

from portal.common.money import Negative, TooLarge, Unreadable, group, parse_yen


class YenField(forms.CharField):
    """An amount in yen, typed as people write it: 24,000,000 or 2,400万; None when it is left empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"class": "vTextField", "inputmode": "decimal"}), **options)

    def prepare_value(self, value: Any) -> Any:
        return group(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return parse_yen(typed)
        except (Negative, TooLarge):
            raise forms.ValidationError("0円以上、15桁以内の金額で入力してください。") from None
        except Unreadable:
            raise forms.ValidationError("金額を数字で入力してください。例：24,000,000") from None
