"""Where the wizard's answers end."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models


class Submission(models.Model):
    """The answers of one run, written once at its end."""

    login = models.CharField(max_length=40)
    answers = models.JSONField(encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"#{self.pk}"
