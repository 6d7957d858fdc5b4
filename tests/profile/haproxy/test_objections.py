"""What haproxy objects to is known from a file's text, as Debian's haproxy 2.6 itself says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.lab.machine import Machine
from harness.profile import haproxy, kind
from harness.profile.files import read_text
from harness.profile.haproxy.objections import Objection, objections
from harness.profile.kind import Kind
from tests.lint.files import HAPROXY
from tests.profile.haproxy.refusals import COMPLAINED_OF, REFUSED, TAKEN, changed
from tests.profile.oracle import exact, proxies

CASES = Path(__file__).parents[2] / "cases"


def said(text: str) -> list[Objection]:
    return list(objections(haproxy.parse(text, "h.cfg")))


@pytest.mark.parametrize(("before", "after", "told"), REFUSED)
def test_what_haproxy_refuses_is_fatal(before: str, after: str, told: str) -> None:
    assert any(told in one.text for one in said(changed(before, after)) if one.fatal)


@pytest.mark.parametrize(("before", "after"), [("mode tcp", "mode tcp"), *TAKEN])
def test_what_haproxy_takes_earns_nothing(before: str, after: str) -> None:
    assert said(changed(before, after)) == []


@pytest.mark.parametrize(("before", "after", "told"), COMPLAINED_OF)
def test_what_haproxy_complains_of_is_not_fatal(before: str, after: str, told: str) -> None:
    found = said(changed(before, after))
    assert any(told in one.text for one in found)
    assert not [one for one in found if one.fatal]


def test_the_line_is_named() -> None:
    (found,) = said(changed("retries 2", "retrys 2"))
    assert str(found.where) == f"h.cfg:{HAPROXY[: HAPROXY.index('retries 2')].count(chr(10)) + 1}"


@pytest.mark.parametrize("text", ["", "# nothing here\n", "defaults\n    mode tcp\n"])
def test_where_nothing_listens_it_is_said_with_the_doubt_that_there_is(text: str) -> None:
    (found,) = said(text)
    assert "no line binds: unless it is given another file too" in found.text and not found.fatal


def test_what_no_file_tells_of_a_condition_is_a_remark() -> None:
    sections = haproxy.parse('global\n.if defined(X) || streq("$Y",a)\n.endif\n', "h.cfg")
    assert [str(remark).partition(" no file")[0] for remark in sections.remarks] == [
        "h.cfg:2: $Y is haproxy's own environment's, which",
        "h.cfg:2: whether X is in haproxy's environment",
    ]


@pytest.mark.lab
def test_haproxy_says_the_same(bare: Machine) -> None:
    """One container for all: each text is put there, and haproxy asked whether it takes it."""
    texts = [(changed(b, a), True) for b, a, _ in REFUSED]
    texts += [(changed(b, a), False) for b, a in [*TAKEN, *((b, a) for b, a, _ in COMPLAINED_OF)]]
    texts += [(text, any(one.fatal for one in said(text))) for text in map(exact, proxies())]
    for path in sorted(CASES.rglob("*.c*f*")):
        text = read_text(path)
        if kind.known(path.name, text).kind is Kind.HAPROXY:
            texts.append((text, any(one.fatal for one in said(text))))
    bare.put({f"/tmp/asked/{n}.cfg": (text, 0o644) for n, (text, _) in enumerate(texts)})
    names = "apiserver.example cp1.example.com cp2.example.com cp3.example.com"
    ask = f"grep -q cp1 /etc/hosts || echo 192.0.2.9 {names} >>/etc/hosts; cd /tmp/asked; "
    ask += (
        "for f in *.cfg; do haproxy -c -f $f >/tmp/said 2>&1; grep -q '^.ALERT' /tmp/said && echo ${f%.cfg}; done; true"
    )
    refused = {int(number) for number in bare.ask("sh", "-c", ask).split()}
    assert [texts[n][0] for n in range(len(texts)) if (n in refused) is not texts[n][1]] == []
