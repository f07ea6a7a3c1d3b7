"""The normalisation table of ux.md 2.2, one line per case."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.common import text

CASES = [
    # digits: any width, spaces, every dash people find on a keyboard, the postal mark
    ("digits", "1234567", "1234567"),
    ("digits", "１２３　４５６７", "1234567"),
    ("digits", "100‐0001", "1000001"),
    ("digits", "〒１００−０００１", "1000001"),
    ("digits", "〒 100-0001", "1000001"),
    ("digits", "100ー0001", "1000001"),
    ("digits", "100ｰ0001", "1000001"),
    ("digits", "100－0001", "1000001"),
    ("digits", "100–0001", "1000001"),
    ("digits", "100—0001", "1000001"),
    ("digits", "100―0001", "1000001"),
    ("digits", "100‑0001", "1000001"),
    ("digits", "1-2-3", "123"),
    ("digits", " 12 3\t\n", "123"),
    ("digits", "12\u200b3\ufeff", "123"),
    ("digits", "\u202a123\u202c", "123"),
    ("digits", "1\x002", "12"),
    ("digits", "12a", "12a"),
    ("digits", "-12", "-12"),
    ("digits", "12-", "12-"),
    ("digits", "ー12", "ー12"),
    ("digits", "1--2", "1--2"),
    ("digits", "٣٤", "٣٤"),
    ("digits", "一二三", "一二三"),
    ("digits", "", ""),
    # 法人番号: also with the T of an invoice number
    ("corporate_number", "7123456789012", "7123456789012"),
    ("corporate_number", "７１２３４５６７８９０１２", "7123456789012"),
    ("corporate_number", "7-1234-5678-9012", "7123456789012"),
    ("corporate_number", "7 1234 5678 9012", "7123456789012"),
    ("corporate_number", "T7123456789012", "7123456789012"),
    ("corporate_number", "ｔ７１２３４５６７８９０１２", "7123456789012"),
    ("corporate_number", "T-7123456789012", "7123456789012"),
    ("corporate_number", "123456789012", "123456789012"),
    ("corporate_number", "TX12", "TX12"),
    # codes: as digits, but hyphens and case stay
    ("code", "３１０－０００００１", "310-000001"),
    ("code", "310ー000001", "310-000001"),
    ("code", "310−000001", "310-000001"),
    ("code", "310 - 000001", "310-000001"),
    ("code", "ＡＢＣ‐００１", "ABC-001"),
    ("code", "abc–001", "abc-001"),
    ("code", "AB C", "ABC"),
    ("code", "スーパー", "スーパー"),
    ("code", "ｽｰﾊﾟｰ", "スーパー"),
    ("code", "Aー1", "Aー1"),
    # application numbers
    ("number", "261120000017", "261120000017"),
    ("number", "２６１１２０　００００１７", "261120000017"),
    ("number", "261120-00001-7", "261120000017"),
    ("number", "261120ー00001—7", "261120000017"),
    ("number", " nq−260401‐00012-7 ", "NQ260401000127"),
    ("number", "ｗ２０２６−０００１２３", "W2026000123"),
    # half-width text keeps its inner spaces
    ("half", "ＡＢＣ　－　００１／Ａ", "ABC - 001/A"),
    ("half", "PO−2026–17", "PO-2026-17"),
    ("half", "PO − 2026ー17 —", "PO - 2026-17 -"),
    ("half", "データー", "データー"),
    ("half", "  No.  12 ", "No. 12"),
    ("half", "ｺﾝﾄﾗｸﾄ", "コントラクト"),
    # readings
    ("katakana", "ﾔﾏﾀﾞ", "ヤマダ"),
    ("katakana", "やまだ", "ヤマダ"),
    ("katakana", "か゛", "ガ"),
    ("katakana", "は゜", "パ"),
    ("katakana", "か\u3099", "ガ"),
    ("katakana", "カﾞ", "ガ"),
    ("katakana", "う゛", "ヴ"),
    ("katakana", "わ゛", "ヷ"),
    ("katakana", "すーぱー", "スーパー"),
    ("katakana", "ｽｰﾊﾟｰ", "スーパー"),
    ("katakana", "いすゞ", "イスヾ"),
    ("katakana", "やまだ　　たろう ", "ヤマダ タロウ"),
    ("katakana", "ヤマダ・タロウ", "ヤマダ・タロウ"),
    ("katakana", "ゔぁいおりん", "ヴァイオリン"),
    ("katakana", "山田", "山田"),
    # names: only sound marks, company signs and spaces
    ("name", "㈱山田　太郎商店", "（株）山田 太郎商店"),
    ("name", "㈲ 山田", "（有） 山田"),
    ("name", "  山田　　太郎  ", "山田 太郎"),
    ("name", "山田\u3000\t\r\n太郎", "山田 太郎"),
    ("name", "か゛く", "がく"),
    ("name", "ハ゜ン", "パン"),
    ("name", "が\u3099", "が\u3099"),
    ("name", "あ゛", "あ゛"),
    ("name", "カﾞ", "ガ"),
    ("name", "ｶﾞｰﾄﾞ", "ｶﾞｰﾄﾞ"),
    ("name", "𠮷田", "𠮷田"),
    ("name", "髙橋", "髙橋"),
    ("name", "山﨑", "山﨑"),
    ("name", "\ufa19谷", "\ufa19谷"),
    ("name", "大\ufa10", "大\ufa10"),
    ("name", "葛\U000e0100城", "葛\U000e0100城"),
    ("name", "辻\ufe00", "辻\ufe00"),
    ("name", "①番館", "①番館"),
    ("name", "（株）ＡＢＣ－１", "（株）ＡＢＣ－１"),
    ("name", "スーパー−１", "スーパー−１"),
    ("name", "Société Générale", "Société Générale"),
    ("name", "Cafe\u0301", "Cafe\u0301"),
    ("name", "Å㎜Ⅳ", "Å㎜Ⅳ"),
    ("name", "神\x00戸", "神\x00戸"),
    # free text
    ("plain", "　貨物　　一式 ", "貨物 一式"),
    ("plain", "㈱の件", "㈱の件"),
    ("plain", "１行目\n２行目", "１行目 ２行目"),
    ("note", "１行目  \r\n\r\n２行目\r３行目\n", "１行目\n\n２行目\n３行目"),
    ("note", "　字下げ", "　字下げ"),
    # search keys
    ("search_key", "㈱ヤマダ", "ヤマダ"),
    ("search_key", "やまだ", "ヤマダ"),
    ("search_key", "株式会社ﾔﾏﾀﾞ", "ヤマダ"),
    ("search_key", "ヤマダ（株）", "ヤマダ"),
    ("search_key", "㍿ヤマダ", "ヤマダ"),
    ("search_key", "有限会社　や・ま・だ", "ヤマダ"),
    ("search_key", "キャノン", "キヤノン"),
    ("search_key", "富士フイルム", "富士フイルム"),
    ("search_key", "三ヶ日", "三ケ日"),
    ("search_key", "髙橋", "高橋"),
    ("search_key", "山﨑", "山崎"),
    ("search_key", "𠮷田", "吉田"),
    ("search_key", "葛\U000e0100城", "葛城"),
    ("search_key", "\ufa19谷", "神谷"),
    ("search_key", "株式会社", "株式会社"),
    ("search_key", "ＡＢＣ　Trading Co., Ltd.", "abctrading"),
    ("search_key", "Abc Trading Co Ltd", "abctrading"),
    ("search_key", "ABC TRADING INC.", "abctrading"),
    ("search_key", "Müller GmbH", "müller"),
    ("search_key", "O'Neil-Smith", "oneilsmith"),
    ("search_key", "Costco", "costco"),
    ("search_key", "...", ""),
    # mail
    ("mail", "ｉｎｆｏ＠ＥＸＡＭＰＬＥ．ｃｏ．ｊｐ", "info@example.co.jp"),
    ("mail", " Taro.Yamada@Example.JP\n", "Taro.Yamada@example.jp"),
    ("mail", "info@example。jp", "info@example.jp"),
    ("mail", "info", "info"),
    # telephone
    ("phone", "０３（１２３４）５６７８", "03-1234-5678"),
    ("phone", "(03) 1234-5678", "03-1234-5678"),
    ("phone", "03ー1234ー5678", "03-1234-5678"),
    ("phone", "03−1234‐5678", "03-1234-5678"),
    ("phone", "03 1234 5678", "03-1234-5678"),
    ("phone", "03.1234.5678", "03-1234-5678"),
    ("phone", "0312345678", "0312345678"),
    ("phone", "+81 3 1234 5678", "+81-3-1234-5678"),
    ("phone", "＋８１（０）３−１２３４−５６７８", "+81-3-1234-5678"),
    ("phone", "\u202a03-1234-5678\u202c", "03-1234-5678"),
    ("phone", "内線12", "内線12"),
]
FUNCTIONS = {"number": text.read_number}


@pytest.mark.parametrize(("kind", "typed", "read"), CASES)
def test_typed_text_is_read_as_the_table_says(kind, typed, read):
    normalise = FUNCTIONS.get(kind) or getattr(text, kind)
    assert normalise(typed) == read


def test_every_kind_of_the_table_has_cases():
    assert {kind for kind, _, _ in CASES} == set(text.TABLE)


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("03-1234-5678", "0312345678"),
        ("+81 3 1234 5678", "0312345678"),
        ("＋８１（０）９０−１２３４−５６７８", "09012345678"),
    ],
)
def test_telephone_numbers_have_one_national_key(typed, digits):
    assert text.phone_digits(typed) == digits


@pytest.mark.parametrize(("kind", "typed", "read"), CASES)
def test_reading_twice_changes_nothing_more(kind, typed, read):
    normalise = FUNCTIONS.get(kind) or getattr(text, kind)
    assert normalise(read) == read


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("支払人😀", "😀"),
        ("😀a😀🚢", "😀、🚢"),
        ("👨\u200d👩", "👨、👩、U+200D"),
        ("☎\ufe0f", "U+FE0F"),
        ("1\ufe0f\u20e3", "U+FE0F、U+20E3"),
        ("🇯🇵", "🇯、🇵"),
        ("⭐✅", "⭐、✅"),
        ("a\x00b", "U+0000"),
        ("\x1b[31m", "U+001B"),
        ("\x7f", "U+007F"),
        ("a\x85b", "U+0085"),
        ("a\u2028b\u2029", "U+2028、U+2029"),
        ("abc\u202egnp", "U+202E"),
        ("\u200fabc\u2066", "U+200F、U+2066"),
        ("a\u200bb", "U+200B"),
        ("\ufeff", "U+FEFF"),
        ("a\u00adb", "U+00AD"),
        ("a\u3164", "U+3164"),
        ("\ud800", "U+D800"),
        ("a\udfff", "U+DFFF"),
        ("外\ue000字", "U+E000"),
        ("\ufffd", "U+FFFD"),
        ("\uffff", "U+FFFF"),
        ("a\U000e0100", "U+E0100"),
        ("\U000e0041", "U+E0041"),
        ("\x0b\x1f", "U+000B、U+001F"),
    ],
)
def test_unusable_characters_are_named_so_that_they_can_be_found(typed, shown):
    named = text.unusable_characters(typed)
    assert set(named.split("、")) == set(shown.split("、"))
    assert unicodedata.normalize("NFC", named).isprintable()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "plain ascii",
        "𠮷 髙 﨑 \ufa19",
        "葛\U000e0100城市 辻\ufe00",
        "①Ⅳ㈱㍿☎★♪♨〒※→≒",
        "スーパー・ｶﾞｰﾄﾞ",
        "Société Nguyễn Łódź Ελλάς Москва 서울 深圳",
        "１行目\r\n２行目\tタブ",
        "e\u0301",
        "\U00031350",
        "€¥£",
    ],
)
def test_what_people_and_companies_are_called_is_usable(typed):
    assert text.unusable_characters(typed) == ""


@pytest.mark.parametrize("charset", ["euc_jis_2004", "cp932"])
def test_every_graphic_character_of_the_japanese_sets_is_usable(charset):
    def encodable(c):
        try:
            return bool(c.encode(charset))
        except UnicodeEncodeError:
            return False

    candidates = (chr(n) for n in (*range(0x20, 0xD800), *range(0xF900, 0xFFFE), *range(0x20000, 0x2FA20)))
    graphic = [c for c in candidates if unicodedata.category(c) not in {"Cc", "Cf", "Cn", "Co"} and encodable(c)]
    assert len(graphic) > 7000
    assert text.unusable_characters("".join(graphic)) == ""


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)


@given(st.sampled_from(sorted(set(text.TABLE) - {"search_key"})), ANY_TEXT)
def test_any_text_is_read_without_an_error_and_reading_settles(kind, typed):
    normalise = FUNCTIONS.get(kind) or getattr(text, kind)
    once = normalise(typed)
    assert normalise(normalise(once)) == normalise(once)


@given(st.sampled_from(["name", "plain", "note"]), ANY_TEXT)
def test_reading_never_hides_an_unusable_character_of_a_text(kind, typed):
    refused = text.unusable_characters(typed)
    assert bool(text.unusable_characters(getattr(text, kind)(typed))) == bool(refused)


@given(st.text(st.sampled_from("山田﨑髙𠮷神塚辻①（－ＡａéÅ\ufa19\U000e0100"), max_size=20))
def test_names_without_kana_signs_and_spaces_are_kept_to_the_character(typed):
    assert text.name(typed) == typed


@given(st.text(st.sampled_from("カキクハガギグパヴーッャ"), min_size=1, max_size=20))
def test_one_reading_in_three_scripts_gives_one_key(reading):
    hiragana = "".join(chr(ord(c) - 0x60) if c != "ー" else c for c in reading)
    halves = {unicodedata.normalize("NFKC", chr(n)): chr(n) for n in range(0xFF66, 0xFFA0)}
    half = "".join(halves[c] for c in unicodedata.normalize("NFD", reading))
    assert text.katakana(hiragana) == text.katakana(half) == reading
    assert text.search_key(hiragana) == text.search_key(half) == text.search_key(reading)
