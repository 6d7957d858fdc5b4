"""The command line: `harness` or `python -m harness`."""

from harness.cli import files, labs, trials
from harness.cli.base import app

__all__ = ["app", "files", "labs", "trials"]
