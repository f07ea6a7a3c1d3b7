"""決済通知 and 枠戻通知: kinds, routes, and which product may take which route (nexi.md 2.8, 3.2, 6.4)."""

from dataclasses import dataclass

from django.db.models import TextChoices

from nexi_quota.enums.choices import Product


class NoticeKind(TextChoices):
    """通知の種類."""

    SETTLEMENT = "settlement", "決済通知"
    RELEASE = "release", "枠戻通知"


class Route(TextChoices):
    """How the user got to the notice (seed, sections 5 to 7)."""

    DIRECT = "direct", "直接入力"
    CONTRACTS = "contracts", "保有契約一覧から選択"
    QUOTAS = "quotas", "個別保証枠一覧から選択"


class Extent(TextChoices):
    """全部・一部の別."""

    FULL = "full", "全額"
    PART = "part", "一部"


class SettlementManner(TextChoices):
    """決済の態様 (nexi.md 3.2, 10)."""

    ON_DUE_DATE = "01", "期日決済"
    EARLY = "02", "期日前"
    LATE = "03", "期日後"
    INSTALMENT = "04", "分割の一部"


class ContractOrigin(TextChoices):
    """How the insurance was applied for; only Web contracts are on 保有契約一覧 (nexi.md 2.8)."""

    WEB = "web", "Web"
    PAPER = "paper", "書面"
    ASSOCIATION = "association", "組合"


class ContractState(TextChoices):
    """状態 of a 保有契約; only an open one takes notices."""

    OPEN = "open", "有効"
    SETTLED = "settled", "決済済"
    CANCELLED = "cancelled", "契約終了"
    AUTO_RELEASED = "auto_release", "自動解放"
    LOSS = "loss", "事故"


@dataclass(frozen=True)
class Way:
    """One cell of the matrix: may the notice take this route, and what its user should know."""

    is_open: bool
    note: str = ""


_NOT_ON_THE_WEB = Way(False, "Webでは行えません")
_WEB_CONTRACTS = Way(True, "Webで新規申込みを行った保険契約")
_ELSEWHERE = Way(False)


def _row(
    kind: NoticeKind, product: Product, direct: Way, contracts: Way, quotas: Way
) -> dict[tuple[Product, NoticeKind, Route], Way]:
    ways = {Route.DIRECT: direct, Route.CONTRACTS: contracts, Route.QUOTAS: quotas}
    return {(product, kind, route): way for route, way in ways.items()}


NOTICE_WAYS: dict[tuple[Product, NoticeKind, Route], Way] = {
    **_row(NoticeKind.SETTLEMENT, Product.INDIVIDUAL, Way(True, "保険証券番号を入力"), _WEB_CONTRACTS, _ELSEWHERE),
    **_row(NoticeKind.SETTLEMENT, Product.SME, Way(True, "保険証券番号を入力"), _WEB_CONTRACTS, _ELSEWHERE),
    **_row(NoticeKind.SETTLEMENT, Product.EQUIPMENT, Way(True, "保険証券番号を入力"), _ELSEWHERE, _ELSEWHERE),
    **_row(NoticeKind.SETTLEMENT, Product.BILL, _NOT_ON_THE_WEB, _NOT_ON_THE_WEB, _NOT_ON_THE_WEB),
    **_row(
        NoticeKind.RELEASE,
        Product.INDIVIDUAL,
        Way(True, "確認管理番号を入力"),
        _ELSEWHERE,
        Way(True, "新規申込み・内容変更通知の手続きの中で取得した個別保証枠を含む"),
    ),
    **_row(
        NoticeKind.RELEASE,
        Product.SME,
        Way(True, "確認管理番号を入力"),
        _ELSEWHERE,
        Way(True, "新規申込みの手続きの中で取得した個別保証枠を含む"),
    ),
    **_row(NoticeKind.RELEASE, Product.EQUIPMENT, Way(True, "確認管理番号を入力"), _ELSEWHERE, Way(True)),
    **_row(NoticeKind.RELEASE, Product.BILL, Way(True, "確認管理番号を入力"), _ELSEWHERE, Way(True)),
}
"""The matrix of nexi.md 6.4 [seed]: 4 products × 2 notices × 3 routes."""


def open_routes(product: Product, kind: NoticeKind) -> list[Route]:
    """Return the routes that a notice about this product may take; empty when it cannot be made on the Web."""
    return [route for route in Route if NOTICE_WAYS[product, kind, route].is_open]
