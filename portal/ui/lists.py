"""List pages: declared columns, allow-listed sorting, paging, and the same rows as CSV."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from portal.ui.forms import Form

PAGE_SIZES = (20, 50, 100)

# A spreadsheet takes a cell that begins like this for a formula; the full-width signs too.
_FORMULA_STARTS = tuple("=+-@\t\r\0＝＋－＠")


@dataclass(frozen=True)
class Column:
    """One column: `text(row)` for page and CSV, `link(row)` for the page, `order` = field to sort by.

    `cell(row)` gives html instead of text where a page shows more than words (chips, bars).
    """

    key: str
    label: str
    text: Callable[[Any], str]
    order: str = ""
    link: Callable[[Any], str] | None = None
    cell: Callable[[Any], str] | None = None
    is_number: bool = False


@dataclass(frozen=True)
class Cell:
    """One cell as the template shows it."""

    label: str
    text: str
    url: str
    html: str
    is_number: bool


@dataclass(frozen=True)
class Heading:
    """One column head with the address that sorts by it (empty: not sortable) and the present order."""

    label: str
    url: str
    order: str
    is_number: bool


class ListPage:
    """One page of a filtered list, ready for `ui/list_table.html`. Costs two queries: count and rows."""

    def __init__(
        self, request: HttpRequest, rows: QuerySet[Any], columns: Sequence[Column], *, order: str, caption: str
    ) -> None:
        self.columns = columns
        self.caption = caption
        self._query = request.GET.copy()
        self.order = self._order(order)
        self.size = self._size()
        number = self._query.get("page", "1")
        ordered = rows.order_by(*order_by(columns, self.order))
        self.page: Page[Any] = Paginator(ordered, self.size).get_page(number)
        self.total = self.page.paginator.count

    def _order(self, default: str) -> str:
        wanted = self._query.get("sort", "")
        sortable = {column.key for column in self.columns if column.order}
        return wanted if wanted.removeprefix("-") in sortable else default

    def _size(self) -> int:
        wanted = self._query.get("size", "")
        return int(wanted) if wanted in {str(size) for size in PAGE_SIZES} else PAGE_SIZES[0]

    def _url(self, **changes: object) -> str:
        query = self._query.copy()
        for name, value in changes.items():
            query[name] = str(value)
        return f"?{query.urlencode()}"

    def headings(self) -> Iterator[Heading]:
        """Yield the column heads."""
        for column in self.columns:
            is_current = self.order.removeprefix("-") == column.key
            order = "" if not is_current else "descending" if self.order.startswith("-") else "ascending"
            wanted = f"-{column.key}" if order == "ascending" else column.key
            yield Heading(column.label, self._url(sort=wanted, page=1) if column.order else "", order, column.is_number)

    def rows(self) -> Iterator[list[Cell]]:
        """Yield the rows of this page."""
        for row in self.page:
            yield [
                Cell(
                    column.label,
                    column.text(row),
                    column.link(row) if column.link else "",
                    column.cell(row) if column.cell else "",
                    column.is_number,
                )
                for column in self.columns
            ]

    def sizes(self) -> list[tuple[int, str, bool]]:
        """Return the page sizes on offer: size, address, whether it is the present one."""
        return [(size, self._url(size=size, page=1), size == self.size) for size in PAGE_SIZES]

    def previous_url(self) -> str:
        """Return the address of the page before, empty on the first."""
        return self._url(page=self.page.previous_page_number()) if self.page.has_previous() else ""

    def next_url(self) -> str:
        """Return the address of the next page, empty on the last."""
        return self._url(page=self.page.next_page_number()) if self.page.has_next() else ""

    def csv_url(self) -> str:
        """Return the address of the whole filtered list as CSV."""
        return self._url(format="csv")


def order_by(columns: Sequence[Column], order: str) -> list[str]:
    """Return the fields of `order` (a column key, `-` before it for descending), made unique by the key."""
    sign = "-" if order.startswith("-") else ""
    fields = {column.key: column.order for column in columns}
    return [sign + fields[order.removeprefix("-")], f"{sign}pk"]


def neutralise(text: str) -> str:
    """Return a CSV cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


class _Echo:
    """The file that csv.writer wants: it hands back each line."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[str]:
    """Yield the lines of a CSV file (UTF-8 with BOM, all fields quoted, formulas neutralised)."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    yield "\ufeff" + writer.writerow([column.label for column in columns])
    for row in rows:
        yield writer.writerow([neutralise(column.text(row)) for column in columns])


def csv_response(
    request: HttpRequest, filename: str, rows: QuerySet[Any], columns: Sequence[Column], *, order: str
) -> StreamingHttpResponse:
    """Answer with the whole filtered list, in the order that the page shows."""
    wanted = request.GET.get("sort", "")
    sortable = {column.key for column in columns if column.order}
    chosen = wanted if wanted.removeprefix("-") in sortable else order
    ordered = rows.order_by(*order_by(columns, chosen)).iterator(chunk_size=500)
    answer = StreamingHttpResponse(csv_lines(columns, ordered), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{filename}"'
    return answer


def filters_in_use(form: Form) -> list[str]:
    """Return the filters of a valid form that narrow the list, in words."""
    return [f"{answer['label']}：{answer['shown']}" for answer in form.answers() if any(answer["raw"])]
