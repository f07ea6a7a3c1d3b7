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


class Customer(models.Model):
    """What a bare view shows of a customer: found by one index, nothing to compute."""

    number = models.CharField(max_length=20, unique=True)
    figures = models.JSONField()

    def __str__(self) -> str:
        return self.number


class Debtor(models.Model):
    """A row of a table with its texts ready: column, class and text of each cell."""

    sheet = models.CharField(max_length=20, db_index=True)
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=60)
    cells = models.JSONField()

    def __str__(self) -> str:
        return self.name
