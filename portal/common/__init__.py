"""Plain helpers without models, URLs, settings or a clock."""
