"""Subject and text with which a 発注者 wants to be given the key (esurety.md 10.1): templates with variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

VARIABLES = (
    "工事番号",
    "契約番号",
    "調達案件番号",
    "案件名",
    "受注者",
    "保証種類",
    "入札日",
    "仕様書番号",
    "認証キー",
)

_VARIABLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Filled:
    """A filled template; `missing` names the variables that had no value and are left out of the text."""

    text: str
    missing: tuple[str, ...]

    @property
    def warning(self) -> str:
        """Return what to do before sending, "" when nothing is missing."""
        if not self.missing:
            return ""
        names = "」「".join(self.missing)
        return f"この発注者が求める「{names}」がありません。送信する前に書き加えてください。"


def variables(template: str) -> list[str]:
    """Return the variables of a template, each once, in their order."""
    return list(dict.fromkeys(_VARIABLE.findall(template)))


def unknown(template: str) -> list[str]:
    """Return the variables of a template that nothing can fill."""
    return [name for name in variables(template) if name not in VARIABLES]


def refusal(template: str) -> str:
    """Return why a template cannot be used and what to do, "" when it can."""
    if others := unknown(template):
        wrong, known = ("、".join(f"{{{name}}}" for name in names) for names in (others, VARIABLES))
        return f"使えない項目（{wrong}）があります。使えるのは{known}です。"
    if re.search("[{}]", _VARIABLE.sub("", template)):
        return "「{」と「}」の組み合わせを確かめてください。項目は{工事番号}のように、前後を1つずつで囲みます。"
    return ""


def fill(template: str, values: Mapping[str, str]) -> Filled:
    """Fill a template; values are put in as they are, never read as a template again."""
    missing = tuple(name for name in variables(template) if not values.get(name))
    text = _VARIABLE.sub(lambda match: values.get(match[1], ""), template)
    return Filled(re.sub(r"[ 　]{2,}", " ", text).strip() if missing else text, missing)
