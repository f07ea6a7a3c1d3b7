"""The rules of credit_insurance.md 5 to 9 as plain functions: no database, no settings, no clock."""
