"""What the trade-credit portal writes; each function owns its transaction."""
