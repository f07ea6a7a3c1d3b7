"""The Celery application, for installations with Redis: `celery -A portal worker`, beside `manage.py work`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal", include=["portal.outbox.tasks"])
app.config_from_object("django.conf:settings", namespace="CELERY")
# Without this, threads other than the importing one would talk to an application without settings.
app.set_default()
