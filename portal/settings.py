"""Settings of the whole project: one file, values from the environment, safe embedded defaults.

A wrong value is a start-up error that names the variable; production refuses what is unsafe.
"""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from portal import logging

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

PORTAL_ENV = env.str("PORTAL_ENV", "development")
if PORTAL_ENV not in {"development", "production"}:
    raise ImproperlyConfigured("PORTAL_ENV must be development or production")
PRODUCTION = PORTAL_ENV == "production"
DEBUG = env.bool("DEBUG", False)

DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / "var"))).resolve()
DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")

# Portals by address prefix, each with the module of its addresses; an institution switches on only its own.
ALL_PORTALS = {
    "nexi": "nexi_quota.urls",
    "credit": "credit_insurance.urls",
    "lookup": "guarantee_lookup.urls",
    "surety": "esurety.urls",
    "verify": "esurety.verify_urls",
}
PORTALS = env.list("PORTALS", list(ALL_PORTALS))
if unknown := set(PORTALS) - set(ALL_PORTALS):
    raise ImproperlyConfigured(f"PORTALS names unknown portals: {', '.join(sorted(unknown))}")

# --- Secrets ---------------------------------------------------------------
# Development keys are fixed and public on purpose; production brings its own.


def secret(name: str) -> str:
    """Return the secret `name`; production refuses a missing or short one."""
    value = env.str(name, "")
    if PRODUCTION and len(value) < 50:
        raise ImproperlyConfigured(f"{name} must have at least 50 characters in production")
    return value or f"development-only-{name.lower()}-not-a-secret-0000000000000000"


SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
AUDIT_KEY = secret("AUDIT_KEY")
# Numbers of the look-up: found by a hash and sealed with this key; an older key still opens what it sealed.
NUMBER_KEY = secret("NUMBER_KEY") if "lookup" in PORTALS else ""
NUMBER_KEY_FALLBACKS: list[str] = env.list("NUMBER_KEY_FALLBACKS", [])
# 認証キー: sealed under the one, checked under the other; older ones still work until `rotate_keys` has run through.
SURETY = bool({"surety", "verify"} & set(PORTALS))
CERTIFICATE_KEY = secret("CERTIFICATE_KEY") if SURETY else ""
CERTIFICATE_KEY_FALLBACKS: list[str] = env.list("CERTIFICATE_KEY_FALLBACKS", [])
CERTIFICATE_PEPPER = secret("CERTIFICATE_PEPPER") if SURETY else ""
CERTIFICATE_PEPPER_FALLBACKS: list[str] = env.list("CERTIFICATE_PEPPER_FALLBACKS", [])
# PEM files: private key and certificate that sign 保証証書, the authorities that verifiers trust, older certificates.
# Without them a test authority is made in DATA_DIR, which production refuses.
SIGNING_KEY_FILE = env.str("SIGNING_KEY_FILE", "")
SIGNING_CERTIFICATE_FILE = env.str("SIGNING_CERTIFICATE_FILE", "")
SIGNING_TRUST_FILE = env.str("SIGNING_TRUST_FILE", "")
SIGNING_OLD_CERTIFICATE_FILES: list[str] = env.list("SIGNING_OLD_CERTIFICATE_FILES", [])
if PRODUCTION and SURETY and not (SIGNING_KEY_FILE and SIGNING_CERTIFICATE_FILE and SIGNING_TRUST_FILE):
    raise ImproperlyConfigured("production needs SIGNING_KEY_FILE, SIGNING_CERTIFICATE_FILE and SIGNING_TRUST_FILE")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
PROXY_HOPS = env.int("PROXY_HOPS", 0)
if PRODUCTION and (DEBUG or not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("production needs DEBUG off and ALLOWED_HOSTS without *")

# --- Applications ----------------------------------------------------------

INSTALLED_APPS = [
    "portal.accounts.adminapp.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "portal.ui",
    "portal.audit",
    "portal.outbox",
    "portal.accounts",
    "portal.numbering",
    "portal.applications",
    "portal.documents",
    "portal.api",
    "portal.wizard",
    "portal.demo",
    *dict.fromkeys(ALL_PORTALS[name].partition(".")[0] for name in PORTALS),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.api.middleware.ApiMiddleware",
    "portal.ui.middleware.EdgeMiddleware",
    "portal.audit.client.ClientMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.accounts.middleware.SessionAgeMiddleware",
    "portal.accounts.middleware.AccessMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.ui.context.frame",
            ],
        },
    },
]

# --- Database, cache, jobs -------------------------------------------------


def database(url: str) -> dict[str, Any]:
    """Return Django's settings for `url` (empty: SQLite below DATA_DIR)."""
    parts = urlsplit(url)
    if not url or parts.scheme == "sqlite":
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path or DATA_DIR / "portal.sqlite3",
            # Kept by its thread: opening the file, its PRAGMAs and the checkpoint of the last one to close it cost more
            # than what most requests read.
            "CONN_MAX_AGE": None,
            # IMMEDIATE takes the write lock first, so that no transaction has to upgrade a read lock.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
            },
        }
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL must begin with postgresql:// or sqlite:")
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL", 8), "timeout": 5}, **query},
    }


DATABASES = {"default": database(DATABASE_URL)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A covering index serves PostgreSQL; SQLite uses it without its extra columns, which needs no warning at every start.
SILENCED_SYSTEM_CHECKS = ["models.W040"]

# --- Language, time, files -------------------------------------------------

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Login and sessions ----------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "account:login"
LOGIN_REDIRECT_URL = "/"
AUTHENTICATION_BACKENDS = ["portal.accounts.backends.GrantBackend"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "portal.accounts.passwords.PasswordPolicy"}]
SESSION_ENGINE = "portal.accounts.sessions"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "portal.ui.errors.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
if PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
REQUIRE_SECOND_FACTOR = env.bool("REQUIRE_SECOND_FACTOR", PRODUCTION)
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Mail, jobs, log -------------------------------------------------------

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "portal@example.jp")
EMAIL_HOST = env.str("EMAIL_HOST", "")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
# Without a mail server every mail is a file below DATA_DIR/mail.
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "portal.outbox.mail.EmlBackend"

# Redis only wakes the workers: what is to be done, by whom and how often, stands in the outbox table.
CELERY_BROKER_URL = REDIS_URL or None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that accepts and never answers must not hold a request.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 1}
CELERY_TASK_TIME_LIMIT = 3500  # below Redis' visibility timeout of an hour
CELERY_TIMEZONE = TIME_ZONE

LOGGING = logging.configure(production=PRODUCTION, level=env.str("LOG_LEVEL", "INFO"))

# --- Look-up -----------------------------------------------------------------

CUSTOMER_NO_PATTERN = env.str("CUSTOMER_NO_PATTERN", "[0-9]{9}")
GUARANTEE_NO_PATTERN = env.str("GUARANTEE_NO_PATTERN", "[0-9]{10}")
ASSOCIATION_CODE = env.str("ASSOCIATION_CODE", "11")
LOOKUP_NONE_SECONDS = env.float("LOOKUP_NONE_SECONDS", 0.4)  # least time of an answer that says 該当なし

# --- Headers ---------------------------------------------------------------

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", 120)  # of one token
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_SSL_REDIRECT = PRODUCTION and env.bool("SECURE_SSL_REDIRECT", True)
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
X_FRAME_OPTIONS = "DENY"
