"""What a shell runs otherwise than it looks: each was tried with dash and bash, and is told right, or not at all."""

from __future__ import annotations

import pytest

from harness.chain.look import Verdict, verdicts
from harness.chain.shell.run import read

ASKS = "curl -sfk -m 1 https://localhost:8443/healthz -o /dev/null"


def ends(script: str, posix: bool = False) -> set[bool | None]:
    return {verdict.passes for verdict in verdicts(read(script, posix=posix))}


@pytest.mark.parametrize(
    "script",
    [
        f"{ASKS} &\nif [ $? -ne 0 ]; then exit 1; fi",
        f"trap 'exit 0' EXIT\n{ASKS} || exit 1",
        "( killall -0 haproxy || exit 1 )\necho done",
        f"set -e\nset +e\n{ASKS}\nrc=$?\nset -e\nexit 0",
        f"set -e\nalive() {{ {ASKS}; echo x; }}\nif alive; then exit 0; fi\nexit 1",
        f"export https_proxy=http://proxy:3128\n{ASKS}",
        "pgrep -F /run/haproxy.pid",
        'kill -0 "$(pidof haproxy)"',
        "[ -n $(pidof haproxy) ] || exit 1",
        "ss -ltn | grep -q 443",
        "ss -tan | grep -q :8443",
        "ss -lt | grep -qw :443",
        "lsof -i :6443 >/dev/null",
        "ip addr show dev eth1 | grep -q 10.0.0.100 && pidof haproxy",
        "cat /etc/keepalived/healthy || exit 1",
        "curl -sk -x http://10.1.1.1:3128 https://localhost:8443/healthz",
        "curl -sk -xhttp://10.1.1.1:3128 https://localhost:8443/healthz",
    ],
)
def test_nothing_is_claimed_of_what_is_not_followed(script):
    assert None in ends(script)


@pytest.mark.parametrize(
    "script",
    [
        f"{ASKS} &>/dev/null; if [ $? -ne 0 ]; then exit 1; fi",
        f"{ASKS}\nif [[ $? -ne 0 ]]; then exit 1; fi",
        f"set -euo pipefail\n{ASKS}",
        ": </dev/tcp/localhost/8443 || exit 1",
        f'S=$({ASKS} -w "%{{http_code}}")\n[ "$S" == "200" ]',
        f"function alive {{ {ASKS}; }}\nalive",
        "source /etc/keepalived/lib.sh\nalive",
    ],
)
def test_what_bash_adds_is_not_followed_where_another_shell_may_read_it(script):
    found = read(script, posix=True)
    assert isinstance(found, Verdict) and found.passes is None and "bash" in found.why


@pytest.mark.parametrize("number", ["1", "7", "22"])
def test_which_number_a_failure_is_is_up_to_the_command(number):
    assert ends(f"{ASKS}; rc=$?\nif [ $rc -eq {number} ]; then exit 1; fi\nexit 0") == {True, None}
    assert ends(f"{ASKS}; rc=$?\nif [ $rc -ne 0 ]; then exit $rc; fi\nexit 0") == {True, False}
    assert ends(f"{ASKS}\ncase $? in {number}) exit 1;; esac\nexit 0") == {True, None}
    assert ends(f"{ASKS}\ncase $? in 0) exit 0;; *) exit 1;; esac") == {True, False}


@pytest.mark.parametrize("word", ["local", "declare", "readonly", "export"])
def test_a_declaration_hides_what_it_runs(word):
    script = f"f() {{ {word} x=$({ASKS}); if [ $? -ne 0 ]; then exit 1; fi; }}\nf"
    assert ends(script) == {True}


@pytest.mark.parametrize(
    ("script", "passes"),
    [
        (f"set -o errexit\n{ASKS}\necho alive", {True, False}),
        (f"set -o errexit -o nounset -o pipefail\n{ASKS}\necho alive", {True, False}),
        (f"set -e\npidof haproxy || {ASKS}\necho alive", {True, False}),
        (f"set -e\n{ASKS} && echo alive\nexit 0", {True}),
        (f"exec {ASKS}\nexit 0", {True, False}),
    ],
)
def test_where_a_failure_ends_a_script(script, passes):
    assert ends(script) == passes


@pytest.mark.parametrize(
    "told",
    [
        '-w "%{http_code}"',  # its answer stands before it
        '-o /dev/null -w "%{http_code} %{time_total}"',
        '-o /dev/null -w "HTTP %{http_code}"',
        '-o /dev/null -w "%{http_code}" 2>&1',
    ],
)
def test_a_status_beside_which_more_is_printed_is_not_known(told):
    assert None in ends(f'S=$(curl -k {told} https://localhost:8443/healthz)\n[ "$S" = "200" ]')


def test_a_pattern_is_no_word():
    status = 'S=$(curl -sk -o /dev/null -w "%{http_code}" https://localhost:8443/healthz)'
    assert None in ends(f"{status}\n[[ $S == 2* ]]")
    assert ends(f'{status}\n[[ "$S" == "200" ]]') == {True, False}
