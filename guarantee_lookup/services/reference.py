"""Masters that every installation begins with: insurances and pools of guarantee_lookup.md 2.5 and 3.3."""

from datetime import date

from django.db import transaction

from guarantee_lookup.enums import Row
from guarantee_lookup.models import CapacityPool, InsuranceCode

SINCE = date(2007, 10, 1)
"""From when the first rows hold: the start of 責任共有制度, before any as-of date of the portal."""

MILLION = 1_000_000

POOLS = {
    "MG": ("無担保保険（一般）", 80, 0, "always"),
    "TG": ("特別小口保険（一般）", 20, 0, "always"),
    "FG": ("普通保険（一般）", 200, 200, "always"),
    "MS": ("無担保保険（SN）", 80, 0, "always"),
    "FS": ("普通保険（SN）", 200, 200, "always"),
    "XM": ("SN・危機関連等の合算（無担保）", 160, 0, "always"),
    "XF": ("SN・危機関連等の合算（普通）", 400, 400, "always"),
    "KM": ("危機関連（無担保）", 80, 0, "always"),
    "KF": ("危機関連（普通）", 200, 200, "always"),
    "BD": ("特定社債", 450, 0, "always"),
    "J5": ("特定社債・普通・無担保の合算", 500, 0, "bond"),
    "RYUDO": ("流動資産担保", 200, 0, "always"),
    "KOGAI": ("公害防止", 50, 0, "always"),
    "ENERGY": ("エネルギー対策", 200, 0, "always"),
    "KAIGAI": ("海外投資関係", 200, 200, "always"),
    "SHINJIGYO": ("新事業開拓", 200, 200, "always"),
    "SAISEI": ("事業再生", 200, 0, "always"),
}
"""Code → name, limit and addition of a 組合 in million yen, when it binds."""

INSURANCES = {
    "FUTSU_G": ("普通保険（一般）", Row.ORDINARY, "FG J5"),
    "MUTAN_G": ("無担保保険（一般）", Row.UNSECURED, "MG J5"),
    "TOKU_G": ("特別小口（一般）", Row.UNSECURED, "MG TG J5"),
    "SOGYO": ("創業関連・創業等関連・再挑戦支援", Row.OTHER, "MG J5"),
    "MUTAN_SN": ("無担保保険（SN）", Row.UNSECURED_SN, "MS XM"),
    "TOKU_SN": ("特別小口（SN）", Row.UNSECURED_SN, "MS XM"),
    "FUTSU_SN": ("普通保険（SN）", Row.ORDINARY_SN, "FS XF"),
    "KIKI_M": ("危機関連（無担保）", Row.OTHER, "KM XM"),
    "KIKI_F": ("危機関連（普通）", Row.OTHER, "KF XF"),
    "SHINSAI_M": ("東日本大震災復興緊急（無担保）", Row.OTHER, "XM"),
    "SHINSAI_F": ("東日本大震災復興緊急（普通）", Row.OTHER, "XF"),
    "SAIGAI_M": ("災害関係（無担保）", Row.OTHER, "XM"),
    "SAIGAI_F": ("災害関係（普通）", Row.OTHER, "XF"),
    "SHASAI": ("特定社債", Row.OTHER, "BD J5"),
    "RYUDO": ("流動資産担保", Row.OTHER, "RYUDO"),
    "KOGAI": ("公害防止", Row.OTHER, "KOGAI"),
    "ENERGY": ("エネルギー対策", Row.OTHER, "ENERGY"),
    "KAIGAI": ("海外投資関係", Row.OTHER, "KAIGAI"),
    "SHINJIGYO": ("新事業開拓", Row.OTHER, "SHINJIGYO"),
    "SAISEI": ("事業再生", Row.OTHER, "SAISEI"),
    "SHIHARAI": ("特定支払契約", Row.OTHER, ""),
    "OTHER_SP": ("その他の特例", Row.OTHER, ""),
}
"""Code → name, row that shows it, pools that it uses up."""

SN_INSURANCES = ("MUTAN_SN", "TOKU_SN", "FUTSU_SN")


@transaction.atomic
def load_masters() -> dict[str, int]:
    """Add what is missing and return how many rows of each table were added; what the staff changed stays as it is."""
    tables = (
        (
            CapacityPool,
            [
                CapacityPool(
                    code=code,
                    name=name,
                    limit=limit * MILLION,
                    addition=addition * MILLION,
                    rule=rule,
                    valid_from=SINCE,
                )
                for code, (name, limit, addition, rule) in POOLS.items()
            ],
        ),
        (
            InsuranceCode,
            [
                InsuranceCode(
                    code=code,
                    name=name,
                    row=row,
                    pools=pools.split(),
                    needs_sn_item=code in SN_INSURANCES,
                    core_codes=[code],
                    valid_from=SINCE,
                )
                for code, (name, row, pools) in INSURANCES.items()
            ],
        ),
    )
    added = {}
    for model, rows in tables:
        before = model._default_manager.count()
        model._default_manager.bulk_create(rows, ignore_conflicts=True)  # type: ignore[arg-type]  # rows are of `model`
        added[model._meta.model_name or ""] = model._default_manager.count() - before
    return added
