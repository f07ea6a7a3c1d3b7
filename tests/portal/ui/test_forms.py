"""Forms: what was typed stays, what was understood is described, errors lead to their fields."""

import json
from datetime import date
from typing import Any, ClassVar

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import formset_factory
from django.utils.datastructures import MultiValueDict

from portal.ui import fields
from portal.ui.forms import Form, FormSet, Section


class ContractForm(Form):
    sections = (
        Section("契約", ("number", "signed", "form")),
        Section("金額", ("amount",), intro="円で入力してください。"),
    )
    help_url = "/help/nexi/{field}/"

    note = fields.NoteField(label="備考", required=False)
    amount = fields.MoneyField(label="契約金額", help="契約書の金額です。")
    number = fields.TextField(label="契約番号", kind="half", max_length=20)
    signed = fields.DateField(label="契約締結日")
    form = fields.ChoiceField(label="契約形態", choices=[("11", "輸出契約"), ("15", "仲介貿易契約")])
    country = fields.TextField(label="船積国", conditional=True)
    same = fields.CheckField(label="同じ支払人")
    papers = fields.AttachmentField(label="添付書類", required=False)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("form") == "15":
            self.require("country")
        return self.cleaned_data


TYPED: dict[str, list[str]] = {
    "number": ["ＡＢＣ−１"],
    "signed-y": ["令和8"],
    "signed-m": ["4"],
    "signed-d": ["1"],
    "form": ["11"],
    "amount": ["1億2,000万"],
    "papers-kept": ["a1", "b2"],
}


def test_a_valid_form_gives_values_and_describes_its_answers() -> None:
    form = ContractForm(TYPED)
    form.known_files = {"a1": ("見積書.pdf", 340_000), "b2": ("図.png", 2048)}
    assert form.is_valid()
    assert form.cleaned_data["amount"] == 120_000_000
    assert form.cleaned_data["signed"] == date(2026, 4, 1)
    assert form.cleaned_data["papers"] == ["a1", "b2"]
    answers = {answer["name"]: answer for answer in form.answers()}
    assert answers["number"] == {"name": "number", "label": "契約番号", "raw": ["ＡＢＣ−１"], "shown": "ABC-1"}
    assert answers["signed"]["raw"] == ["令和8", "4", "1"]
    assert answers["signed"]["shown"] == "2026年4月1日（令和8年4月1日）"
    assert answers["form"]["shown"] == "輸出契約"
    assert answers["note"]["shown"] == "入力なし"
    assert answers["same"]["shown"] == "いいえ"
    assert answers["papers"]["shown"] == "見積書.pdf（333KB）、図.png（2KB）"
    assert [title for title, _ in form.answers_by_section()] == ["契約", "金額", ""]
    assert json.loads(json.dumps(form.answers())) == form.answers()


def test_typed_text_is_shown_again_exactly_whether_bound_or_not() -> None:
    raw = {"number": ["  ＜ＡＢＣ\u3000１ "], "form": ["99"], "signed-y": ["２０２６"]}
    for form in (ContractForm(raw), ContractForm(typed=raw, initial={"number": "other"})):
        assert form.typed_value("number") == raw["number"]
        assert form.typed_value("signed-y") == ["２０２６"]
        assert form.typed_value("signed-m") == []


def test_initial_values_are_spread_over_the_controls_of_a_form_without_typed_text() -> None:
    form = ContractForm(initial={"signed": date(2026, 4, 1), "amount": 1000, "same": True}, prefix="main")
    assert [form.typed_value(f"main-signed-{part}") for part in "ymd"] == [["2026"], ["4"], ["1"]]
    assert form.typed_value("main-amount") == ["1,000"]
    assert form.typed_value("main-same") == ["on"]
    assert form.problems() == []


def test_problems_come_in_the_order_of_the_page_and_name_an_anchor() -> None:
    form = ContractForm({"main-amount": ["x"], "main-form": ["15"]}, prefix="main")
    assert not form.is_valid()
    assert [(p.anchor, p.label) for p in form.problems()] == [
        ("id_main-number", "契約番号"),
        ("id_main-signed-y", "契約締結日"),
        ("id_main-amount", "契約金額"),
        ("id_main-country", "船積国"),
    ]
    assert form.problems()[-1].message == "船積国を入力してください。"


def test_a_problem_with_a_radio_group_leads_to_its_first_button() -> None:
    assert "id_form_0" in {problem.anchor for problem in ContractForm({"number": ["1"]}).problems()}


def test_errors_of_the_whole_form_come_first() -> None:
    class Whole(ContractForm):
        def clean(self) -> dict[str, Any]:
            self.add_error(None, "もう一度確かめてください。")
            return self.cleaned_data

    first = Whole({}, prefix="main").problems()[0]
    assert first == ("id_main-all", "", "もう一度確かめてください。")


class Period(Form):
    start = fields.DateField(label="工期の始まり", required=False)
    end = fields.DateField(label="工期の終わり", required=False)

    def clean(self) -> dict[str, Any]:
        self.require_order("start", "end")
        return self.cleaned_data


@pytest.mark.parametrize(("day", "count"), [("1", 0), ("31", 0), ("", 0)])
def test_dates_in_order_or_missing_pass(day: str, count: int) -> None:
    typed = {"start-y": "2026", "start-m": "3", "start-d": "1"}
    typed |= {"end-y": "2026", "end-m": "3", "end-d": day} if day else {}
    assert len(Period(typed).problems()) == count


