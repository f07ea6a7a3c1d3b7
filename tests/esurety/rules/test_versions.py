"""Versions of a certificate: F13 and F14 of esurety.md 18, and the table of 9.2 row by row."""

from dataclasses import replace

import pytest

from esurety.enums import RevisionKind as R
from esurety.enums import VersionState as V
from esurety.rules.versions import (
    Version,
    current,
    effects,
    next_change_number,
    next_sequence,
    refusal,
    successor,
    visible,
)


class Tree:
    """A guarantee whose versions arrive and are withdrawn as the rules say."""

    def __init__(self):
        self.versions = [Version(1, "new", 0, V.ISSUED)]

    def do(self, kind):
        assert refusal(kind, self.versions, body_agreed=True) == ""
        made = []
        if kind in {R.CHANGE, R.CORRECTION}:
            target, change = successor(kind, self.versions)
            made = [Version(next_sequence(self.versions), target, change, V.ISSUED)]
        states = effects(kind, self.versions)
        self.versions = [replace(one, state=states.get(one.sequence, one.state)) for one in self.versions] + made
        return self

    def states(self):
        return [str(one.state) for one in self.versions]

    def history(self):
        return [(one.sequence, str(one.kind), one.change_number) for one in visible(self.versions)]


def test_f13_the_history_shows_what_is_neither_corrected_nor_withdrawn():
    tree = Tree().do(R.CHANGE).do(R.CORRECTION).do(R.CHANGE).do(R.WITHDRAWAL)
    assert tree.history() == [(1, "new", 0), (3, "correction", 1)]
    assert current(tree.versions).sequence == 3
    assert tree.states() == ["superseded", "corrected", "issued", "withdrawn"]


def test_f14_the_number_of_a_withdrawn_change_is_given_again_and_its_version_is_not():
    tree = Tree().do(R.CHANGE).do(R.CORRECTION).do(R.CHANGE).do(R.WITHDRAWAL)
    assert successor(R.CHANGE, tree.versions) == ("change", 2)
    tree.do(R.CHANGE)
    assert tree.history()[-1] == (5, "change", 2)


def test_withdrawing_a_corrected_change_frees_its_number_too():
    tree = Tree().do(R.CHANGE).do(R.CORRECTION).do(R.WITHDRAWAL)
    assert tree.history() == [(1, "new", 0)]
    assert tree.states() == ["issued", "corrected", "withdrawn"]
    assert next_change_number(tree.versions) == 1


def test_a_correction_replaces_the_newest_version_and_keeps_its_number():
    tree = Tree().do(R.CORRECTION)
    assert tree.history() == [(2, "correction", 0)]
    assert tree.do(R.CHANGE).do(R.CORRECTION).history() == [(2, "correction", 0), (4, "correction", 1)]


def test_after_cancellation_nothing_is_in_force_and_the_history_stays():
    tree = Tree().do(R.CHANGE).do(R.CANCELLATION)
    assert tree.states() == ["superseded", "cancelled"]
    assert [one[0] for one in tree.history()] == [1, 2]
    assert current(tree.versions) is None
    for kind in R:
        assert refusal(kind, tree.versions) == "有効な証書がありません。"


@pytest.mark.parametrize("kind", [R.WITHDRAWAL, R.CANCELLATION])
def test_what_a_body_has_registered_is_taken_back_only_with_its_consent(kind):
    versions = Tree().do(R.CHANGE).versions
    assert "同意" in refusal(kind, versions, is_registered=True)
    assert refusal(kind, versions, is_registered=True, body_agreed=True) == ""
    assert refusal(kind, versions) == ""


def test_only_a_change_can_be_withdrawn():
    versions = Tree().do(R.CORRECTION).versions
    assert "変更ではない" in refusal(R.WITHDRAWAL, versions)
    with pytest.raises(ValueError, match="no change"):
        effects(R.WITHDRAWAL, versions)
    with pytest.raises(ValueError, match="makes no version"):
        successor(R.WITHDRAWAL, versions)


def test_nothing_is_revised_while_a_version_is_on_its_way():
    versions = [*Tree().versions, Version(2, "change", 1, V.PENDING)]
    assert "発行処理中" in refusal(R.CHANGE, versions)
    assert next_change_number(versions) == 2
    with pytest.raises(ValueError, match="no version in force"):
        effects(R.CHANGE, versions[1:])
