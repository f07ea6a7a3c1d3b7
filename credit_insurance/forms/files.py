"""What the pages of files and copies ask."""

from collections.abc import Sequence
from typing import Any

from credit_insurance.rules.facts import MAX_LINES
from portal.ui.fields import AttachmentField, ChoiceField
from portal.ui.forms import Form

REPLACE, APPEND = "replace", "append"
KEEP, SKIP = "keep", "skip"


class SheetFileForm(Form):
    """One file of debtors."""

    file = AttachmentField(
        label="取引先のファイル",
        max_count=1,
        max_bytes=20 * 1024 * 1024,
        types=("xlsx", "csv"),
        hint=f"{MAX_LINES}社まで。CSVの文字コードはUTF-8かShift_JIS（CP932）。",
    )


class TakeOverForm(Form):
    """How the rows of a file come onto the sheet; without unreadable cells there is no second question."""

    mode = ChoiceField(
        label="取り込み方",
        choices=[
            (APPEND, "追記（いまの取引先を残し、同じ取引先は空欄でない欄だけを書き換える）"),
            (REPLACE, "置換（いまの取引先をすべて削除し、ファイルの内容にする）"),
        ],
    )
    unread = ChoiceField(
        label="読み取れない欄のある行",
        choices=[
            (KEEP, "作成途中の取引先として取り込み、あとから画面で直す"),
            (SKIP, "取り込まない"),
        ],
    )


class CopyForm(Form):
    """Which earlier sheet the debtors are copied from; the page gives the choices."""

    source = ChoiceField(label="複写元のヒアリングシート")


class ColumnsForm(Form):
    """Which heading of a file is which column; `headings` are those that are asked: place, words, hint."""

    def __init__(
        self, headings: Sequence[tuple[int, str, str]], choices: Sequence[tuple[str, str]], **options: Any
    ) -> None:
        super().__init__(**options)
        for at, heading, hint in headings:
            self.fields[f"column-{at}"] = ChoiceField(
                label=heading, hint=hint, choices=choices, control="select", empty_label="取り込まない", required=False
            )

    def clean(self) -> dict[str, Any]:
        chosen: set[str] = set()
        for name, column in list(self.cleaned_data.items()):
            if column and column in chosen:
                self.add_error(name, "同じ欄が、ほかの列でも選ばれています。どちらかを選び直してください。")
            chosen.add(column)
        return self.cleaned_data
