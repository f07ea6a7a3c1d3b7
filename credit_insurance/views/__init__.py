"""The pages of the trade-credit portal."""
