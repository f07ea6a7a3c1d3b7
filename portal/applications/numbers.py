"""Application numbers in addresses: a wrong check digit is answered without a query."""

from portal.common.checkdigit import damm_ok


class NumberConverter:
    """Path converter for numbers that end in a Damm check digit (nexi.md 3.3)."""

    regex = "[0-9]{8,20}"

    def to_python(self, value: str) -> str:
        if not damm_ok(value):
            raise ValueError("wrong check digit")
        return value

    def to_url(self, value: str) -> str:
        return value
