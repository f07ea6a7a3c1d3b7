"""Rows by statements that are written out or compiled once, for what almost every request reads or writes.

Django compiles a query anew each time, which costs a multiple of what the database needs for it (bench/README.md).
"""

from collections.abc import Sequence
from functools import cache, cached_property
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import AutoField, Field, Model

Row = TypeVar("Row", bound=Model)

LISTED = {"postgresql": "string_agg", "sqlite": "group_concat"}
"""The function that joins texts of several rows, by vendor."""


class Columns(Generic[Row]):
    """All columns of a model in a SELECT of one's own, and the object that a row of it is."""

    def __init__(self, model: type[Row]) -> None:
        self.model = model

    def __len__(self) -> int:
        return len(self._names)

    def named(self, alias: str) -> str:
        """Return the columns of the table `alias` for the list of a SELECT."""
        return ", ".join(f'{alias}."{field.column}"' for field in self.model._meta.concrete_fields)

    def read(self, values: Sequence[Any]) -> Row | None:
        """Return the object of `values`, which stand as in `named`; None when an outer join found no row."""
        converted = list(values)
        for place, column, converters in self._converters:
            for convert in converters:
                converted[place] = convert(converted[place], column, connection)
        if converted[self._key] is None:
            return None
        return self.model.from_db(connection.alias, self._names, converted)

    @cached_property
    def _names(self) -> list[str]:
        return [field.attname for field in self.model._meta.concrete_fields]

    @cached_property
    def _key(self) -> int:
        return self._names.index(self.model._meta.pk.attname)

    @cached_property
    def _converters(self) -> list[tuple[int, Any, list[Any]]]:
        columns = [field.get_col(self.model._meta.db_table) for field in self.model._meta.concrete_fields]
        found = [
            (place, column, [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)])
            for place, column in enumerate(columns)
        ]
        return [one for one in found if one[2]]


def insert(row: Model) -> None:
    """Write a new row as save(force_insert=True) does; for models without parents, nobody gets a signal."""
    statement, fields = _insertion(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        if row.pk is None:
            (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias


@cache
def _insertion(model: type[Model]) -> "tuple[str, list[Field[Any, Any]]]":
    meta = model._meta
    given = not isinstance(meta.pk, AutoField)
    fields = [field for field in meta.concrete_fields if given or not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    returning = "" if given else f' RETURNING "{meta.pk.column}"'
    values = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{meta.db_table}" ({columns}) VALUES ({values}){returning}', fields  # noqa: S608 - our names
