import pytest

from harness.lab.daemons import ended, last_words
from harness.lab.machine import Machine


class Said(Machine):
    """A machine that says what it is told to."""

    def __init__(self, said: str) -> None:
        self.said = said

    def ask(self, *command: str) -> str:
        return self.said


def test_only_what_was_to_run_has_ended():
    said = """\
run: /etc/sv/keepalived: (pid 61) 4s; run: log: (pid 60) 4s
down: /etc/sv/haproxy: 3s, normally up; run: log: (pid 44) 4s
down: /etc/sv/nginx: 4s; run: log: (pid 45) 4s
finish: /etc/sv/etcd: (pid 99) 0s, normally up
"""
    assert ended(Said(said)) == ["haproxy", "etcd"]


@pytest.mark.parametrize(
    ("logged", "told"),
    [
        (
            "2026-11-26T12:00:40.10000 [NOTICE]   (74) : haproxy version is 2.6.12\n"
            "2026-11-26T12:00:40.20000 [ALERT]    (74) : Binding [h.cfg:18] for frontend k8s: cannot bind socket\n"
            "2026-11-26T12:00:40.20001 [ALERT]    (74) : [haproxy.main()] Some protocols failed to start\n",
            "Binding [h.cfg:18] for frontend k8s: cannot bind socket; [haproxy.main()] Some protocols failed to start",
        ),
        (
            "2026-11-26T12:00:40.1 Thu Nov  6 12:00:40 2026: VRRP_Script(chk) failed (exited with status 3)\n",
            "VRRP_Script(chk) failed (exited with status 3)",
        ),
        ("2026-11-26T12:00:40.1 starting\n2026-11-26T12:00:40.2 killed\n", "starting; killed"),
        ("tail: cannot open '/var/log/harness/x/current' for reading: No such file or directory\n", ""),
        ("", ""),
    ],
)
def test_last_words_are_the_telling_ones_without_their_stamps(logged, told):
    assert last_words(Said(logged), "haproxy") == told
