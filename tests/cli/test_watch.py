"""What `harness watch` refuses before it sends anything."""

import pytest
from typer.testing import CliRunner

from harness.cli import app
from harness.errors import UsageError


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "say where clients ask"),
        (["https://k8s.example.com"], "say the VIP's address and not a name"),
        (["https://127.0.0.1:1", "--rate", "30"], "90 requests a second may be felt by a cluster at work; --yes"),
        (["https://127.0.0.1:1"], "do clients ask there?"),
        (["https://127.0.0.1:1", "--run", "ssh m1 'reboot"], "no closing quotation"),
        (["--mark", "too early"], "nothing is being watched"),
    ],
)
def test_what_is_refused(words, told, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["watch", *words])
    assert isinstance(done.exception, UsageError) and told in str(done.exception)
    assert not (tmp_path / "reports").exists()
