"""Fixtures of the whole suite: the traps, the database of a test run, and three people."""

from collections.abc import Callable, Generator, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as project_settings
from django.db import connections
from django.test import Client

from tests.support import traps

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker
    from pytest_django.fixtures import Settings

    from portal.accounts.models import Organisation, User

TESTS = Path(__file__).resolve().parent
# Browser walks and races last: a plain failure is then seen before the slow ones start.
SLOW = ("concurrency", "e2e")


def pytest_configure() -> None:
    """Make the settings cheap where cost says nothing: password hashing, names of collected static files."""
    # Nothing is collected for tests; the web server only wants a folder that exists.
    project_settings.STATIC_ROOT = TESTS.parent / "static"
    project_settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    project_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark and sort by folder: everything else, then races, then browser walks."""

    def folder(item: pytest.Item) -> str:
        return item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""

    for item in items:
        if folder(item) in SLOW:
            item.add_marker(folder(item))
    items.sort(key=lambda item: SLOW.index(folder(item)) + 1 if folder(item) in SLOW else 0)


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Let a failure about a lone surrogate be reported: between processes only whole characters can travel."""
    return _sendable((yield))


def _sendable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _sendable(item) for key, item in value.items()}
    return type(value)(map(_sendable, value)) if isinstance(value, list | tuple) else value


# --- Database ------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep SQLite's test database in a file: in memory, threads would share one connection and races would not show."""
    connection = connections["default"]
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: "DjangoDbBlocker") -> None:
    """Take the audit log's guard away: a flush after a test deletes rows. Tests of the guard put it back."""
    from portal.audit import triggers

    with django_db_blocker.unblock():
        triggers.remove(connections["default"])


# --- Traps ---------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _traps() -> Iterator[None]:
    with (
        traps.undefined_variables(),
        traps.missing_csrf_tokens(),
        traps.unordered_querysets(),
        traps.row_locks(),
        traps.outgoing_network(),
    ):
        yield


@pytest.fixture(autouse=True)
def _own_folders(request: pytest.FixtureRequest, settings: "Settings", tmp_path: Path) -> Iterator[None]:
    """Give every test its own DATA_DIR, and let nothing lie about in its storage."""
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = settings.DATA_DIR / "files"
    with traps.leftover_files(settings.MEDIA_ROOT, allowed=request.node.get_closest_marker("stores_files") is not None):
        yield


# --- People --------------------------------------------------------------------


class Person(Client):
    """A test client that is logged in as `user`."""

    user: "User"


@pytest.fixture
def exporter_a(db: None) -> "Organisation":
    """輸出者A, the organisation of Alice and Bob."""
    return _organisation("100000001", "株式会社輸出者Ａ")


@pytest.fixture
def exporter_b(db: None) -> "Organisation":
    """輸出者B, a stranger to Alice and Bob."""
    return _organisation("100000002", "株式会社輸出者Ｂ")


def _organisation(code: str, name: str) -> "Organisation":
    from portal.accounts.models import Organisation

    return Organisation.objects.get_or_create(portal="nexi", code=code, defaults={"name": name, "name_en": "EXPORTER"})[
        0
    ]


LogIn = Callable[..., Person]


@pytest.fixture
def log_in(db: None) -> LogIn:
    """Return a function that makes a user with the given roles and logs them in."""

    def log_in(login: str, *roles: str, organisation: "Organisation | None" = None, **fields: object) -> Person:
        from portal.accounts.models import Grant, User

        name = str(fields.pop("name", login))
        user = User.objects.create_user(login, "test-password", name=name, organisation=organisation, **fields)
        for role in roles:
            Grant.objects.create(user=user, role=role, starts_on=date(2020, 1, 1))
        person = Person()
        person.force_login(user)
        person.user = user
        return person

    return log_in


@pytest.fixture
def alice(log_in: LogIn, exporter_a: "Organisation") -> Person:
    """Alice may apply (申込) for exporter A: the owner of what she makes."""
    return log_in(
        "alice", "nexi.apply", organisation=exporter_a, name="有栖川花子", department="輸出部", email="alice@a.example"
    )


@pytest.fixture
def bob(log_in: LogIn, exporter_a: "Organisation") -> Person:
    """Bob, Alice's colleague, may only prepare (入力)."""
    return log_in("bob", "nexi.input", organisation=exporter_a, name="坊城太郎", email="bob@a.example")


@pytest.fixture
def charlie(log_in: LogIn, exporter_b: "Organisation") -> Person:
    """Charlie may apply for exporter B: a stranger, who must see nothing of Alice's."""
    return log_in("charlie", "nexi.apply", organisation=exporter_b, name="茶屋次郎", email="charlie@b.example")
