"""The few controls of the account pages: passwords and codes, which are neither normalised nor shown again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.ui.forms import Problem


@dataclass(frozen=True)
class Input:
    """One text control; `autocomplete` is the token that password managers look for."""

    name: str
    label: str
    autocomplete: str
    type: str = "password"
    hint: str = ""
    value: str = ""
    required: bool = True
    error: str = ""


LOGIN = Input("login", "ユーザーID", "username", "text")
PASSWORD = Input("password", "パスワード", "current-password")
CODE = Input("code", "確認コード", "one-time-code", "text")
CURRENT = Input("current_password", "現在のパスワード", "current-password")
CURRENT_FOR_MAIL = replace(CURRENT, required=False, hint="メールを変更するときだけ入力してください。")
NEW = Input("new_password", "新しいパスワード", "new-password")
NEW_AGAIN = Input("new_password_again", "新しいパスワード（確認用）", "new-password")


def shown(
    inputs: Sequence[Input], wrong: Mapping[str, str] | None = None, values: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Template context for `inputs`: messages by name in `wrong` ("" for the whole form), typed texts in `values`."""
    wrong, values = wrong or {}, values or {}
    labels = {one.name: one.label for one in inputs}
    return {
        "inputs": [replace(one, error=wrong.get(one.name, ""), value=values.get(one.name, "")) for one in inputs],
        "problems": [
            Problem(f"id_{name}" if name else "", labels.get(name, ""), message) for name, message in wrong.items()
        ],
    }
