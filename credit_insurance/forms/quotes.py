"""The member's answers to the insurer: why terms should be looked at again, and what was asked about debtors."""

from collections.abc import Sequence
from typing import Any

from portal.ui.fields import NoteField
from portal.ui.forms import Form


class ReviewForm(Form):
    """条件見直しの依頼."""

    comment = NoteField(label="見直しを希望する内容", max_length=500, rows=4)


class AnswerForm(Form):
    """One field for each question: (id, 企業名, question)."""

    def __init__(self, questions: Sequence[tuple[int, str, str]], **options: Any) -> None:
        super().__init__(**options)
        self._names = {f"answer-{pk}": pk for pk, _, _ in questions}
        for pk, name, question in questions:
            self.fields[f"answer-{pk}"] = NoteField(label=name, hint=question, max_length=400, rows=3)

    def by_question(self) -> dict[int, str]:
        """Return the answers of a valid form, by id."""
        return {pk: self.cleaned_data[name] for name, pk in self._names.items()}
