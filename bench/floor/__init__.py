"""The floor: a plain Django project with the same questions, a form page and django-formtools' session wizard."""
