"""The pages of the bank portal."""
