from dataclasses import replace

import pytest

from harness.chain.look import Asked, HasAddress, Look, Lookup, Question, Tree, Verdict, looks, verdicts
from harness.chain.shell.run import MOST_LOOKS, read

HAPROXY, KUBE = Lookup("haproxy"), Lookup("kube-apiserver")
SIGNALLED = Lookup("haproxy", signals=True)
LIVE = Asked("localhost", 8443, "/livez")
PASSES, FAILS = Verdict(True), Verdict(False)
ON_HAPROXY: Tree[Look] = Question(HAPROXY, PASSES, FAILS)
ON_LIVE: Tree[Look] = Question(LIVE, PASSES, FAILS)
ON_STATUS: Tree[Look] = Question(replace(LIVE, minds=True), PASSES, FAILS)


@pytest.mark.parametrize(
    "script",
    [
        "killall -0 haproxy",
        "#!/bin/sh\n# pidof nginx\npidof haproxy >/dev/null 2>&1",
        "killall -0 haproxy || exit 1",
        "for ((i = 0; i < 3; i++)); do pidof haproxy && exit 0; done; exit 1",
        "n=2; for ((i=1;i<=$n;++i)); do killall -0 haproxy && break; done; [ $? -eq 0 ]",
        "id=$(pidof haproxy); [ -z $id ] && id=0; [[ $id -eq 0 ]] && exit 1; exit 0",
        "exec >>/var/log/check.log 2>&1\nset -x\npidof haproxy || exit 1",
        'main() { pidof "${1:-haproxy}"; }\nmain "$@"',
        'is() { pidof "$1"; }\nother() { is haproxy; }\nother nginx',
        'none() { true; }\nnone a b\nis() { pidof "${2:-haproxy}"; }\nis one',
        "killall -0 haproxy && exit 0 || exit 1",
        "killall -0 haproxy && exit 0; exit 1",
        "if killall -0 haproxy; then exit 0; else exit 1; fi",
        "if ! pidof haproxy > /dev/null; then\n  echo down\n  exit 1\nfi",
        "pidof haproxy\nif [ $? -ne 0 ]; then exit 1; fi",
        "pidof haproxy; if [ $? = 0 ]; then exit 0; fi; exit 1",
        "pidof haproxy; exit $?",
        "pidof haproxy || { logger 'haproxy is dead'; exit 1; }",
        'die() {\n  echo "*** $*" 1>&2\n  exit 1\n}\npidof haproxy || die "no haproxy: $HOSTNAME"',
        "check() { pidof $1; }\ncheck haproxy",
        "check() { pidof haproxy && return 0; return 1; }\ncheck && exit 0\nexit 1",
        "function check { pidof haproxy; }\ncheck",
        "NAME=haproxy\nkillall -0 ${NAME}",
        'NAME="haproxy"; killall -0 "$NAME"',
        "killall -0 ${NAME:-haproxy}",
        "set -e\npidof haproxy\ntrue",
        "set -euo pipefail; pidof haproxy; exit 0",
        'if [ -z "$(pidof haproxy)" ]; then exit 1; fi',
        'PID=`pidof haproxy`\n[ -n "$PID" ] || exit 1',
        "A=$(ps -C haproxy --no-header | wc -l)\nif [ $A -eq 0 ]; then exit 1; fi",
        "if [ `ps -C haproxy --no-header |wc -l` -gt 0 ]; then exit 0; else exit 1; fi",
        'if [[ "$(ps -ef | grep haproxy | grep -v grep | wc -l)" == "0" ]]; then exit 1; fi',
        "(pidof haproxy) || exit 1",
        "[ $(pgrep -c haproxy) -ge 1 ] && exit 0 || exit 1",
        "pidof haproxy\nrc=$?\nif [ $rc -ne 0 ]; then exit 1; fi",
        "pidof haproxy; RES=$?; exit $RES",
        "for i in 1 2 3; do pidof haproxy && exit 0; done; exit 1",
        "n=0\nwhile [ $n -lt 3 ]; do pidof haproxy && exit 0; n=$((n + 1)); done; exit 1",
        "n=0\nuntil pidof haproxy || [ $n -ge 3 ]; do n=$(expr $n + 1); done\npidof haproxy",
        "for k in $(seq 1 5); do if pidof haproxy; then down=0; break; else down=1; continue; fi; done; exit $down",
        'pidof haproxy; case "$?" in 0) exit 0 ;; *) exit 1 ;; esac',
        "false || pidof haproxy",
        "ps aux | grep [h]aproxy > /dev/null || exit 1",
        "PID=$(ps -ef | grep haproxy | grep -v grep | awk '{print $2}')\n[ -n \"$PID\" ] || exit 1",
        "[ $(pidof haproxy | wc -w) -gt 0 ]",
        'if [ -z "$(ps -C haproxy -o pid=)" ]; then exit 1; fi',
        '[ -n "$(pgrep haproxy | head -1)" ]',
        "ss -ntlp | grep -q haproxy",
        "netstat -tulpn | grep haproxy || exit 1",
        "bash -c 'pidof haproxy' || exit 1",
        "sh -c 'pidof $1' check haproxy",
        "service haproxy status > /dev/null || exit 1",
        "/etc/init.d/haproxy status",
        "systemctl status haproxy.service >/dev/null 2>&1 || exit 1",
        "systemctl -q is-active haproxy",
        '[ "$(systemctl is-active haproxy)" = "active" ]',
        'if [[ $(systemctl is-active haproxy) != "active" ]]; then exit 1; fi',
        'case "$(systemctl is-active haproxy)" in active) exit 0 ;; *) exit 1 ;; esac',
        "sudo pidof haproxy || exit 1",
        "exec pidof haproxy",
        "if ! ps -ef | grep -v grep | grep -q haproxy; then exit 1; fi",
        "if [ 1 -eq 2 ]; then exit 1; elif pidof haproxy; then exit 0; else exit 2; fi",
    ],
)
def test_one_look_however_it_is_written(script):
    assert read(script) == Question(SIGNALLED if "killall" in script else HAPROXY, PASSES, FAILS)


