"""発注者 from a file: checked row by row, taken over whole or not at all (esurety.md 10)."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any, BinaryIO

from django.db import transaction
from django.db.models import Model

from esurety.models import AcceptanceRule, Body, SubmissionRule
from esurety.services import body_rules
from esurety.services.body_rows import ACCEPTANCE, COLUMNS, SUBMISSION, BodyFile, Problem, Wanted, example
from portal import audit
from portal.common.tables import ENCODINGS, Unusable

if TYPE_CHECKING:
    from portal.accounts.models import User

MOST_PROBLEMS = 500
"""Problems that a report lists; all of them are counted."""

FIELDS = [column.field for column in COLUMNS if column not in (*ACCEPTANCE, *SUBMISSION) and column.field != "code"]


@dataclass
class Report:
    """What came of one file, counted in 発注者. `applied` is True when it was written."""

    file: str
    sha256: str = ""
    encoding: str = ""
    rows: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: int = 0
    applied: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when no row has a problem."""
        return not self.errors

    @property
    def has_changes(self) -> bool:
        """True when at least one 発注者 is new or different."""
        return bool(self.added or self.changed)

    @property
    def left_out(self) -> int:
        """Return how many problems are counted but not listed."""
        return self.errors - len(self.problems)

    @property
    def sentence(self) -> str:
        """Return the outcome in one sentence."""
        if self.errors:
            return f"{self.errors:,}件のエラーがあるため取り込みません。直してからもう一度取り込んでください。"
        if not self.has_changes:
            return f"変更なし（{self.rows:,}行）。すべて登録済みの内容と同じです。"
        counts = f"発注者の追加{self.added:,}件、変更{self.changed:,}件、変更なし{self.unchanged:,}件"
        return f"{counts}を取り込みました。" if self.applied else f"{counts}です。まだ取り込んでいません。"

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {"ok": self.ok, **asdict(self), "message": self.sentence}

    def add(self, problems: Sequence[Problem]) -> None:
        """Count problems and list as many as fit."""
        self.errors += len(problems)
        self.problems += [str(problem) for problem in problems[: MOST_PROBLEMS - len(self.problems)]]


def load(file: BinaryIO, name: str, *, actor: "User | None" = None, write: bool = True) -> Report:
    """Check the file and, if no row has a problem and `write`, take it over in one transaction.

    A 発注者 gets the fields that the file gives; its 対応 and 提出方法 become those of the file where the file has any.
    What was there before is in the audit log.
    """
    report = Report(name)
    file.seek(0)
    report.sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    try:
        rows = BodyFile(file)
        report.encoding = ENCODINGS[rows.table.encoding]
        wanted = rows.read()
    except Unusable as error:
        report.add([Problem(0, "", str(error))])
        return report
    report.rows = rows.rows
    report.add(sorted([*rows.problems, *_incomplete(wanted)], key=lambda problem: problem.line))
    if not report.ok:
        return report
    if not write:
        _count(report, _changes(wanted))
        return report
    with transaction.atomic():
        _lock(wanted)
        changes = _changes(wanted)
        _count(report, changes)
        if report.has_changes:
            different = {code: change for code, change in changes.items() if change["before"] != change["after"]}
            _write(different)
            _record_rules(different, actor)
            detail = {"file": name, "sha256": report.sha256, "bodies": different}
            audit.record("surety.masters_imported", actor=actor, target=name, detail=detail)
            report.applied = True
    return report


def _count(report: Report, changes: Mapping[str, Any]) -> None:
    report.added = sum(change["before"] is None for change in changes.values())
    report.changed = sum(change["before"] not in (None, change["after"]) for change in changes.values())
    report.unchanged = len(changes) - report.added - report.changed


def _incomplete(wanted: Mapping[str, Wanted]) -> list[Problem]:
    """Return what a new 発注者 lacks."""
    known = set(Body.objects.filter(code__in=list(wanted)).values_list("code", flat=True))
    labels = {"name": "名称", "addressee": "宛名"}
    return [
        Problem(one.line, label, "新しい発注者です。入力してください。")
        for one in wanted.values()
        if one.code not in known
        for name, label in labels.items()
        if not one.values.get(name)
    ]


