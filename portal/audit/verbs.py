"""What can happen: every verb of the log with its label for the staff."""

_labels: dict[str, str] = {}


def register(verb: str, label: str) -> str:
    """Make `verb` known under `label` and return it; a second, different label is an error."""
    if _labels.setdefault(verb, label) != label:
        raise ValueError(f"audit verb {verb!r} is already registered as {_labels[verb]!r}")
    return verb


def label(verb: str) -> str:
    """Return the label of `verb`; LookupError when nobody registered it."""
    if verb not in _labels:
        raise LookupError(f"audit verb {verb!r} is not registered")
    return _labels[verb]


def choices() -> list[tuple[str, str]]:
    """Return (verb, label) pairs in the order of the labels."""
    return sorted(_labels.items(), key=lambda pair: pair[1])
