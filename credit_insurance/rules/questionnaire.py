"""売掛債権の管理に関するアンケート: the decision tree of the pamphlet as data (credit_insurance.md 6.1)."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from credit_insurance.enums import Measure
from credit_insurance.rules.facts import Fault, fault

YES, NO = "yes", "no"
MEASURES = "Q4"
LONGEST_NOTE = 100


@dataclass(frozen=True)
class Question:
    """A question with yes and no; `yes` and `no` are the codes of what comes next."""

    code: str
    text: str
    yes: str
    no: str


@dataclass(frozen=True)
class Result:
    """The end of the tree: what is said, and the button that leads on ("" for none but 終了)."""

    code: str
    text: str
    button: str

    @property
    def asks_for_quote(self) -> bool:
        """True when the button begins a case; 説明を希望する makes a task for the agent instead."""
        return self.button == QUOTE


QUOTE = "見積りを依頼する"
EXPLAIN = "説明を希望する"
FIRST = "Q1"
MEASURES_TEXT = "現在の対策についてお教えください。"

QUESTIONS = {
    "Q1": Question("Q1", "代金後払いの取引き(掛取引)をされていますか?", yes="Q2", no="R1"),
    "Q2": Question("Q2", "売掛債権の管理にご関心がありますか?", yes="Q3", no="R2"),
    "Q3": Question("Q3", "現在、売掛債権の管理について、何らかの対策をとられていますか?", yes=MEASURES, no="R3"),
}
RESULTS = {
    "R1": Result("R1", "今回は取引信用保険のご加入は不要ですが、掛取引をご検討の際はご相談ください。", ""),
    "R2": Result("R2", "もしよろしければ、債権管理についてご説明をさせていただきます。", EXPLAIN),
    "R3": Result("R3", "貸倒補償制度ご活用による債権管理について、ご提案させていただきます。", QUOTE),
    "R4": Result(
        "R4",
        "貸倒補償制度により、管理コストの削減ができる場合があります。補償内容のご提案やお見積りをさせていただきます。",
        QUOTE,
    ),
}


def next_node(answers: Mapping[str, str], measures: Collection[Measure] = ()) -> str:
    """Return the code of the next question or of the result: "Q1" to "Q4", "R1" to "R4".

    `answers` are YES or NO by question; answers to questions that the way does not pass are left alone.
    """
    at = FIRST
    while at in QUESTIONS:
        if answers.get(at) not in {YES, NO}:
            return at
        at = QUESTIONS[at].yes if answers[at] == YES else QUESTIONS[at].no
    if at == MEASURES:
        return "R4" if measures else MEASURES
    return at


def measure_faults(measures: Collection[Measure], note: str) -> Iterator[Fault]:
    """Yield what is missing beside the ticked 対策: その他 needs 1 to 100 characters."""
    if Measure.OTHER in measures and not 1 <= len(note) <= LONGEST_NOTE:
        yield fault("measure_note", "S-MEASURE")