def _lock(wanted: Mapping[str, Wanted]) -> None:
    """Make two imports wait for each other where they touch the same 発注者: an UPDATE holds the row, in one order.

    A new one is held by a row without a name, or the later import would take it for new as well.
    """
    known = set(Body.objects.filter(code__in=list(wanted)).values_list("code", flat=True))
    Body.objects.bulk_create([Body(code=code) for code in sorted(wanted.keys() - known)], ignore_conflicts=True)
    for code in sorted(wanted):
        Body.objects.filter(code=code).update(code=code)


def _plain(row: Model, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _rules(rows: Sequence[Model], columns: Sequence[Any]) -> list[dict[str, Any]]:
    """Return rules as plain values, in one order."""
    names = [column.field for column in columns]
    return sorted((_plain(row, names) for row in rows), key=repr)


def _changes(wanted: Mapping[str, Wanted]) -> dict[str, dict[str, Any]]:
    """Return for each 発注者 of the file what is there (`before`, None for a new one) and what would be (`after`)."""
    bodies = Body.objects.filter(code__in=list(wanted)).prefetch_related("acceptance", "submission_rules")
    found = {body.code: body for body in bodies.order_by("code")}
    changes = {}
    for code, one in wanted.items():
        body = found.get(code)
        before = None
        if body and body.name:
            before = {
                **_plain(body, FIELDS),
                "acceptance": _rules(list(body.acceptance.all()), ACCEPTANCE),
                "submission": _rules(list(body.submission_rules.all()), SUBMISSION),
            }
        stays: dict[str, Any] = before or {**_plain(Body(), FIELDS), "acceptance": [], "submission": []}
        after = {**stays, **{name: one.values[name] for name in FIELDS if name in one.values}}
        if one.acceptance:
            after["acceptance"] = _rules(one.acceptance, ACCEPTANCE)
        if one.submission:
            after["submission"] = _rules(one.submission, SUBMISSION)
        changes[code] = {"before": before, "after": after}
    return changes


def _write(changes: Mapping[str, Any]) -> None:
    """Write the 発注者, and anew those rules of them that differ."""
    Body.objects.bulk_create(
        [
            Body(code=code, **{name: change["after"][name] for name in FIELDS})
            for code, change in sorted(changes.items())
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=FIELDS,
    )
    pks = dict(Body.objects.filter(code__in=list(changes)).values_list("code", "pk"))
    kinds: tuple[tuple[Any, str], ...] = ((AcceptanceRule, "acceptance"), (SubmissionRule, "submission"))
    for model, name in kinds:
        different = {
            pks[code]: change["after"][name]
            for code, change in changes.items()
            if (change["before"] or {}).get(name) != change["after"][name]
        }
        model.objects.filter(body__in=list(different)).delete()
        model.objects.bulk_create(model(body_id=pk, **rule) for pk, rules in different.items() for rule in rules)


def _record_rules(changes: Mapping[str, Any], actor: "User | None") -> None:
    """Write into the history of every 発注者 that can read it which rules the file took away and brought."""
    for body in Body.objects.filter(code__in=list(changes), organisation__isnull=False).select_related("organisation"):
        before, after = changes[body.code]["before"] or {}, changes[body.code]["after"]
        for kind in body_rules.FIELDS:
            old, new = before.get(kind, []), after[kind]
            for rule in (one for one in old if one not in new):
                body_rules.record(body, actor, kind, body_rules.plain(kind, rule), None)
            for rule in (one for one in new if one not in old):
                body_rules.record(body, actor, kind, None, body_rules.plain(kind, rule))


def template() -> bytes:
    """Return 雛形: the headings and one row of examples, UTF-8 with a byte order mark."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(example())
    return text.getvalue().encode("utf-8-sig")


def load_packaged(name: str) -> Report:
    """Take over a file of the package: `bodies.csv` (the observed bodies) or `demo_bodies.csv` (two invented ones)."""
    content = files("esurety").joinpath("data", name).read_bytes()
    return load(io.BytesIO(content), name)