@pytest.mark.parametrize(
    ("script", "tree"),
    [
        ("pidof haproxy; exit 0", Question(HAPROXY, PASSES, PASSES)),
        ("pidof haproxy && pidof kube-apiserver", Question(HAPROXY, Question(KUBE, PASSES, FAILS), FAILS)),
        ("pidof haproxy || pidof kube-apiserver", Question(HAPROXY, PASSES, Question(KUBE, PASSES, FAILS))),
        ("exit 3", FAILS),
        ("", PASSES),
        ("sleep 2; pidof haproxy", Question(HAPROXY, Verdict(True, "", 2.0), Verdict(False, "", 2.0))),
        ("</dev/tcp/10.0.0.1/6443", Question(Asked("10.0.0.1", 6443), PASSES, FAILS)),
        (
            'C=$(curl -sk -w "%{http_code}" -o /dev/null https://localhost:8443/livez)\n[ "$C" = 200 ]',
            Question(LIVE, ON_STATUS, FAILS),
        ),
        (
            "if ip addr | grep -q 10.0.0.1; then curl -k https://localhost:8443/livez || exit 1; fi",
            Question(HasAddress("10.0.0.1"), ON_LIVE, PASSES),
        ),
        (
            "pidof haproxy || { systemctl stop keepalived; exit 1; }",
            Question(HAPROXY, PASSES, Verdict(False, "", 0.0, stops=True)),
        ),
    ],
)
def test_what_a_script_comes_to(script, tree):
    assert read(script) == tree


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("/usr/local/bin/own-check", "`/usr/local/bin/own-check` is not known"),
        (
            "for ((i = 0; i < 3; i += 2)); do pidof haproxy && exit 0; done; exit 1",
            "line 1: a loop that is not followed",
        ),
        (
            "for ((i = 0; i < 99; i++)); do pidof haproxy && exit 0; done; exit 1",
            "line 1: a loop that goes on for more",
        ),
        ("for i in $(ls /run); do pidof haproxy && exit 0; done; exit 1", "line 1: what `$(ls /run)` holds"),
        ("while true; do sleep 1; done; exit 1", "line 1: a loop that goes on for more than 30 turns"),
        ('case "$STATE" in up) exit 0 ;; esac\npidof haproxy', "line 1: what `"),
        ("if [ -f /run/maintenance ]; then exit 0; fi\npidof haproxy", "line 1: what `if [ -f /run/maintenance ]"),
        ("if then fi ((", "cannot be read"),
        ("$CHECK haproxy", "`$CHECK haproxy` is not known"),
        ("curl -s $URL", "`curl -s $URL` is not known"),
        ("exit $STATUS", "its exit status is not known"),
        ("f() { f; }\nf", "f calls itself"),
    ],
)
def test_what_is_not_understood_is_said(script, why):
    found = read(script)
    assert isinstance(found, Verdict) and found.passes is None
    assert why in found.why


