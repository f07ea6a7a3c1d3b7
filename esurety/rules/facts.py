"""The frozen data of an application and of a certificate: plain values, dates as ISO text, amounts in whole yen."""

from typing import TypedDict


class Member(TypedDict):
    """JV構成員; `share` is 出資比率 in hundredths of a per cent (6000 = 60.00 %), 0 where none is agreed (乙型)."""

    name: str
    is_representative: bool
    share: int


class Year(TypedDict):
    """One 会計年度 of works of several years: 出来高予定額, 支払限度額, 工事実施期間."""

    year: int
    plan: int
    limit: int
    starts_on: str
    ends_on: str


class Works(TypedDict):
    """請負工事の情報 (esurety.md 3.3), as sent. Empty text where nothing was entered."""

    body: str  # 団体コード
    department: str
    number: str  # 工事番号 / 契約番号
    name: str
    place: str
    kind: str  # WorkKind
    price: int  # 請負金額 with tax
    tax: int | None
    contract_on: str
    notice_on: str  # 入札公告日
    nomination_on: str  # 指名通知日
    award_on: str  # 契約予定通知日 / 落札日
    bid_on: str  # 入札日
    case_number: str  # 調達案件番号
    spec_number: str  # 仕様書番号
    starts_on: str  # 工期
    ends_on: str
    order_form: str  # OrderForm
    jv_name: str
    members: list[Member]
    has_advance: bool  # 前払金の有無
    is_low_bid: bool
    years: list[Year]  # empty: one year


class Party(TypedDict):
    """保証契約者."""

    name: str
    address: str
    representative: str


class Contents(TypedDict):
    """What the certificate of one guarantee says (esurety.md 5.1, 5.2), without number, label, serial and issuer."""

    contractor: Party
    jv_name: str
    members: list[Member]
    body: str  # 団体コード
    body_name: str
    addressee: str
    work: str
    work_number: str
    work_kind: str
    price: int
    contract_on: str
    starts_on: str
    ends_on: str
    amount: int
    base_amount: int | None  # 今年度対象額
    fiscal_year: int | None
    covers_from: str  # 契約保証: 保証期間 begins, else ""
    due_on: str  # 保証期限, or the end of 保証期間
    bank: str  # 預託金融機関, "" for 契約保証
    advance_number: str  # 先行する前払金保証, for 中間前払金保証
    advance_amount: int | None
    is_low_bid: bool
