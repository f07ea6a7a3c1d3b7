"""The nightly delivery (guarantee_lookup.md section 6): read, judged line by line, loaded, checked as a whole.

`run` is where to begin. Nothing is imported here: the processes that judge lines know neither Django nor a database.
"""