def test_an_end_before_the_start_is_refused_with_both_names() -> None:
    typed = {"start-y": "2026", "start-m": "4", "start-d": "1", "end-y": "2026", "end-m": "3", "end-d": "31"}
    assert Period(typed).problems() == [
        ("id_end-y", "工期の終わり", "工期の終わりは工期の始まり（2026年4月1日）以後の日にしてください。")
    ]


def test_changing_a_field_of_one_form_leaves_the_declaration_and_other_forms_alone() -> None:
    first, second = ContractForm(), ContractForm()
    first.fields["form"].choices = [("11", "変わった")]  # type: ignore[attr-defined]
    first.fields["note"].required = True
    assert second.field("form").show("11") == "輸出契約"
    assert not second.fields["note"].required
    assert not ContractForm.base_fields["note"].required


def test_html_names_are_all_that_a_draft_may_store() -> None:
    assert ContractForm(prefix="main").html_names() == [
        "main-note", "main-amount", "main-number", "main-signed-y", "main-signed-m", "main-signed-d", "main-form",
        "main-country", "main-same", "main-papers-kept",
    ]  # fmt: skip


def test_help_texts_are_found_without_a_request() -> None:
    assert ContractForm.help_texts() == {"amount": ("契約金額", "契約書の金額です。")}


def test_files_that_are_unknown_or_dropped_are_not_kept() -> None:
    form = ContractForm({**TYPED, "papers-kept": ["a1", "b2", "foreign"], "papers-drop": ["b2"]})
    form.known_files = {"a1": ("a.pdf", 1), "b2": ("b.pdf", 1)}
    assert form.is_valid()
    assert form.cleaned_data["papers"] == ["a1"]


def test_sent_files_are_judged_and_counted_with_those_kept() -> None:
    files = MultiValueDict({"papers": [SimpleUploadedFile(f"{n}.pdf", b"%PDF-") for n in range(4)]})
    form = ContractForm(TYPED, files)
    assert form.messages("papers") == ["添付書類は5件までです（いま6件です）。要らないファイルを減らしてください。"]
    bad: MultiValueDict[str, Any] = MultiValueDict({"papers": [SimpleUploadedFile("a.exe", b"MZ")]})
    assert "a.exe" in ContractForm(TYPED, bad).messages("papers")[0]


class Row(Form):
    buyer = fields.CodeField(label="支払人", groups=(3, 6))
    balance = fields.MoneyField(label="債権残高")


Rows = formset_factory(Row, formset=FormSet, extra=3, max_num=10, validate_max=True, can_delete=True)


def rows(*typed: dict[str, str], total: int | str = 3) -> dict[str, list[str]]:
    data = {"lines-TOTAL_FORMS": [str(total)], "lines-INITIAL_FORMS": ["0"]}
    for place, row in enumerate(typed):
        data |= {f"lines-{place}-{name}": [text] for name, text in row.items()}
    return data


def test_empty_and_removed_rows_of_a_form_set_do_not_count() -> None:
    good = {"buyer": "310000001", "balance": "1千万"}
    found = Rows(rows(good, {}, {"buyer": "x", "DELETE": "on"}), prefix="lines", case="case")
    assert found.is_valid()
    assert [row["balance"] for row in found.rows()] == [10_000_000]
    assert found.forms[0].case == "case"
    assert [(a["label"], a["shown"]) for a in found.answers()] == [
        ("1行目・支払人", "310-000001"),
        ("1行目・債権残高", "10,000,000円"),
    ]


def test_a_problem_of_a_form_set_names_its_row() -> None:
    found = Rows(rows({}, {"buyer": "310000001", "balance": "約3百万"}), prefix="lines")
    assert not found.is_valid()
    assert found.problems() == [
        (
            "id_lines-1-balance",
            "2行目・債権残高",
            "2行目：債権残高を読み取れませんでした。例：12,345,000",
        )
    ]


@pytest.mark.parametrize("total", ["x", "", "11", "999999"])
def test_a_count_of_rows_that_was_tampered_with_is_an_error_and_not_a_crash(total: str) -> None:
    found = Rows(rows(total=total), prefix="lines")
    assert not found.is_valid()
    assert found.problems()[0].anchor == "id_lines-all"
    assert len(Rows(typed=rows(total=total), prefix="lines").forms) <= 1010


def test_a_row_more_keeps_everything_typed() -> None:
    found = Rows(typed=rows({"buyer": "３１０"}), prefix="lines")
    again = Rows(typed=found.with_row(), prefix="lines")
    assert len(again.forms) == 4
    assert again.forms[0].typed_value("lines-0-buyer") == ["３１０"]
    assert "lines-3-balance" in again.html_names()


def test_proposed_rows_are_answers_once_they_are_sent() -> None:
    proposal = [{"buyer": "310-000001", "balance": 1000}]
    shown = Rows(initial=proposal, prefix="lines")
    assert shown.forms[0].typed_value("lines-0-balance") == ["1,000"]
    sent = Rows(rows({"buyer": "310-000001", "balance": "1,000"}), prefix="lines", initial=proposal)
    assert sent.is_valid()
    assert [row["balance"] for row in sent.rows()] == [1000]


class Declared(Form):
    sections: ClassVar = (Section("無い項目", ("gone",)), Section("有る項目", ("here",)))
    here = fields.TextField(label="項目")
    gone = fields.TextField(label="消える項目")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        del self.fields["gone"]


def test_a_section_without_fields_disappears() -> None:
    assert [section.title if section else "" for section, _ in Declared().parts()] == ["有る項目"]
