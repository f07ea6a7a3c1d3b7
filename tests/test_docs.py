"""The documents know everything that somebody can set or start."""

import re
from pathlib import Path

import pytest

from tests.test_consistency import ROOT, files, read

DOCUMENTS = "".join(read(path) for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))] if path.exists())
PRODUCT = ("portal/", "nexi_quota/", "scripts/", "docker/", "docker-compose.yml", "Dockerfile")


def variables() -> set[str]:
    """Return the names of the environment variables that settings, scripts and the compose file read."""
    found: set[str] = set()
    for path in files():
        name = str(path.relative_to(ROOT))
        if not name.startswith(PRODUCT) or "/fonts/" in name or name.endswith((".ttf", ".svg")):
            continue
        text = read(path)
        if name.endswith(".py"):
            found.update(re.findall(r"""\benv(?:\.\w+)?\(\s*["']([A-Z][A-Z0-9_]+)["']""", text))
            found.update(re.findall(r"""\bsecret\(\s*["']([A-Z][A-Z0-9_]+)["']""", text))
            found.update(re.findall(r"""environ(?:\.get\(|\[)\s*["']([A-Z][A-Z0-9_]+)["'](?!\]\s*=)""", text))
        else:
            found.update(re.findall(r"\$\{([A-Z][A-Z0-9_]+)", text))
    # Set by the tools themselves, not by a person.
    return found - {"DJANGO_SETTINGS_MODULE"}


def make_targets() -> list[str]:
    return re.findall(r"^([a-z-]+):.*##", read(ROOT / "Makefile"), flags=re.MULTILINE)


def management_commands() -> list[str]:
    paths = [path for path in files(".py") if "/management/commands/" in str(path)]
    return sorted(path.stem for path in paths if not path.stem.startswith("_"))


@pytest.mark.parametrize("name", sorted(variables()))
def test_an_environment_variable_is_documented(name: str) -> None:
    assert f"`{name}`" in DOCUMENTS


@pytest.mark.parametrize("target", make_targets())
def test_a_make_target_is_documented(target: str) -> None:
    assert f"make {target}" in DOCUMENTS


@pytest.mark.parametrize("command", management_commands())
def test_a_management_command_is_documented(command: str) -> None:
    assert re.search(rf"`(manage\.py )?{command}\b[^`]*`", DOCUMENTS)


def test_every_link_to_a_file_of_the_repository_leads_somewhere() -> None:
    broken = []
    for path in files(".md"):
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", read(path)):
            if "://" not in target and not (path.parent / target).exists():
                broken.append(f"{path.relative_to(ROOT)}: {target}")
    assert broken == []


def test_the_plan_of_the_tree_names_only_what_exists() -> None:
    operations = read(ROOT / "docs" / "operations.md")
    named = re.findall(r"`((?:scripts|docker|portal|docs|tests)/[\w./-]+)`", operations)
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_python_files_begin_with_one_sentence_about_themselves() -> None:
    silent = []
    for path in files(".py"):
        name = str(path.relative_to(ROOT))
        if "/migrations/" in name or Path(name).name in {"__init__.py", "apps.py"}:
            continue
        if not re.match(r'(#!.*\n)?"""\S', read(path)):
            silent.append(name)
    assert silent == []
