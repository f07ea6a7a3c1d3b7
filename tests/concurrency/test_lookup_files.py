"""One file of 一括照会 run by several workers at once: every line is looked up once, and the day's limit is kept."""

from collections import Counter
from functools import partial
from unittest.mock import patch

import pytest

from guarantee_lookup.enums import Basis, FileState, NumberKind
from guarantee_lookup.models import Lookup, LookupFile, LookupLine, ServiceRules
from guarantee_lookup.services import files
from guarantee_lookup.services.files import Asked
from guarantee_lookup.services.gate import Refused
from portal.accounts.models import Grant
from tests.concurrency.racing import Meeting, race
from tests.guarantee_lookup.conftest import (  # noqa: F401 - fixtures
    bank_a,
    clock,
    rules,
    snapshot,
    user,
)
from tests.guarantee_lookup.driver import ACCEPTANCE, GUARANTEE, Teller

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4
LINES = (
    Asked(2, NumberKind.CUSTOMER, ACCEPTANCE, Basis.RELATION, consent=False),
    Asked(3, NumberKind.GUARANTEE, GUARANTEE, Basis.RELATION, consent=False),
)


@pytest.fixture
def file(user: Teller) -> LookupFile:  # noqa: F811
    """A file of two lines, ready to run."""
    Grant.objects.create(user=user.user, role="lookup.batch", starts_on="2020-01-01")
    return files.begin(LINES, user.user)


def test_every_line_is_looked_up_once_whoever_runs_the_file(file: LookupFile) -> None:
    files.queue(file, "127.0.0.1")
    assert race(*[partial(files.run, file.pk)] * WORKERS) == [None] * WORKERS
    assert Lookup.objects.count() == len(LINES)
    assert LookupLine.objects.exclude(lookup=None).count() == len(LINES)
    assert LookupFile.objects.get().state == FileState.DONE


def test_control_without_the_mark_a_line_is_looked_up_by_every_worker(file: LookupFile) -> None:
    files.queue(file, "127.0.0.1")
    meeting = Meeting(WORKERS)

    def careless(one: LookupFile, line: LookupLine) -> None:
        meeting.wait()
        files._look_up(one, line)

    with patch.object(files, "_ask", careless):
        race(*[partial(files.run, file.pk)] * WORKERS)
    assert Lookup.objects.count() > len(LINES)


def test_files_of_one_bank_never_pass_the_limit_of_the_day(file: LookupFile, user: Teller) -> None:  # noqa: F811
    ServiceRules.objects.update(file_lines_day=5)
    more = [file, *(files.begin(LINES, user.user) for _ in range(WORKERS))]

    def press(one: LookupFile) -> str:
        try:
            return str(files.queue(one, "127.0.0.1"))
        except Refused as refusal:
            return refusal.code

    outcomes = Counter(map(str, race(*(partial(press, one) for one in more))))
    assert outcomes == {"True": 2, "E-LIM": WORKERS - 1}
    assert LookupFile.objects.filter(state=FileState.QUEUED).count() == 2


def test_a_file_that_is_pressed_at_once_by_two_windows_runs_once(file: LookupFile) -> None:
    pressed = race(*[partial(files.queue, file, "127.0.0.1")] * WORKERS)
    assert Counter(map(str, pressed)) == {"True": 1, "False": WORKERS - 1}
