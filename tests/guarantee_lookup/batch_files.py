"""Files of 一括照会 as a clerk makes, chooses and runs them."""

import csv
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from portal import outbox
from portal.accounts.models import Grant
from tests.guarantee_lookup.driver import ACCEPTANCE, Answer, Teller

BATCH = "/lookup/batch/"
KNOWN = ("顧客番号", ACCEPTANCE, "1", "")
NONE = "該当する情報がありません。番号をご確認ください。"


def as_csv(*rows: tuple[str, ...], encoding: str = "utf-8-sig", heading: tuple[str, ...] = ()) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([heading or ("番号の種類", "番号", "照会の根拠", "同意"), *rows])
    return written.getvalue().encode(encoding)


def misses(count: int) -> list[tuple[str, ...]]:
    """Return lines of numbers that nobody has, and that are no neighbours."""
    return [("顧客番号", f"80{place:02d}50000", "1", "") for place in range(count)]


def chooses(teller: Teller, content: bytes, name: str = "list.csv") -> Answer:
    """Choose a file and follow to its page."""
    response = teller.client.post(BATCH, {"file": SimpleUploadedFile(name, content)})
    return teller.opens(response["Location"]) if response.status_code == 303 else Answer(response, BATCH)


def presses(teller: Teller, page: Answer) -> Answer:
    """Press 照会を実行する."""
    response = teller.client.post(page.path)
    return teller.opens(response["Location"]) if response.status_code == 303 else Answer(response, page.path)


def asks_all(teller: Teller, *rows: tuple[str, ...]) -> Answer:
    """Choose a file, run it, let the job finish, and open its result."""
    page = chooses(teller, as_csv(*rows))
    assert page.status == 200, page.text
    assert presses(teller, page).status == 200
    outbox.drain()
    return teller.opens(page.path)


def saved(teller: Teller, page: Answer) -> list[dict[str, str]]:
    answer: Any = teller.client.get(f"{page.path}?format=csv")
    assert answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def may_send_files(*tellers: Teller) -> None:
    """Give these people the right to 一括照会."""
    for teller in tellers:
        Grant.objects.create(user=teller.user, role="lookup.batch", starts_on="2020-01-01")
