"""HTTP/2 serves all that HTTP/1.1 does, beside each other on one connection."""

import json
import time

import pytest
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, DataReceived, PingAckReceived, WindowUpdated

from tests.apiserver.client2 import Client2

MAPS = "/api/v1/namespaces/default/configmaps"
WATCH = f"{MAPS}?watch=true&resourceVersion=1"


def made(name, data="1"):
    return json.dumps({"metadata": {"name": name}, "data": {"n": data}}).encode()


@pytest.fixture
def client(stub):
    opened = Client2(stub.port, stub.context)
    yield opened
    opened.close()


def is_one(kind):
    return lambda event: isinstance(event, kind)


def test_requests_are_answered_on_one_connection(client):
    asked = [client.ask("GET", path) for path in ("/readyz", "/version", MAPS, "/nowhere")]
    assert [client.status(stream) for stream in asked] == [200, 200, 200, 404]
    assert client.answer(asked[0]) == (200, "ok")


def test_it_says_what_the_real_one_says_of_itself(client):
    client.answer(client.ask("GET", "/livez"))
    settings = client.h2.remote_settings
    assert (settings.max_concurrent_streams, settings.initial_window_size) == (100, 256 * 1024)
    assert (settings.max_frame_size, settings.max_header_list_size) == (256 * 1024, 1 << 20)


def test_nobody_in_particular_is_refused(stub):
    client = Client2(stub.port, stub.context, token="")
    assert [client.answer(client.ask("GET", path))[0] for path in ("/readyz", MAPS)] == [200, 403]
    client.close()


def test_watches_and_requests_go_beside_each_other(client):
    watches = [client.ask("GET", WATCH) for _ in range(3)]
    assert client.answer(client.ask("POST", MAPS, made("seen")))[0] == 201
    for stream in watches:
        line = client.until(lambda event, stream=stream: isinstance(event, DataReceived) and event.stream_id == stream)
        assert json.loads(line.data)["object"]["metadata"]["name"] == "seen"


def test_a_slow_answer_holds_up_no_other(client, gateway):
    gateway.quorate(False)
    slow = client.ask("GET", MAPS)
    assert client.answer(client.ask("GET", "/livez?exclude=etcd")) == (200, "ok")
    gateway.quorate(True)
    assert client.answer(slow)[0] == 200


def test_a_ping_is_answered(client):
    client.h2.ping(b"harness!")
    client.send()
    assert client.until(is_one(PingAckReceived)).ping_data == b"harness!"


def test_a_large_answer_waits_for_room(client):
    assert client.answer(client.ask("POST", MAPS, made("large", "x" * 300_000)))[0] == 201
    client.gives_room = False
    streams = [client.ask("GET", MAPS) for _ in range(2)]
    while any(client.h2.remote_flow_control_window(stream) for stream in streams):
        client.hear()
    had = [len(client.body(stream)) for stream in streams]
    client.h2.ping(b"anything")
    client.send()
    client.until(is_one(PingAckReceived))
    assert [len(client.body(stream)) for stream in streams] == had
    client.gives_room = True
    client.h2.increment_flow_control_window(65535)
    for stream in streams:
        client.h2.increment_flow_control_window(65535, stream)
    client.send()
    for stream in streams:
        assert len(json.loads(client.answer(stream)[1])["items"][0]["data"]["n"]) == 300_000


def test_room_is_given_back_for_a_large_request(client):
    assert client.answer(client.ask("POST", MAPS, made("larger", "x" * 900_000)))[0] == 201
    assert any(isinstance(event, WindowUpdated) for event in client.heard)


def test_a_body_that_is_too_large_is_refused(client):
    assert client.answer(client.ask("POST", MAPS, made("largest", "x" * (1 << 20))))[0] == 413
    assert client.answer(client.ask("GET", "/readyz")) == (200, "ok")


def test_the_head_of_an_answer_is_all_that_head_gets(client):
    assert client.answer(client.ask("HEAD", "/readyz")) == (200, "")


def test_a_stream_given_up_ends_nothing_else(client, gateway):
    gateway.quorate(False)
    watch, slow = client.ask("GET", WATCH), client.ask("GET", MAPS)
    for stream in (watch, slow):
        client.h2.reset_stream(stream, ErrorCodes.CANCEL)
    client.send()
    gateway.quorate(True)
    assert client.answer(client.ask("GET", "/readyz")) == (200, "ok")


def test_what_is_no_http2_ends_with_a_reason(client):
    client.h2.clear_outbound_data_buffer()
    client.socket.sendall(b"\0\0\0\x05\0\0\0\0\x01")  # PUSH_PROMISE, which no client may send
    assert client.until(is_one(ConnectionTerminated)).error_code != ErrorCodes.NO_ERROR


def test_a_terminated_one_serves_on(start):
    stub = start("--shutdown-delay-duration", "30s")
    client = Client2(stub.port, stub.context)
    stub.terminate()
    assert client.answer(client.ask("GET", "/readyz"))[0] == 500
    assert client.answer(client.ask("GET", "/livez")) == (200, "ok")
    client.close()


def test_after_the_delay_it_says_goaway_and_ends(start):
    stub = start("--shutdown-delay-duration", "200ms")
    client = Client2(stub.port, stub.context)
    last = client.ask("GET", "/livez")
    assert client.answer(last) == (200, "ok")
    stub.terminate()
    goodbye = client.until(is_one(ConnectionTerminated))
    assert (goodbye.error_code, goodbye.last_stream_id) == (ErrorCodes.NO_ERROR, last)
    assert stub.process.wait(5) == 0
    client.close()


def test_what_is_under_way_at_goaway_is_answered(start, gateway):
    stub = start()
    client = Client2(stub.port, stub.context)
    gateway.quorate(False)
    slow = client.ask("GET", MAPS)
    while "/v3/kv/range" not in gateway.asked:
        time.sleep(0.01)
    stub.terminate()
    client.until(is_one(ConnectionTerminated))
    gateway.quorate(True)
    assert client.answer(slow)[0] == 200
    assert stub.process.wait(5) == 0
    client.close()
