"""What a record of the API consists of: one list of fields serialises it, is its schema and makes its example."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

Schema = dict[str, Any]
Read = Callable[[Any], Any]

AMOUNT = r"^(0|[1-9][0-9]*)\.[0-9]{2}$"


@dataclass(frozen=True)
class Field:
    """One member of a JSON object: `read(row)` gives its value, which fits `schema`; `label` says what it is."""

    name: str
    label: str
    read: Read
    schema: Schema
    example: Any

    def described(self) -> Schema:
        """Return the JSON Schema with its Japanese description and its example."""
        return {**self.schema, "description": self.label, "examples": [self.example]}


@dataclass(frozen=True)
class Record:
    """A JSON object with all its fields; `name` is its name among the document's schemas."""

    name: str
    title: str
    fields: tuple[Field, ...]

    def of(self, row: Any) -> dict[str, Any]:
        """Return the JSON data of one row."""
        return {field.name: field.read(row) for field in self.fields}

    def schema(self) -> Schema:
        """Return the JSON Schema: every field is always there, and no other."""
        return {**_object(self.fields), "title": self.title}

    def example(self) -> dict[str, Any]:
        return {field.name: field.example for field in self.fields}


def _object(fields: Iterable[Field]) -> Schema:
    described = {field.name: field.described() for field in fields}
    return {"type": "object", "properties": described, "required": list(described), "additionalProperties": False}


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


# --- Kinds of fields ------------------------------------------------------------


def text(name: str, label: str, read: Read, example: str, *, nullable: bool = False) -> Field:
    """A text; what is not filled in is an empty text, or null with `nullable`."""
    schema: Schema = {"type": "string"}
    return Field(name, label, read, _or_null(schema) if nullable else schema, example)


def day(name: str, label: str, read: Callable[[Any], date | None], example: str, *, nullable: bool = False) -> Field:
    """A day in Japan: 2026-04-01."""
    schema: Schema = {"type": "string", "format": "date"}
    return Field(
        name,
        label,
        lambda row: value.isoformat() if (value := read(row)) else None,
        _or_null(schema) if nullable else schema,
        example,
    )


def moment(
    name: str, label: str, read: Callable[[Any], datetime | None], example: str, *, nullable: bool = False
) -> Field:
    """A moment in Japanese time: 2026-04-01T10:45:00+09:00."""
    schema: Schema = {"type": "string", "format": "date-time"}
    return Field(
        name,
        label,
        lambda row: timezone.localtime(value).isoformat(timespec="seconds") if (value := read(row)) else None,
        _or_null(schema) if nullable else schema,
        example,
    )


def yen(name: str, label: str, read: Callable[[Any], int | None], example: int, *, nullable: bool = False) -> Field:
    """Whole yen as a number."""
    schema: Schema = {"type": "integer"}
    return Field(name, label, read, _or_null(schema) if nullable else schema, example)


def flag(name: str, label: str, read: Callable[[Any], bool]) -> Field:
    """True or false."""
    return Field(name, label, read, {"type": "boolean"}, False)


def decimal(name: str, label: str, read: Callable[[Any], Decimal], example: str) -> Field:
    """An exact number as a text, so that no program rounds it."""
    schema = {"type": "string", "pattern": r"^(0|[1-9][0-9]*)(\.[0-9]+)?$"}
    return Field(name, label, lambda row: f"{read(row).normalize():f}", schema, example)


def money(
    name: str,
    label: str,
    amount: Callable[[Any], Decimal | None],
    currency: Callable[[Any], str],
    example: str,
    *,
    nullable: bool = False,
) -> Field:
    """An amount as a text with two decimals, and its currency; null while either is not known."""
    parts = (
        Field("amount", "金額（小数2桁の文字列）", amount, {"type": "string", "pattern": AMOUNT}, example),
        Field("currency", "通貨コード（ISO 4217）", currency, {"type": "string", "pattern": "^[A-Z]{3}$"}, "USD"),
    )

    def read(row: Any) -> dict[str, str] | None:
        found, code = amount(row), currency(row)
        return None if found is None or not code else {"amount": f"{found:.2f}", "currency": code}

    schema = _object(parts)
    return Field(name, label, read, _or_null(schema) if nullable else schema, {"amount": example, "currency": "USD"})


def coded(
    name: str,
    label: str,
    read: Callable[[Any], str],
    choices: Iterable[tuple[str, str]],
    *,
    nullable: bool = False,
) -> Field:
    """A code of a closed list with its Japanese label; null for a code that is not on it, if `nullable`."""
    labels = dict(choices)
    code, shown = next(iter(labels.items()))
    parts = (
        Field("code", "コード", read, {"type": "string", "enum": list(labels)}, code),
        Field("label", "名称", read, {"type": "string", "enum": list(dict.fromkeys(labels.values()))}, shown),
    )

    def value(row: Any) -> dict[str, str] | None:
        found = read(row)
        return None if nullable and found not in labels else {"code": found, "label": labels[found]}

    schema = _object(parts)
    return Field(name, label, value, _or_null(schema) if nullable else schema, {"code": code, "label": shown})


def group(name: str, label: str, read: Read, fields: tuple[Field, ...]) -> Field:
    """An object inside the object: `read(row)` gives the row of its fields."""
    record = Record("", label, fields)
    return Field(name, label, lambda row: record.of(read(row)), _object(fields), record.example())


def several(name: str, label: str, read: Callable[[Any], Iterable[Any]], fields: tuple[Field, ...]) -> Field:
    """A list of objects: `read(row)` gives their rows."""
    record = Record("", label, fields)
    schema = {"type": "array", "items": _object(fields)}
    return Field(name, label, lambda row: [record.of(one) for one in read(row)], schema, [record.example()])
