"""Application numbers: counters per series and period."""
