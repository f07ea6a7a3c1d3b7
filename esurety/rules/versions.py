"""The versions of a certificate (esurety.md 9.2): numbers of changes, and what a revision does to each version."""

from collections.abc import Sequence
from dataclasses import dataclass

from esurety.enums import RevisionKind, VersionKind, VersionState

VISIBLE = (VersionState.ISSUED, VersionState.SUPERSEDED, VersionState.CANCELLED)
"""What the contractor's 電子保証履歴一覧 shows: what was corrected or withdrawn is not shown."""


@dataclass(frozen=True)
class Version:
    """What the rules need of a certificate version; fields as `esurety.models.Certificate` has them."""

    sequence: int
    kind: str
    change_number: int
    state: str


def current(versions: Sequence[Version]) -> Version | None:
    """Return the version in force, None before the first arrival and after 取消."""
    return next((version for version in versions if version.state == VersionState.ISSUED), None)


def visible(versions: Sequence[Version]) -> list[Version]:
    """Return the versions of the history, oldest first."""
    return sorted((one for one in versions if one.state in VISIBLE), key=lambda one: one.sequence)


def next_change_number(versions: Sequence[Version]) -> int:
    """Return the number of the next 変更: a number whose 変更 was withdrawn is free again."""
    counted = (*VISIBLE, VersionState.PENDING)
    return 1 + max((one.change_number for one in versions if one.state in counted), default=0)


def next_sequence(versions: Sequence[Version]) -> int:
    """Return the 版 of the next version: never used twice."""
    return 1 + max((one.sequence for one in versions), default=0)


def successor(kind: RevisionKind, versions: Sequence[Version]) -> tuple[VersionKind, int]:
    """Return 対象 and change number of the version that a 変更 or 訂正 makes; a 訂正 keeps the number.

    ValueError for a revision that makes no version, or without a version in force.
    """
    now = current(versions)
    if now is None or kind not in {RevisionKind.CHANGE, RevisionKind.CORRECTION}:
        raise ValueError(f"{kind} makes no version")
    if kind == RevisionKind.CHANGE:
        return VersionKind.CHANGE, next_change_number(versions)
    return VersionKind.CORRECTION, now.change_number


def refusal(
    kind: RevisionKind, versions: Sequence[Version], *, is_registered: bool = False, body_agreed: bool = False
) -> str:
    """Return why a revision is not possible, in words, or "".

    `is_registered`: a 発注者 has entered the key of the version in force; `body_agreed`: it has consented.
    """
    now = current(versions)
    if any(version.state == VersionState.PENDING for version in versions):
        return "発行処理中の証書があります。発行が終わってからやり直してください。"
    if now is None:
        return "有効な証書がありません。"
    if kind == RevisionKind.WITHDRAWAL and not now.change_number:
        return "最新の証書は変更ではないため、変更取消はできません。"
    if kind in {RevisionKind.WITHDRAWAL, RevisionKind.CANCELLATION} and is_registered and not body_agreed:
        return "発注者がこの証書を登録しています。発注者の同意を確かめてから行ってください。"
    return ""


def effects(kind: RevisionKind, versions: Sequence[Version]) -> dict[int, VersionState]:
    """Return the new states of the present versions by 版; for 変更 and 訂正, from the arrival of the new version on.

    ValueError without a version in force, and for 変更取消 of what is no 変更.
    """
    now = current(versions)
    if now is None:
        raise ValueError("no version in force")
    if kind == RevisionKind.CHANGE:
        return {now.sequence: VersionState.SUPERSEDED}
    if kind == RevisionKind.CORRECTION:
        return {now.sequence: VersionState.CORRECTED}
    if kind == RevisionKind.CANCELLATION:
        return {now.sequence: VersionState.CANCELLED}
    before = [one for one in versions if one.state == VersionState.SUPERSEDED and one.sequence < now.sequence]
    if not now.change_number or not before:
        raise ValueError(f"version {now.sequence} is no change")
    back = max(before, key=lambda one: one.sequence)
    return {now.sequence: VersionState.WITHDRAWN, back.sequence: VersionState.ISSUED}
