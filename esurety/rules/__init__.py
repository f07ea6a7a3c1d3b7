"""The rules of esurety.md 6, 7 and 9 as plain functions: no database, no settings, no clock."""
