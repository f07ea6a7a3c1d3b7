"""Sessions in the database: how long they live, how many a user may have, and the list a user sees.

The age is kept inside the session data, which every request reads anyway, so a page costs no statement more.
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY, login
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import Session, User
from portal.common.http import HttpRequest, client_address

AGE_KEY = "age"
WRITE_EVERY = 60
# A row outlives its session by a day, so that whoever returns late is told why the login page appears.
GRACE = timedelta(days=1)


@dataclass(frozen=True)
class SessionRule:
    """Seconds without action, seconds in all, and how many sessions side by side (security.md 2.1, 7.1)."""

    idle: int
    total: int
    parallel: int


NORMAL = SessionRule(idle=30 * 60, total=12 * 3600, parallel=3)
STRICT = SessionRule(idle=15 * 60, total=8 * 3600, parallel=1)


def rule_for(user: User) -> SessionRule:
    """The strict rule for staff and for organisations marked so (banks)."""
    strict = user.is_staff or (user.organisation is not None and user.organisation.strict_sessions)
    return STRICT if strict else NORMAL


@dataclass(frozen=True)
class Age:
    """Times of one session in seconds since 1970, and its rule as it was at login."""

    born: int
    seen: int
    idle: int
    total: int

    @property
    def ends_at(self) -> int:
        return min(self.seen + self.idle, self.born + self.total)

    @classmethod
    def fresh(cls, rule: SessionRule) -> "Age":
        present = now()
        return cls(present, present, rule.idle, rule.total)

    @classmethod
    def of(cls, session: SessionBase | Mapping[str, Any]) -> "Age | None":
        """None for a session of nobody."""
        try:
            return cls(*session[AGE_KEY])
        except (KeyError, TypeError):
            return None


def now() -> int:
    return int(timezone.now().timestamp())


def touch(session: SessionBase, age: Age, *, at_once: bool = False) -> Age:
    """Note that the user acted; written at most once a minute, unless `at_once`."""
    present = now()
    if not at_once and present - age.seen < WRITE_EVERY:
        return age
    age = Age(age.born, present, age.idle, age.total)
    session[AGE_KEY] = list(astuple(age))
    return age


SESSION = "SELECT session_data FROM accounts_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(DatabaseStore):
    """Django's database store with the columns of our list filled from the session's own data."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        """Return the data, {} for an unknown or ended session; every request asks, so nothing is compiled."""
        with connection.cursor() as cursor:
            cursor.execute(SESSION, [self.session_key, connection.ops.adapt_datetimefield_value(timezone.now())])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return {}
        return self.decode(row[0])

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        user_id = data.get(SESSION_KEY)
        if user_id is None:
            return cast(Session, super().create_model_instance(data))
        # begin() set the age already; a login that did not come through it gets the usual one, never none.
        age = Age.of(data) or Age.fresh(NORMAL)
        data[AGE_KEY] = list(astuple(age))
        row = cast(Session, super().create_model_instance(data))
        row.user_id = int(user_id)
        row.created_at = datetime.fromtimestamp(age.born, UTC)
        row.last_seen = datetime.fromtimestamp(age.seen, UTC)
        row.expire_date = datetime.fromtimestamp(age.ends_at, UTC) + GRACE
        row.address = data.get("address", "")
        row.device = data.get("device", "")
        return row


def device_name(agent: str) -> str:
    """Browser and system as people call them; the first mark that fits wins, since browsers name each other."""
    browsers = {"Edg": "Edge", "Firefox": "Firefox", "Chrome": "Chrome", "CriOS": "Chrome", "Safari": "Safari"}
    systems = {"Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Mac OS": "Mac"}
    systems |= {"Linux": "Linux"}
    names = (next((name for mark, name in known.items() if mark in agent), "") for known in (browsers, systems))
    return "・".join(name for name in names if name) or "不明な端末"


def begin(request: HttpRequest, user: User) -> None:
    """Log `user` in with a new session key; the oldest sessions beyond the allowed number end."""
    rule = rule_for(user)
    request.session.flush()
    request.session.update(
        {
            AGE_KEY: list(astuple(Age.fresh(rule))),
            "address": client_address(request, settings.PROXY_HOPS),
            "device": device_name(request.headers.get("User-Agent", "")),
        }
    )
    with transaction.atomic():
        # login() updates the user's row: of two logins at once the second waits there, then sees the first one's row.
        login(request, user)
        request.session.save()
        own = request.session.session_key
        others = live(user).exclude(pk=own).values_list("pk", flat=True)[: rule.parallel - 1]
        user.sessions.exclude(pk__in=[own, *others]).delete()


def live(user: User) -> QuerySet[Session]:
    """The user's sessions that have not ended, newest first."""
    return user.sessions.filter(expire_date__gt=timezone.now() + GRACE).order_by("-created_at", "-last_seen")


def end(user: User, *, but: str | None = None) -> int:
    """End the user's sessions except the one of key `but`; returns how many ended."""
    return user.sessions.exclude(pk=but or "").delete()[0]
