import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import assets
from harness.errors import ProfileError
from harness.profile import nginx

TEXT = (assets.PROFILES / "nginx/nginx.conf").read_text()


def test_the_shipped_file_is_understood():
    root = nginx.parse(TEXT, "nginx.conf")
    (stream,) = nginx.streams(root, "nginx.conf")
    found = stream.upstreams
    assert [(u.address, u.port, u.max_fails, u.fail_timeout_s) for u in found] == [
        (f"198.18.0.1{n}", 6443, 1, 10.0) for n in (1, 2, 3)
    ]
    assert {u.timeout_connect_s for u in found} == {2.0}
    assert TEXT.splitlines()[found[0].at("max_fails").line - 1].strip().startswith("server 198.18.0.11")
    assert stream.binds == (("", 8443),)


def test_defaults_are_nginx_own():
    text = "stream { upstream a { server 10.0.0.1:6443; } server { listen [::]:443; proxy_pass a; } }"
    (stream,) = nginx.streams(nginx.parse(text, "n"), "n")
    (one,) = stream.upstreams
    assert (one.max_fails, one.fail_timeout_s, one.timeout_connect_s, one.timeout_idle_s) == (1, 10.0, 60.0, 600.0)


def test_what_stands_around_a_server_holds_for_it_and_who_is_down_is_not_there():
    text = (
        "stream { proxy_connect_timeout 3s; proxy_next_upstream off; upstream a { least_conn; server 10.0.0.1:1 down;"
        " server 10.0.0.2:1 weight=5 backup; } server { listen 1; proxy_pass a; }"
        " server { listen 2; proxy_pass a; proxy_connect_timeout 1s; proxy_next_upstream on; } }"
    )
    first, second = (stream.upstreams for stream in nginx.streams(nginx.parse(text, "n"), "n"))
    told = [(u.name, u.weight, u.backup, u.method, u.timeout_connect_s, u.elsewhere) for u in (*first, *second)]
    about = ("10.0.0.2:1", 5, True, "least_conn")
    assert told == [(*about, 3.0, False), (*about, 1.0, True)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("stream {\n", "n:1: `stream` is never ended"),
        ("events {}\nworker_processes 1", "n:2: `worker_processes 1` is never ended"),
        ("a {\n b }\n", "n:2: `b` lacks its semicolon"),
        ("}\n", "n:1: a closing brace with no block open"),
        ("\n;", "n:2: `;` follows nothing"),
        ("a 'b\n;", "n:1: a quote that is never closed"),
        ("stream { server { listen 1; } }", "n:1: proxy_pass has to name an upstream"),
        ("stream { upstream a { server x; } server { proxy_pass a; } }", "n:1: server x: "),
        ("stream { upstream a {\nserver x:1 fail_timeout=soon; } server { proxy_pass a; } }", "n:2: .*'soon' is not"),
    ],
)
def test_bad_input_is_named_with_its_line(text, says):
    with pytest.raises(ProfileError, match=says):
        list(nginx.streams(nginx.parse(text, "n"), "n"))


@given(st.text(alphabet="ab{};'\"# \n\\", max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        list(nginx.streams(nginx.parse(text, "n"), "n"))
    except ProfileError as error:
        assert str(error).startswith("n:")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("stream {\ninclude tcp.d/*.conf; }", ("tcp.d/*.conf", 2)),
        ("include modules-enabled/*.conf;\ninclude stream.conf;", ("stream.conf", 2)),
        ("include modules-enabled/*.conf; http { include mime.types; }", None),
    ],
)
def test_what_is_included_is_found_where_a_stream_may_be(text, found):
    assert nginx.included(nginx.parse(text, "n")) == found
