"""Demo data for a first look and for the checks from outside."""
