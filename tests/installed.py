"""Packages of a test's own, as importlib.metadata finds them: modules and entry points in a folder."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness import plugins
from harness.lint import rule


class Installed:
    """A folder on the path; what is imported from it is forgotten at the end."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        monkeypatch.syspath_prepend(folder)

    def package(self, name: str, module: str = "", **brings: str) -> None:
        """Install a package of one module, which `brings` by entry point: `rules="house = house_rules"`."""
        info = self._folder / f"{name.replace('-', '_')}-1.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        groups = (f"[failover_harness.{group}]\n{point}\n" for group, point in brings.items())
        (info / "entry_points.txt").write_text("".join(groups))
        (self._folder / f"{name.replace('-', '_')}.py").write_text(module)
        self.forget()

    def forget(self) -> None:
        plugins.points.cache_clear()
        rule.rules.cache_clear()
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None)).startswith(f"{self._folder}/"):
                del sys.modules[name]
