"""What may stand behind the ? of a list: declared once for reading, for the document and for the errors."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import QueryDict

from portal.api.fields import Schema
from portal.api.problems import Fault, Refused
from portal.common.text import half

MOST_ROWS = 200
MOST_SHOWN = 60
SIGNED = "^[A-Za-z0-9_-]{1,40}:[A-Za-z0-9]{6}:[A-Za-z0-9_-]{43}$"


@dataclass(frozen=True)
class Parameter:
    """One query parameter: `read` returns its value, None for a text that is none; `must` says what it has to be."""

    name: str
    label: str
    schema: Schema
    read: Callable[[str], Any]
    must: str
    example: Any = None

    def fault(self) -> Fault:
        return Fault(self.name, f"{self.name}は{self.must}で指定してください。")


def choice(name: str, label: str, choices: Iterable[tuple[str, str]]) -> Parameter:
    """One code of a closed list."""
    labels = dict(choices)
    shown = "、".join(f"{code}（{text}）" for code, text in labels.items())
    return Parameter(
        name,
        f"{label}：{shown}",
        {"type": "string", "enum": list(labels)},
        lambda text: text if text in labels else None,
        f"次のどれか（{'、'.join(labels)}）",
    )


def day(name: str, label: str) -> Parameter:
    """A day, as ISO 8601 writes it; whatever no record can have is brought near, so that no database stumbles."""

    def read(text: str) -> date | None:
        if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return None
        try:
            return min(max(date.fromisoformat(text), date(1900, 1, 1)), date(2999, 12, 31))
        except ValueError:
            return None

    return Parameter(
        name, label, {"type": "string", "format": "date"}, read, "YYYY-MM-DD の形の日付", example="2026-04-01"
    )


def words(name: str, label: str, most: int, example: str) -> Parameter:
    """A text in half width of at most `most` characters, which is found exactly; full width is read as half."""

    def read(text: str) -> str | None:
        value = half(text) if len(text) <= 4 * most else ""
        return value if re.fullmatch(f"[ -~]{{1,{most}}}", value) else None

    # Described in the form it is stored in; without a blank at its ends, which would be taken away.
    schema = {"type": "string", "pattern": f"^[!-~]([ -~]{{0,{most - 2}}}[!-~])?$", "maxLength": most}
    return Parameter(name, label, schema, read, f"{most}文字以内の英数字と記号", example=example)


def _limit(text: str) -> int | None:
    return int(text) if re.fullmatch("[1-9][0-9]{0,2}", text) and int(text) <= MOST_ROWS else None


LIMIT = Parameter(
    "limit",
    f"1回に返す件数（1〜{MOST_ROWS}、省略時は{MOST_ROWS}）",
    {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": MOST_ROWS},
    _limit,
    f"1から{MOST_ROWS}までの整数",
)
CURSOR = Parameter(
    "cursor",
    "続きの位置：前の応答の next_cursor の値。ほかの条件は変えずに送ってください（24時間有効）",
    {"type": "string", "pattern": SIGNED, "maxLength": 100},
    lambda text: text if len(text) <= 100 and re.fullmatch(SIGNED, text) else None,
    "前の応答の next_cursor の値",
)


def flag(name: str, label: str) -> Parameter:
    """True or false, in a JSON body."""
    return Parameter(name, label, {"type": "boolean"}, lambda value: value, "true または false")


TYPES: dict[str, type] = {"string": str, "boolean": bool}


def read_json(body: bytes, declared: Sequence[Parameter], required: Sequence[str]) -> dict[str, Any]:
    """Return the members of the JSON object that was sent; raises Refused: 400 for no object, else with all faults."""
    try:
        sent = json.loads(body.decode("utf-8"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise Refused(400, detail="リクエストの本文を、UTF-8のJSONオブジェクトとして読み取れません。")
    known = {parameter.name: parameter for parameter in declared}
    faults = [Fault(printable(name), "この項目はありません。") for name in sent if name not in known]
    values: dict[str, Any] = {}
    for name, parameter in known.items():
        if name not in sent:
            faults += [Fault(name, f"{name}を指定してください。")] if name in required else []
            continue
        value = parameter.read(sent[name]) if isinstance(sent[name], TYPES[parameter.schema["type"]]) else None
        if value is None:
            faults.append(parameter.fault())
        else:
            values[name] = value
    if faults:
        raise Refused(422, faults)
    return values


def printable(name: str) -> str:
    """Return the beginning of what somebody sent, fit for an answer."""
    return name[:MOST_SHOWN].encode("utf-8", "replace").decode()


def read(sent: QueryDict, declared: Sequence[Parameter]) -> dict[str, Any]:
    """Return the values of the parameters that were sent; raises Refused with everything that is wrong."""
    known = {parameter.name: parameter for parameter in declared}
    values: dict[str, Any] = {}
    faults = []
    for name, texts in sent.lists():
        parameter = known.get(name)
        if parameter is None:
            faults.append(Fault(name[:MOST_SHOWN], "このパラメーターはありません。"))
        elif len(texts) > 1:
            faults.append(Fault(name, f"{name}は1回だけ指定してください。"))
        elif (value := parameter.read(texts[0])) is None:
            faults.append(parameter.fault())
        else:
            values[name] = value
    if faults:
        raise Refused(422, faults)
    return values
