"""Help texts of fields and topics: each portal registers its own, the help pages and the ？ pop-ups show them."""

from dataclasses import dataclass

# Help that belongs to no portal; always there.
COMMON = "common"


@dataclass(frozen=True)
class Topic:
    """Help on one field: `text` is plain, an empty line begins a paragraph."""

    portal: str
    field: str
    title: str
    text: str


_topics: dict[str, dict[str, Topic]] = {}


def register(portal: str, field: str, title: str, text: str) -> None:
    """Add the help of one field of one portal; another text under the same name is a ValueError."""
    topic = Topic(portal, field, title, text)
    if _topics.setdefault(portal, {}).setdefault(field, topic) != topic:
        raise ValueError(f"help {portal}/{field} is registered twice")


def topic(portal: str, field: str) -> Topic | None:
    """The help of one field, None if there is none."""
    return _topics.get(portal, {}).get(field)


def topics(portal: str) -> tuple[Topic, ...]:
    """All help of one portal, in the order of registration."""
    return tuple(_topics.get(portal, {}).values())


register(
    COMMON,
    "characters",
    "文字の入力",
    "全角と半角のどちらでも入力できます。ハイフンや空白の有無も気にする必要はありません。読み取った内容は、入力欄の下と確認画面に表示します。\n\n"
    "絵文字や、画面に表示されない制御文字は使えません。",
)
register(
    COMMON,
    "amount",
    "金額の入力",
    "「12,345,000」「12345000」「1,234万5千円」のように入力できます。小数は、通貨に応じた桁数まで入力できます。\n\n"
    "読み取った金額は「12,345,000円（1,234万5,000円）」のように表示しますので、桁の間違いがないかお確かめください。",
)
register(
    COMMON,
    "date",
    "日付の入力",
    "年・月・日を分けて入力します。年には「2026」のほか「令和8」「R8」も入力できます。\n\n"
    "「2026年11月20日」や「2026/11/20」を年の欄に貼り付けると、月と日にも分けて入ります。",
)
register(
    COMMON,
    "draft",
    "一時保存と再開",
    "入力の途中で「一時保存」を押すと、入力した内容を残して中断できます。続きは申込状況の一覧から再開できます。\n\n"
    "一定時間操作がないと、安全のため自動的にログアウトします。その2分前に画面でお知らせします。",
)
register(
    COMMON,
    "print",
    "印刷と保存",
    "どの画面も、ブラウザの印刷機能でA4用紙に印刷できます。メニューやボタンは印刷されません。\n\n"
    "証明書や控えは、PDFで表示・保存できます。",
)