def test_only_the_way_that_is_not_understood_is_unknown():
    found = read("pidof haproxy && exit 0\nsystemctl restart haproxy\nsleep 2\npidof haproxy")
    assert isinstance(found, Question)
    assert found.yes == PASSES
    assert isinstance(found.no, Verdict) and found.no.passes is None
    assert "systemctl restart haproxy" in found.no.why


def test_what_was_done_by_an_unknown_command_may_change_what_is_asked_after_it():
    found = read("/usr/local/bin/heal\npidof haproxy")
    assert isinstance(found, Verdict) and found.passes is None


def test_the_words_that_a_script_is_called_with_are_known():
    assert read("pidof $1", ["haproxy"]) == ON_HAPROXY


def test_more_looks_than_can_be_followed_are_not():
    many = "\n".join(f"pidof p{n} || exit 1" for n in range(MOST_LOOKS + 1))
    found = read(many)
    assert len(looks(found)) == MOST_LOOKS
    assert {verdict.passes for verdict in verdicts(found)} == {False, None}


PROGRAMS = {
    "/etc/keepalived/lib.sh": "up() { pidof haproxy; }\n",
    "/etc/keepalived/other.sh": "#!/bin/sh\npidof ${1:-haproxy} || exit 3\n",
    "/etc/keepalived/plain": "pidof haproxy\n",  # a shell that runs it is its interpreter
    "/etc/keepalived/other.py": "#!/usr/bin/python3\nimport os\n",
}


@pytest.mark.parametrize(
    "script",
    [
        ". /etc/keepalived/lib.sh\nup",
        "source /etc/keepalived/lib.sh && up || exit 1",
        "/etc/keepalived/other.sh",
        "/etc/keepalived/other.sh haproxy || exit 1",
        "timeout 2 /etc/keepalived/other.sh",
        "bash /etc/keepalived/other.sh",
        "sudo /etc/keepalived/plain",
        "if ! /etc/keepalived/other.sh; then exit 1; fi",
    ],
)
def test_another_script_that_it_calls_is_run_too(script):
    assert read(script, (), PROGRAMS) == ON_HAPROXY


def test_a_program_of_another_language_is_not_followed():
    (found,) = verdicts(read("/etc/keepalived/other.py", (), PROGRAMS))
    assert found.passes is None and "other.py" in found.why


def test_what_a_script_sets_stays_there_and_what_it_takes_in_does_not():
    programs = {"/a": "N=haproxy\n", "/b": "#!/bin/sh\n. /b\n"}
    assert read(". /a\npidof $N", (), programs) == ON_HAPROXY
    (found,) = verdicts(read("/a\npidof $N", (), programs))
    assert found.passes is None
    (found,) = verdicts(read("/b", (), programs))  # which takes itself in
    assert found.passes is None


