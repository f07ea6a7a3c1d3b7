"""Settings of a server under test: the project's own, but its static files need not be collected first."""

from portal.settings import *  # noqa: F403
from portal.settings import STORAGES as OWN_STORAGES

STORAGES = OWN_STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
