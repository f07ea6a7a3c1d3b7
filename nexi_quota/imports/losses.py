"""損失等発生通知 as the insurer records them; the contract and its 確認 are frozen."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from nexi_quota import services
from nexi_quota.enums import ContractState
from nexi_quota.imports import cells
from nexi_quota.imports.contracts import BRANCH, MEANWHILE, POLICY, contracts_of
from nexi_quota.imports.kinds import Change, Column, Conflict, Kind, Problem, Record
from nexi_quota.models import InsuranceContract
from portal.common.eras import seireki

if TYPE_CHECKING:
    from portal.accounts.models import User


class LossRows(Kind):
    """損失等発生通知: freezes the contract and its 確認; the same notice again changes nothing."""

    slug = "losses"
    title = "損失等発生通知"
    unique = ("policy_number", "branch")
    permissions = ("nexi_quota.change_insurancecontract",)
    columns = (
        POLICY,
        BRANCH,
        Column("通知日", "reported_on", cells.day, "2025-07-20", note="保険契約締結日から今日まで"),
    )

    def __init__(self) -> None:
        self._contracts: Mapping[tuple[str, str], InsuranceContract] = {}  # of the batch just compared

    def compare(self, records: Sequence[Record], day: date) -> Iterator[Change | Problem]:
        self._contracts = contracts_of(record.values for record in records)
        for record in records:
            found = self._contracts.get((record.values["policy_number"], record.values["branch"]))
            reported_on = record.values["reported_on"]
            if found is None:
                yield self.problem(record, "policy_number", "保有契約に登録されていません。番号を確かめてください。")
            elif found.state not in (ContractState.OPEN, ContractState.LOSS):
                state = found.get_state_display()
                yield self.problem(record, "policy_number", f"すでに終了した契約です（状態：{state}）。")
            elif not found.concluded_on <= reported_on <= day:
                yield self.problem(record, "reported_on", "保険契約締結日から今日までの日を入力してください。")
            elif found.loss_reported_on not in (None, reported_on):
                since = seireki(found.loss_reported_on)
                yield self.problem(record, "reported_on", f"{since}の通知が登録されています。変更はできません。")
            else:
                yield Change(record, {"reported_on": found.loss_reported_on}, {"reported_on": reported_on})

    def write(self, changes: Sequence[Change], actor: "User | None", day: date) -> None:
        for change in changes:
            values = change.record.values
            contract = self._contracts[values["policy_number"], values["branch"]]
            if not services.report_loss(contract, values["reported_on"], actor):
                raise Conflict(self.problem(change.record, "policy_number", MEANWHILE))
