"""Organisations, users, roles with end dates, login, limiter, sessions."""