@pytest.mark.parametrize(
    "script",
    ["kill -0 $(cat /run/haproxy.pid)", "kill -0 $(pidof haproxy)", "kill -s 0 `cat /run/haproxy/haproxy.pid`"],
)
def test_a_pid_file_is_its_daemons(script):
    assert read(f"{script} 2>/dev/null || exit 1") == Question(SIGNALLED, PASSES, FAILS)


def test_a_limit_around_a_script_is_its_requests_too():
    limited = Asked("localhost", 8443, limit_s=3.0)
    assert read("timeout 3 bash -c '</dev/tcp/localhost/8443'") == Question(limited, PASSES, FAILS)


@pytest.mark.parametrize(
    ("script", "minds"),
    [
        ("curl -sfk https://localhost:8443/livez | grep -q ok", True),
        ("curl -sk https://localhost:8443/livez | grep -qx ok", True),
        ("curl -sk https://localhost:8443/livez | grep -q '^ok$'", True),
        ("curl -sk https://localhost:8443/livez | grep ok", None),  # a red one has lines that end in ok, too
    ],
)
def test_an_answer_that_says_ok(script, minds):
    assert read(script) == Question(replace(LIVE, minds=minds), PASSES, FAILS)


def test_an_answer_that_is_compared_with_ok():
    found = read('[ "$(curl -sk https://localhost:8443/livez)" = ok ]')
    assert set(looks(found)) == {LIVE, replace(LIVE, minds=True)}
    assert {verdict.passes for verdict in verdicts(found)} == {True, False}


@pytest.mark.parametrize(
    "script",
    [
        '[ "$(systemctl is-active haproxy)" != "failed" ]',
        "case $(systemctl is-active haproxy) in inactive) exit 1 ;; *) exit 0 ;; esac",
        '[ -z "$(curl -sk https://localhost:8443/livez)" ] && exit 1; exit 0',
    ],
)
def test_what_is_printed_where_it_is_not_well_is_not_known(script):
    assert {verdict.passes for verdict in verdicts(read(script))} == {True, None}


@pytest.mark.parametrize("script", ["lsof -iTCP:8443 -sTCP:LISTEN -t", "fuser 8443/tcp", "fuser -s 8443/tcp"])
def test_who_has_a_port_open(script):
    assert read(f"{script} >/dev/null 2>&1 || exit 1") == Question(Asked("localhost", 8443), PASSES, FAILS)


def test_a_filter_that_may_drop_lines_is_not_followed():
    (found,) = verdicts(read("[ -n \"$(ps -ef | grep haproxy | grep -v grep | awk '$3 == 1')\" ]"))
    assert found.passes is None


@pytest.mark.parametrize(
    ("test", "minds"),
    [('"$code" != "000"', False), ('"$code" = 000', None), ("$code -eq 200", True), ('"$code" == "200"', True)],
)
def test_a_status_that_is_compared(test, minds):
    asks = "curl -sk -o /dev/null -w '%{http_code}' https://localhost:8443/livez"
    found = read(f"code=$({asks})\nif [ {test} ]; then exit 0; fi\nexit 1")
    if minds is None:  # passes where nobody answers
        assert verdict(found, answered=False) == PASSES and verdict(found, answered=True, well=False) == FAILS
    else:
        assert verdict(found, answered=False) == FAILS and verdict(found, answered=True, well=True) == PASSES
        assert verdict(found, answered=True, well=False) == (FAILS if minds else PASSES)


def verdict(tree, answered, well=True):
    """Return how a run ends where somebody answers, or not, with 200 or another status."""
    while isinstance(tree, Question):
        tree = tree.yes if answered and (well or not tree.look.minds) else tree.no
    return tree


@pytest.mark.parametrize("drops", ["tail -n +2", "tail -n+2", "head -n -1", "uniq -d", "tr -d '\\n'"])
def test_what_a_filter_leaves_out_of_a_process_list_is_not_counted(drops):
    (found,) = verdicts(read(f"[ $(pgrep haproxy | {drops} | wc -l) -gt 0 ]"))
    assert found.passes is None
