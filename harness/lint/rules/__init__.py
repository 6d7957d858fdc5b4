"""Our rules, by what they look at; the entry point in pyproject.toml brings every module here."""
