"""A machine is a table; a move is one guarded UPDATE that one caller wins."""

from collections.abc import Iterator

import pytest
from django.db import connection, models
from django.db.models import F, QuerySet

from portal.common.states import Machine, Transition, move

MACHINE = Machine(
    [
        Transition("submit", ["draft"], "done"),
        Transition("drop", ("draft", "parked"), "dropped"),
        Transition("touch", ["draft"], "draft"),
    ]
)


class Case(models.Model):
    """A row with a state, in a table that lives as long as a test."""

    state = models.CharField(max_length=10)
    revision = models.IntegerField(default=0)

    class Meta:
        app_label = "common_tests"
        managed = False

    def __str__(self) -> str:
        return self.state


@pytest.fixture
def cases(db: None) -> Iterator["QuerySet[Case]"]:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE common_tests_case (id integer PRIMARY KEY, state varchar(10), revision integer)"
        )
        Case.objects.create(id=1, state="draft")
        Case.objects.create(id=2, state="parked")
        yield Case.objects.all()
        cursor.execute("DROP TABLE common_tests_case")


def test_a_machine_answers_for_each_event():
    assert MACHINE.sources("drop") == ("draft", "parked")
    assert MACHINE.target("drop") == "dropped"


def test_an_unknown_event_is_an_error_of_the_programmer():
    for ask in (MACHINE.sources, MACHINE.target):
        with pytest.raises(KeyError):
            ask("explode")


def test_an_event_is_declared_once():
    with pytest.raises(ValueError, match="twice"):
        Machine([Transition("submit", ["draft"], "done"), Transition("submit", ["parked"], "done")])


def test_the_first_move_wins_and_the_second_changes_nothing(cases):
    row = cases.filter(pk=1)
    assert move(row, MACHINE, "submit", revision=F("revision") + 1)
    assert not move(row, MACHINE, "submit", revision=F("revision") + 1)
    assert row.values_list("state", "revision").get() == ("done", 1)


def test_a_row_in_another_state_or_none_at_all_is_not_moved(cases):
    assert not move(cases.filter(pk=2), MACHINE, "submit")
    assert not move(cases.filter(pk=3), MACHINE, "submit")
    assert cases.get(pk=2).state == "parked"


def test_conditions_of_the_caller_guard_the_move_as_well(cases):
    assert not move(cases.filter(pk=1, revision=7), MACHINE, "submit")
    assert move(cases.filter(pk=1, revision=0), MACHINE, "submit")


def test_a_move_may_lead_back_to_the_same_state(cases):
    assert move(cases.filter(pk=1), MACHINE, "touch", revision=5)
    assert cases.values_list("state", "revision").get(pk=1) == ("draft", 5)


def test_a_move_is_one_statement(cases, django_assert_num_queries):
    with django_assert_num_queries(1):
        move(cases.filter(pk=1), MACHINE, "drop")
