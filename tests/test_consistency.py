"""What a reviewer would look for again and again: rules about the code base itself."""

import json
import re
import subprocess
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
# Found by Django under these names.
FOUND_BY_NAME = ("400.html", "403.html", "404.html", "500.html", "403_csrf.html", "admin/", "registration/")


def files(*suffixes: str) -> list[Path]:
    """Return the files of the repository, tracked or not yet, that end in one of `suffixes`."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    found = [ROOT / name for name in names if not suffixes or name.endswith(suffixes)]
    return [path for path in found if path.is_file()]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# --- Templates, migrations, imports ---------------------------------------------


def test_every_template_is_used() -> None:
    sources = {path: read(path) for path in files(".py", ".html")}
    unused = []
    for template in TEMPLATES.rglob("*.html"):
        name = str(template.relative_to(TEMPLATES))
        mention = re.compile(rf"""["']{re.escape(name)}(#[\w-]+)?["']""")
        if not name.startswith(FOUND_BY_NAME) and not any(
            mention.search(text) for path, text in sources.items() if path != template
        ):
            unused.append(name)
    assert unused == []


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    # makemigrations looks only at applications that have migrations already.
    own = [config for config in apps.get_app_configs() if Path(config.path).is_relative_to(ROOT)]
    with_models = [config for config in own if ".venv" not in config.path and list(config.get_models())]
    assert [config.name for config in with_models if not (Path(config.path) / "migrations").is_dir()] == []
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_the_import_contracts_are_kept() -> None:
    command = [ROOT / ".venv" / "bin" / "lint-imports", "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_no_python_file_is_longer_than_can_be_read() -> None:
    written = [path for path in files(".py") if path.parent.name != "migrations"]
    long = {str(path.relative_to(ROOT)): len(read(path).splitlines()) for path in written}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


# --- Routes -----------------------------------------------------------------------


def leaves(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from leaves(pattern.url_patterns, path)
        else:
            yield f"/{path}"


def listed_urls() -> list[dict[str, object]]:
    out = StringIO()
    try:
        call_command("list_urls", "--json", stdout=out)
    except CommandError as error:
        pytest.fail(str(error))
    entries: list[dict[str, object]] = json.loads(out.getvalue())
    return entries


def test_every_route_declares_who_may_call_it_and_how() -> None:
    entries = listed_urls()
    assert {entry["path"] for entry in entries} == set(leaves(get_resolver().url_patterns))
    assert [entry["path"] for entry in entries if not entry["methods"] or not entry["roles"]] == []


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_login_page_by_every_route_that_is_not_public(client) -> None:
    answered = {}
    for entry in listed_urls():
        path = str(entry["path"])
        # Logging out of the admin without being logged in leads to its index, and from there to the login page.
        if entry["roles"] != ["public"] and path != "/admin/logout/" and not re.search(r"[<(^\\]", path):
            answer = client.get(path)
            if entry["roles"] == ["token"]:
                is_refused = answer.status_code == 401
            else:
                is_refused = answer.status_code == 302 and "login" in answer["Location"]
            if not is_refused:
                answered[path] = answer.status_code
    assert answered == {}


# --- Colours ----------------------------------------------------------------------

TOKENS = {
    "text": "#1a1a1a",
    "ground": "#ffffff",
    "weak": "#4d4d4d",
    "line-strong": "#767676",
    "required-ground": "#fdeeee",
    "error": "#ce0000",
    "number": "#ac3e00",
    "number-bar": "#c74700",
    "link": "#00118f",
    "visited": "#5109ad",
    "focus": "#000000",
    "focus-ring": "#ffd43d",
}
ACCENTS = {"blue": "#0017c1", "green": "#115a36", "purple": "#5109ad", "teal": "#006173", "grey": "#333333"}
# Foreground, ground, and the contrast that WCAG 2.2 asks: 4.5 for text, 3 for what is not text.
PAIRS = [
    ("text", "ground", 7.0),
    ("text", "required-ground", 7.0),
    ("text", "tint", 7.0),
    ("text", "late-ground", 7.0),
    ("weak", "ground", 4.5),
    ("weak", "tint", 4.5),
    ("error", "ground", 4.5),
    ("error", "required-ground", 4.5),
    ("number", "ground", 4.5),
    ("link", "ground", 4.5),
    ("link", "tint", 4.5),
    ("visited", "ground", 4.5),
    ("number-bar", "ground", 3.0),
    ("line-strong", "ground", 3.0),
    ("line-strong", "required-ground", 3.0),
    ("focus", "focus-ring", 3.0),
]


def properties(css: str) -> dict[str, str]:
    return {name: value.strip() for name, value in re.findall(r"--([\w-]+):\s*([^;}]+)", css)}


def colours(accent: str = "grey") -> dict[str, str]:
    """Return the custom properties of the site with `accent`, followed to their colours as #rrggbb."""
    css = "".join(read(path) for path in sorted((ROOT / "static" / "vendor").rglob("*.css")))
    base = read(ROOT / "static" / "css" / "base.css")
    before, _, _ = base.partition("[data-accent")
    chosen = re.search(rf'\[data-accent="{accent}"\]\s*{{([^}}]*)}}', base)
    assert chosen, f"no accent {accent}"
    raw = properties(css) | properties(before) | properties(chosen[1])

    def follow(value: str) -> str:
        while reference := re.fullmatch(r"var\(--([\w-]+)\)", value):
            value = raw[reference[1]]
        short = re.fullmatch(r"#([0-9a-fA-F])([0-9a-fA-F])([0-9a-fA-F])", value)
        return "#" + "".join(digit * 2 for digit in short.groups()) if short else value.lower()

    return {name: follow(value) for name, value in raw.items()}


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_computed_as_wcag_does() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


def test_the_colours_are_those_of_the_token_table() -> None:
    found = colours()
    assert {name: found[name] for name in TOKENS} == TOKENS
    assert {accent: colours(accent)["accent"] for accent in ACCENTS} == ACCENTS


@pytest.mark.parametrize(("front", "ground", "least"), PAIRS, ids=[f"{a} on {b}" for a, b, _ in PAIRS])
def test_a_colour_pair_has_enough_contrast(front: str, ground: str, least: float) -> None:
    found = colours()
    assert contrast(found[front], found[ground]) >= least


@pytest.mark.parametrize("accent", ACCENTS)
def test_white_on_an_accent_and_the_accent_on_its_tint_can_be_read(accent: str) -> None:
    found = colours(accent)
    assert contrast("#ffffff", found["accent"]) >= 4.5
    assert contrast(found["accent"], found["accent-tint"]) >= 4.5


def test_style_sheets_take_their_colours_from_the_tokens() -> None:
    strays = {}
    for path in sorted((ROOT / "static" / "css").glob("*.css")):
        rules = re.sub(r"--[\w-]+:[^;}]+|/\*.*?\*/", "", read(path), flags=re.DOTALL)
        found = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", rules)) - {"#fff", "#000", "#333"}
        if found and path.name != "print.css":
            strays[path.name] = sorted(found)
    assert strays == {}


# --- Words ------------------------------------------------------------------------

# In two pieces, so that this file does not contain what it looks for.
NEVER = [
    "pypi" + r"\.org",
    "python" + r"hosted\.org",
    "registry" + r"\.npmjs",
    "deb" + r"\.debian\.org",
    "crates" + r"\.io",
    r"(?<![\w/.])/" + r"(work|root|home)/",
    r"\.py" + "env/",
]


def test_no_file_names_a_package_registry_or_a_path_of_somebodys_machine() -> None:
    never = re.compile("|".join(NEVER))
    found = {}
    for path in files():
        try:
            text = read(path)
        except UnicodeDecodeError:
            continue
        if match := never.search(text):
            found[str(path.relative_to(ROOT))] = match[0]
    assert found == {}


def test_the_lock_files_have_hashes_and_no_addresses() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = read(ROOT / name)
        assert "--hash=sha256:" in text
        assert "://" not in text
        assert "--index-url" not in text


def never_used() -> list[tuple[str, str]]:
    """Return (wrong word, right word) of the table in docs/glossary.md."""
    pairs = []
    for line in read(ROOT / "docs" / "glossary.md").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[3] not in {"never", "", "–"} and not set(cells[3]) <= {"-", " "}:
            pairs += [(wrong.strip(), cells[0]) for wrong in cells[3].split("、")]
    return pairs


def test_templates_use_the_words_of_the_glossary() -> None:
    pairs = never_used()
    assert pairs
    found = []
    for path in files(".html"):
        text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", read(path), flags=re.DOTALL)
        found += [f"{path.relative_to(ROOT)}: {wrong} → {right}" for wrong, right in pairs if wrong in text]
    assert found == []


def test_every_template_folder_of_the_settings_exists() -> None:
    assert all(Path(folder).is_dir() for engine in settings.TEMPLATES for folder in engine["DIRS"])
