from dataclasses import replace

import pytest

from harness.chain.command import Meant, Shows, meant, stops_keepalived
from harness.chain.look import Asked, HasAddress, Lookup
from harness.chain.pipeline import piped

HAPROXY, READYZ = Lookup("haproxy"), Asked("localhost", 8443, "/readyz")
SIGNALLED = Lookup("haproxy", signals=True)


@pytest.mark.parametrize(
    ("command", "look"),
    [
        ("killall -0 haproxy", SIGNALLED),
        ("/usr/bin/killall -q -0 haproxy", SIGNALLED),
        ("killall -s 0 /usr/sbin/haproxy", SIGNALLED),
        ("pidof haproxy", HAPROXY),
        ("/bin/pidof -s haproxy", HAPROXY),
        ("pgrep -x haproxy", HAPROXY),
        ("pgrep -f ^haproxy$", HAPROXY),
        ("pgrep -f /etc/haproxy/haproxy.cfg", HAPROXY),
        ("pkill -0 haproxy", SIGNALLED),
        ("systemctl -q is-active haproxy", HAPROXY),
        ("systemctl is-active --quiet haproxy.service", HAPROXY),
        ("ps -C haproxy", HAPROXY),
        ("curl -k https://localhost:8443/readyz", READYZ),
        ("curl -sfk --max-time 2 https://localhost:8443/readyz -o /dev/null", replace(READYZ, minds=True, limit_s=2.0)),
        ("curl -kLfs -o /dev/null https://localhost:8443/readyz", replace(READYZ, minds=True)),
        ("curl -sfkm 3 -H Host:x https://localhost:8443/readyz", replace(READYZ, minds=True, limit_s=3.0)),
        ("curl -sfk -m2.5 https://localhost:8443/readyz", replace(READYZ, minds=True, limit_s=2.5)),
        ("curl -k --connect-timeout 1 https://localhost:8443/readyz", READYZ),  # which does not limit the answer
        ("curl -f localhost", Asked("localhost", 80, "/", True, tls=False, open=False)),
        ("curl -k https://[::1]:6443/livez?verbose", Asked("::1", 6443, "/livez?verbose")),
        (
            "wget -q -T 3 -t 1 -O- http://localhost:8443/",
            Asked("localhost", 8443, "/", True, 3.0, tls=False, open=False),
        ),
        (
            "wget -q --timeout=3 -O- http://localhost:8443/",
            Asked("localhost", 8443, "/", True, 60.0, tls=False, open=False),
        ),
        ("nc -z -w 1 127.0.0.1 6443", Asked("127.0.0.1", 6443, limit_s=1.0)),
        ("nc -zw2 localhost 6443", Asked("localhost", 6443, limit_s=2.0)),
        ("timeout 1.5 curl -sfk https://localhost:8443/readyz", replace(READYZ, minds=True, limit_s=1.5)),
        ("curl -k -m 2 -w %{time_total} https://localhost:8443/readyz", replace(READYZ, limit_s=2.0)),
        ("timeout -k 1 3s nc -z localhost 8443", Asked("localhost", 8443, limit_s=3.0)),
    ],
)
def test_what_a_command_asks(command, look):
    found = meant(command.split())
    assert found is not None and found.look == look


@pytest.mark.parametrize(
    "command",
    [
        "killall haproxy",
        "killall -0 haproxy nginx",
        "pgrep hap.*xy",
        "curl -K /etc/curlrc",
        "curl https://a/ https://b/",
        "curl --retry 3 https://localhost:8443/",
        "nc -lu 8443",
        "systemctl restart haproxy",
        "/usr/local/bin/own-check --deep",
        "test -f /run/ready",
        "grep ok /run/state",
    ],
)
def test_what_is_not_known_is_not_guessed(command):
    assert meant(command.split()) is None


def test_what_only_speaks_succeeds():
    assert meant(["echo", "killall", "-0", "haproxy"]) == Meant()


@pytest.mark.parametrize(
    ("pipeline", "found"),
    [
        ("ip addr | grep -q 10.0.0.1", Meant(HasAddress("10.0.0.1"), Shows.LINES, HasAddress("10.0.0.1"))),
        ("ip -4 a show eth0 | grep 10.0.0.1/24", Meant(HasAddress("10.0.0.1"), Shows.LINES, HasAddress("10.0.0.1"))),
        ("ps -C haproxy --no-header | wc -l", Meant(None, Shows.COUNT, HAPROXY)),
        ("pidof haproxy | wc -l", Meant(None, Shows.COUNT, HAPROXY)),
        ("ps -ef | grep haproxy | grep -v grep", Meant(HAPROXY, Shows.LINES, HAPROXY)),
        ("ps aux | grep -v grep | grep -c haproxy", Meant(HAPROXY, Shows.COUNT, HAPROXY)),
        ("ss -lnt | grep -q :8443", Meant(Asked("localhost", 8443), Shows.LINES, Asked("localhost", 8443))),
        ("ps -ef | grep haproxy", None),  # finds itself
        ("ps -C haproxy | wc -l", None),  # counts the heading
        ("curl -s https://localhost:8443/ | grep ok", None),
        ("cat /run/state | wc -l", None),
    ],
)
def test_what_a_pipeline_asks(pipeline, found):
    assert piped([part.split() for part in pipeline.split(" | ")]) == found


def test_a_status_that_is_written_out_tells_of_errors_whatever_the_exit_status_does():
    found = meant(["curl", "-sk", "-o", "/dev/null", "-w", "%{http_code}", "https://localhost:8443/readyz"])
    assert found == Meant(READYZ, Shows.STATUS, replace(READYZ, minds=True))


@pytest.mark.parametrize(
    ("command", "stops"),
    [
        ("systemctl stop keepalived", True),
        ("/usr/bin/systemctl --no-block stop keepalived.service", True),
        ("service keepalived stop", True),
        ("killall keepalived", True),
        ("pkill -TERM keepalived", True),
        ("/etc/init.d/keepalived stop", True),
        ("killall -9 keepalived", False),  # which says no goodbye
        ("systemctl stop haproxy", False),
        ("systemctl restart keepalived", False),
    ],
)
def test_what_stops_keepalived(command, stops):
    assert stops_keepalived(command.split()) is stops
