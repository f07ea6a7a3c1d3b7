"""What bears a number in the benchmark of numbers."""

from django.db import models


class Bearer(models.Model):
    """A row that exists because of its number, like an application."""

    number = models.CharField(max_length=20, unique=True)

    def __str__(self) -> str:
        return self.number
