"""The command line: `harness` or `python -m harness`."""

from harness.cli import explain, files, labs, trials, watch
from harness.cli.base import app

__all__ = ["app", "explain", "files", "labs", "trials", "watch"]
