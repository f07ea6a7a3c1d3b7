"""Writes of the e-surety portal: each function owns its transaction."""
