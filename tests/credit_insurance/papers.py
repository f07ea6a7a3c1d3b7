"""加入時の確認書類 for tests, and a 加入依頼書 in the hands of a person."""

import hashlib
import re
import subprocess
from datetime import date
from typing import Any

from django.core.files.base import ContentFile
from django.http import HttpResponse

from credit_insurance.enums import ConsentKind, Disclosure
from credit_insurance.models import ConsentPaper
from tests.conftest import Person
from tests.credit_insurance.driver import hidden, words

PDF = b"%PDF-1.7\nsample\n%%EOF\n"


def paper(kind: ConsentKind, version: int = 1, valid_from: date = date(2026, 1, 1)) -> ConsentPaper:
    """Return a new paper; the 重要事項説明書 has a PDF."""
    made = ConsentPaper(kind=kind, version=version, valid_from=valid_from, body=f"{kind.label}の本文。")
    if kind == ConsentKind.IMPORTANT:
        made.sha256 = hashlib.sha256(PDF).hexdigest()
        made.file.save("paper.pdf", ContentFile(PDF), save=False)
    made.save()
    return made


def all_five() -> list[ConsentPaper]:
    """Return the first version of every paper."""
    return [paper(kind) for kind in ConsentKind]


def same_answers(page: HttpResponse) -> dict[str, str]:
    """Return every 告知事項 answered with "as it stands", as a browser sends it."""
    html = page.content.decode()
    names = [item.name.lower() for item in Disclosure]
    found = {name: re.search(rf'name="main-{name}" id="[^"]*" value="(same-[^"]*)"', html) for name in names}
    return {f"main-{name}": match[1] for name, match in found.items() if match}


class Form:
    """One 加入依頼書 in the hands of a person."""

    def __init__(self, person: Person, quote: str, **changes: str) -> None:
        first = f"/credit/enrolment/new/steps/disclosure/?quote={quote}"
        page = person.get(first)
        answers = {"main-number": hidden(page, "main-number"), **same_answers(page)}
        answer = person.post(first, {**answers, **{f"main-{name}": value for name, value in changes.items()}})
        assert answer.status_code == 303, words(answer)
        found = re.fullmatch(r"/credit/enrolment/(\d+)/steps/papers/", answer.headers["Location"])
        assert found, answer.headers["Location"]
        self.person, self.number = person, found[1]

    @classmethod
    def draft(cls, person: Person, number: str) -> "Form":
        """Return a 加入依頼書 that is there already."""
        found = cls.__new__(cls)
        found.person, found.number = person, number
        return found

    @property
    def url(self) -> str:
        return f"/credit/enrolment/{self.number}/"

    def tick(self, *left: ConsentKind) -> HttpResponse:
        """Tick every paper but those `left` out, and go on."""
        page = self.person.get(f"{self.url}steps/papers/")
        ticks = {f"main-{kind.value}": "on" for kind in ConsentKind if kind not in left}
        given = {"main-seen": hidden(page, "main-seen"), "revision": hidden(page, "revision"), **ticks}
        return self.person.post(f"{self.url}steps/papers/", given)

    def confirm(self, person: Person) -> HttpResponse:
        return person.get(f"{self.url}confirm/")

    def submit(self, person: Person, page: HttpResponse | None = None) -> Any:
        """Press the button of the confirm page as `person`."""
        return person.post(f"{self.url}confirm/", {"token": hidden(page or self.confirm(person), "token")})


def text_of(pdf: HttpResponse) -> str:
    """Return the words of a PDF as poppler reads them, without its line breaks and gaps."""
    assert pdf.status_code == 200, words(pdf)
    read = subprocess.run(["pdftotext", "-", "-"], input=pdf.content, capture_output=True, check=True)
    return re.sub(r"\s+", "", read.stdout.decode())
