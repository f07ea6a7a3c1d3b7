"""The project with two procedures and a few rows more, which exist for the benchmarks alone."""
