"""What a form looks like to a browser: names, labels, links between texts and controls, nothing unescaped."""

from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from django.template import Context, Template
from django.urls import path
from django.utils.datastructures import MultiValueDict

from portal.ui import fields, render
from portal.ui.forms import Form, FormSet, Section

urlpatterns = [path("nexi/buyers/", lambda request: None, name="buyers")]
VOID = {"input", "br", "path", "rect", "circle"}


class Page(HTMLParser):
    """The elements of a page; fails on tags that do not fit each other."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, str] = {}
        self.open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = (tag, {name: value or "" for name, value in attrs})
        assert len(element[1]) == len(attrs), f"an attribute twice: {attrs}"
        self.elements.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, attrs in self.open:
            if "id" in attrs:
                self.texts[attrs["id"]] = self.texts.get(attrs["id"], "") + data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        exact = {name.rstrip("_").replace("_", "-"): value for name, value in wanted.items()}
        return [a for t, a in self.elements if t == tag and exact.items() <= a.items()]

    def one(self, tag: str, **wanted: str) -> dict[str, str]:
        (found,) = self.all(tag, **wanted)
        return found

    def check(self) -> None:
        ids = [attrs["id"] for _, attrs in self.elements if "id" in attrs]
        assert len(ids) == len(set(ids)), "an id twice"
        for tag, attrs in self.elements:
            for link in ("for", "aria-describedby", "aria-labelledby"):
                assert set(attrs.get(link, "").split()) <= set(ids), f"{link} of {attrs} leads nowhere"
            if tag in {"input", "select", "textarea"} and attrs.get("type") != "hidden":
                assert self.all("label", for_=attrs["id"]), f"no label for {attrs['id']}"
                assert "placeholder" not in attrs
                assert attrs.get("type") not in {"number", "date"}


class EveryForm(Form):
    """One field of each kind and each option."""

    help_url = "/help/nexi/{field}/"
    sections = (Section("契約<1>", ("name", "amount", "day"), intro="説明<2>"), Section("選択", ("kind", "country")))

    name = fields.TextField(label="契約者名<3>", kind="name", hint="例：<4>", help="説明", autocomplete="organization")
    amount = fields.MoneyField(label="契約金額")
    day = fields.DateField(label="契約締結日")
    kind = fields.ChoiceField(label="保険種", choices=[("P1", "個別<5>"), ("P2", "中小")], refresh=True)
    country = fields.ChoiceField(label="仕向国", choices=[("304", "US"), ("<6>", "JP")], control="select")
    buyer = fields.CodeField(label="支払人コード", groups=(3, 6), lookup="buyers", conditional=True)
    days = fields.IntegerField(label="日数", unit="日", required=False)
    note = fields.NoteField(label="備考", required=False)
    agree = fields.CheckField(label="了解します", required=True)
    papers = fields.AttachmentField(label="添付書類", required=False)


ATTACK = "\"'><script>alert(1)</script>&amp;"


@pytest.fixture(autouse=True)
def _addresses(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__


def drawn(form: Form) -> Page:
    page = Page(render.render_form(form))
    page.check()
    return page


def typed_everywhere(text: str) -> dict[str, list[str]]:
    return {name: [text] for name in [*EveryForm().html_names(), "buyer-q"]}


@pytest.mark.parametrize("prefix", [None, "main"])
def test_every_control_has_a_label_and_every_link_a_target(prefix: str | None) -> None:
    empty = drawn(EveryForm(prefix=prefix))
    wrong = drawn(EveryForm({}, prefix=prefix))
    anchors = {problem.anchor for problem in EveryForm({}, prefix=prefix).problems()}
    ids = {attrs.get("id") for _, attrs in wrong.elements}
    assert anchors
    assert anchors <= ids
    assert {name for _, attrs in empty.elements if (name := attrs.get("name"))} >= {
        *(name for name in EveryForm(prefix=prefix).html_names() if not name.endswith("-kept"))
    }


@pytest.mark.parametrize("bound", [True, False])
def test_typed_text_is_shown_exactly_and_cannot_leave_its_place(bound: bool) -> None:
    typed = typed_everywhere(ATTACK)
    form = EveryForm(typed) if bound else EveryForm(typed=typed)
    page = drawn(form)
    assert not page.all("script")
    assert page.one("input", id="id_name")["value"] == ATTACK
    assert page.one("input", id="id_day-y")["value"] == ATTACK
    assert page.one("input", id="id_buyer-q")["value"] == ATTACK
    assert page.texts["id_note"] == "\n" + ATTACK


def test_declared_words_are_escaped() -> None:
    html = render.render_form(EveryForm({"name": ["x"]}))
    for number in range(1, 7):
        assert f"&lt;{number}&gt;" in html
        assert f"<{number}>" not in html


def test_required_is_a_word_and_an_attribute_and_optional_is_a_word() -> None:
    page = drawn(EveryForm())
    html = render.render_form(EveryForm())
    assert page.one("input", id="id_name")["aria-required"] == "true"
    assert page.one("input", id="id_day-m")["aria-required"] == "true"
    assert page.one("fieldset", role="radiogroup")["aria-required"] == "true"
    assert "aria-required" not in page.one("input", id="id_days")
    assert '<label class="field__label" for="id_amount">契約金額<span class="required-word">必須</span></label>' in html
    assert '<label class="field__label" for="id_days">日数<span class="optional-word">任意</span></label>' in html
    assert '<div class="field field--text is-required">' in html


def test_a_field_that_may_be_required_says_so_beside_its_label() -> None:
    page = drawn(EveryForm())
    box = page.one("input", id="id_buyer")
    assert page.texts["id_buyer-when"] == "条件により必須"
    assert "id_buyer-when" in box["aria-describedby"].split()
    assert "aria-required" not in box


def test_an_error_is_tied_to_its_control() -> None:
    page = drawn(EveryForm({"amount": ["約3百万"], "day-y": ["2026"]}))
    amount = page.one("input", id="id_amount")
    assert amount["aria-invalid"] == "true"
    assert "id_amount-error" in amount["aria-describedby"].split()
    assert "契約金額を読み取れませんでした" in page.texts["id_amount-error"]
    for part in "ymd":
        assert page.one("input", id=f"id_day-{part}")["aria-describedby"] == "id_day-error"
    group = page.one("fieldset", role="radiogroup")
    assert group["aria-invalid"] == "true"
    assert "id_kind-error" in group["aria-describedby"].split()
    assert "aria-invalid" not in page.one("input", id="id_days")


def test_the_echo_region_is_there_before_it_is_filled() -> None:
    empty = drawn(EveryForm())
    assert empty.one("p", id="id_amount-echo")["role"] == "status"
    assert "id_amount-echo" not in empty.texts
    for form in (EveryForm({"amount": ["58646000"]}), EveryForm(typed={"amount": ["58646000"]})):
        assert drawn(form).texts["id_amount-echo"] == "58,646,000円（5,864万6,000円）"


def test_the_echo_is_asked_for_only_where_the_form_says_who_answers() -> None:
    form = EveryForm(prefix="main")
    assert not drawn(form).all("input", data_hx_post="/nexi/echo/")
    form.echo_url = "/nexi/echo/"
    page = drawn(form)
    assert page.one("input", id="id_main-amount")["data-hx-post"] == "/nexi/echo/?field=main-amount"
    assert page.one("input", id="id_main-amount")["data-hx-target"] == "#id_main-amount-echo"
    assert page.one("input", id="id_main-day-y")["data-hx-include"] == "closest fieldset"
    assert "data-hx-post" not in page.one("input", id="id_main-name")


def test_amounts_have_their_unit_outside_and_number_keys() -> None:
    page = drawn(EveryForm())
    box = page.one("input", id="id_amount")
    assert page.texts["id_amount-unit"] == "円"
    assert box["inputmode"] == "numeric"
    assert "input--amount" in box["class"]
    assert page.one("input", id="id_name")["autocomplete"] == "organization"


def test_choices_are_marked_by_what_was_typed() -> None:
    page = drawn(EveryForm(typed={"kind": ["P2"], "country": ["<6>"], "agree": ["on"]}))
    assert "checked" in page.one("input", id="id_kind_1")
    assert "checked" not in page.one("input", id="id_kind_0")
    assert [option["value"] for option in page.all("option") if "selected" in option] == ["<6>"]
    assert "checked" in page.one("input", id="id_agree")


def test_a_list_with_its_own_empty_choice_gets_no_second_one() -> None:
    class Filter(Form):
        state = fields.ChoiceField(label="状態", choices=[("", "すべて"), ("a", "A")], control="select", required=False)

    assert [option["value"] for option in drawn(Filter()).all("option")] == ["", "a"]


def test_choices_set_for_one_form_are_drawn_in_that_form_only() -> None:
    render.render_form(EveryForm())
    form = EveryForm()
    form.field("kind").choices = [("P4", "手形")]  # type: ignore[attr-defined]
    assert [a["value"] for a in drawn(form).all("input", name="kind")] == ["P4"]
    assert [a["value"] for a in drawn(EveryForm()).all("input", name="kind")] == ["P1", "P2"]


def test_help_is_a_link_with_words() -> None:
    page = drawn(EveryForm())
    assert page.one("a", class_="help")["href"] == "/help/nexi/name/"
    assert "契約者名&lt;3&gt;の説明" in render.render_field(EveryForm(), "name")


def test_a_look_up_works_with_and_without_script() -> None:
    form = EveryForm(prefix="main")
    form.lookup_results["main-buyer"] = render.pick_list("main-buyer", [("310-000001", "ACME <Ltd>")])
    page = drawn(form)
    search = page.one("input", id="id_main-buyer-q")
    assert search["data-hx-get"] == "/nexi/buyers/?field=main-buyer"
    assert search["data-hx-trigger"] == "input delay:300ms"
    assert search["data-hx-target"] == "#id_main-buyer-results"
    assert page.one("button", value="search:main-buyer")["formnovalidate"] == ""
    assert page.one("div", id="id_main-buyer-results")["aria-live"] == "polite"
    assert page.one("input", name="main-buyer-pick")["value"] == "310-000001"
    assert page.one("button", value="pick:main-buyer")["name"] == "action"
    assert page.all("button", value="refresh")


def test_a_pick_list_escapes_whatever_name_was_asked_for() -> None:
    assert "<script>" not in render.pick_list(ATTACK, [(ATTACK, ATTACK)], more=ATTACK)


def test_kept_files_are_listed_with_a_box_to_drop_them() -> None:
    form = EveryForm({"papers-kept": ["a1", "gone"], "papers-drop": ["a1"]})
    form.known_files = {"a1": (f"{ATTACK}.pdf", 2048)}
    page = drawn(form)
    assert [a["value"] for a in page.all("input", name="papers-kept")] == ["a1"]
    assert "checked" in page.one("input", name="papers-drop")
    assert page.one("input", type="file")["accept"] == ".pdf,.png,.jpg,.jpeg,.xlsx,.csv"


def test_a_text_that_looks_like_a_mark_of_the_renderer_stays_where_it_was_typed() -> None:
    page = drawn(EveryForm({"buyer": ["\0"], "name": ["{html_name}"]}))
    assert page.one("input", id="id_name")["value"] == "{html_name}"


class Line(Form):
    day = fields.DateField(label="期日")


class Lines(FormSet):
    form = Line
    extra, min_num, max_num, absolute_max = 2, 0, 3, 10
    can_delete, can_delete_extra, can_order, validate_max, validate_min = True, True, False, True, False
    renderer = None


def test_rows_have_legends_and_names_of_their_own() -> None:
    page = Page(render.render_formset(Lines(prefix="lines")))
    page.check()
    assert page.one("input", name="lines-TOTAL_FORMS")["value"] == "2"
    assert page.one("input", name="lines-INITIAL_FORMS")["value"] == "0"
    assert page.all("input", name="lines-1-day-y")
    assert page.all("button", value="add:lines")


def test_a_row_too_many_is_said_at_the_anchor_of_the_list() -> None:
    typed = MultiValueDict({"lines-TOTAL_FORMS": ["4"], "lines-INITIAL_FORMS": ["0"]})
    lines = Lines(typed, prefix="lines")
    page = Page(render.render_formset(lines))
    assert page.texts[lines.problems()[0].anchor] == "行は3行までです。要らない行を消してください。"


def test_the_cache_of_drawn_fields_does_not_grow_with_the_rows() -> None:
    for place in range(render.MAX_CACHED + 50):
        render.render_form(Line(prefix=f"lines-{place}"))
    assert len(Line.base_fields["day"].markup) <= render.MAX_CACHED


# --- Tags --------------------------------------------------------------------


def tag(source: str, **context: Any) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


def test_tags_draw_forms_and_single_fields() -> None:
    form = EveryForm()
    assert tag("{% form_body form %}", form=form) == render.render_form(form)
    assert tag('{% field form "day" %}', form=form) == render.render_field(form, "day")
    assert "lines-TOTAL_FORMS" in tag("{% form_body form %}", form=Lines(prefix="lines"))


def test_filters_write_amounts_and_times_as_people_read_them() -> None:
    late = datetime(2026, 11, 19, 15, 45, tzinfo=UTC)
    assert tag("{{ a|yen }} {{ a|grouped }} {{ n|yen }}", a=58_646_000, n=None) == "58,646,000円 58,646,000 "
    assert tag("{{ d|seireki }} {{ d|wareki }}", d=date(2026, 11, 20)) == "2026年11月20日 令和8年11月20日"
    assert tag("{{ t|jst }} {{ t|seireki }}", t=late) == "2026年11月20日 00:45 2026年11月20日"
    assert tag("{{ n|jst }}{{ n|wareki }}", n=None) == ""


@pytest.mark.parametrize(
    "drawing",
    [
        '{% svg_bar words parts 1000 500 "申込額<b>" %}',
        "{% svg_bar words empty %}",
        "{% svg_steps words steps 2 %}",
        "{% svg_validity start today end %}",
        "{% svg_share words 700 1000 %}",
        "{% svg_share words 3 0 %}",
    ],
)
def test_drawings_are_images_with_a_sentence_and_no_style(drawing: str) -> None:
    html = tag(
        drawing,
        words="枠1,000円のうち<i>700円を使用",
        parts=[("確認済み<u>", 700, "used"), ("返却", 100, "planned"), ("今回", 900, "pending"), ("空き", 0, "free")],
        empty=[],
        steps=["受付<s>", "審査", "発行"],
        start=date(2026, 11, 1),
        today=date(2027, 3, 1),
        end=date(2026, 12, 1),
    )
    page = Page(html)
    assert page.one("svg")["role"] == "img"
    assert page.one("svg")["aria-label"]
    assert not {"i", "b", "u", "s"} & {name for name, _ in page.elements}
    assert not any({"style", "id"} & set(attrs) for _, attrs in page.elements)
    width = float(page.one("svg")["width"])
    for attrs in page.all("rect"):
        assert float(attrs["x"]) >= 0
        assert float(attrs["x"]) + float(attrs["width"]) <= width


def test_the_strip_says_how_many_days_are_left() -> None:
    html = tag("{% svg_validity s t e %}", s=date(2026, 11, 1), t=date(2026, 11, 21), e=date(2026, 12, 1))
    assert 'aria-label="有効期限は2026年12月1日です（あと10日）。"' in html


def test_a_small_bar_is_dark_as_far_as_its_share_goes() -> None:
    def dark(part: object, whole: object) -> list[str]:
        page = Page(tag('{% svg_share "決済済み" part whole %}', part=part, whole=whole))
        return [rect["width"] for rect in page.all("rect") if rect.get("class") == "fill-main"]

    assert dark(Decimal("25.5"), Decimal(102)) == ["30"]
    assert dark(7, 7) == ["120"]
    assert dark(0, 7) == []


def test_a_bar_with_cents_writes_them_for_every_part() -> None:
    parts = [("使った額", Decimal("0.50"), "used"), ("未使用額", Decimal(1000), "free")]
    html = tag('{% svg_bar "内訳" parts %}', parts=parts)
    assert ">0.50<" in html
    assert ">1,000.00<" in html
