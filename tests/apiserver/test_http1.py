"""HTTP/1.1 as the real one speaks it: who may ask, what a connection is kept for, and how it all ends."""

import json
import socket
import threading
import time

import pytest

MAPS = "/api/v1/namespaces/default/configmaps"


def created(stub, name):
    connection = stub.connection()
    body = json.dumps({"metadata": {"name": name}, "data": {"n": "1"}})
    connection.request("POST", MAPS, body, {"Authorization": "Bearer sesame"})
    with connection.getresponse() as answer:
        assert answer.status == 201
    connection.close()


def test_nobody_in_particular_may_ask_for_health_and_version_alone(stub):
    assert [stub.get(path, token="").status for path in ("/readyz", "/livez", "/version", MAPS)] == [200, 200, 200, 403]


def test_a_wrong_token_is_wrong_everywhere(stub):
    assert [stub.get(path, token="guess").status for path in ("/readyz", MAPS)] == [401, 401]


def test_without_anonymous_requests_health_needs_a_token_too(start):
    stub = start("--anonymous-auth=false")
    refused = stub.get("/readyz", token="")
    assert refused.status == 401
    assert json.loads(refused.text)["reason"] == "Unauthorized"
    assert stub.get("/readyz").status == 200


def test_nothing_listens_while_it_boots(start):
    began = time.monotonic()
    stub = start("--boot-s", "1.5")
    assert time.monotonic() - began > 1.5
    assert stub.get("/readyz").status == 200


def test_the_head_of_an_answer_is_all_that_head_gets(stub):
    connection = stub.connection()
    for _ in range(2):  # a body would be taken for the next answer
        connection.request("HEAD", "/readyz", headers={"Authorization": "Bearer sesame"})
        with connection.getresponse() as answer:
            assert (answer.status, answer.headers["Content-Length"], answer.read()) == (200, "2", b"")
    connection.close()


def test_what_breaks_it_breaks_nothing_else(stub):
    connection = stub.connection()
    for _ in range(2):
        connection.request("POST", MAPS, '{"metadata": {"name": 5}}', {"Authorization": "Bearer sesame"})
        with connection.getresponse() as answer:
            assert (answer.status, json.load(answer)["reason"]) == (500, "InternalError")
    connection.close()


@pytest.mark.parametrize("path", ["/version", "/version/"])
def test_its_version_is_whole_whichever_way_a_library_asks(stub, path):
    fields = "major minor gitVersion gitCommit gitTreeState buildDate goVersion compiler platform"
    assert set(json.loads(stub.get(path).text)) == set(fields.split())


def test_a_watch_of_namespaces_begins_with_them_and_ends_when_asked_to(stub):
    watch = "/api/v1/namespaces?watch=true&timeoutSeconds="
    told = [json.loads(line) for line in stub.get(f"{watch}0.1").text.splitlines()]
    assert [(one["type"], one["object"]["metadata"]["name"]) for one in told] == [
        ("ADDED", "default"),
        ("ADDED", "kube-system"),
    ]
    assert stub.get(f"{watch}0.1&resourceVersion=1").text == ""
    assert stub.get(f"{watch}soon").status == 400


def test_a_watch_tells_what_happens(stub):
    connection = stub.connection()
    connection.request("GET", f"{MAPS}?watch=true&resourceVersion=1", headers={"Authorization": "Bearer sesame"})
    with connection.getresponse() as answer:
        created(stub, "seen")
        assert json.loads(answer.readline())["object"]["metadata"]["name"] == "seen"
    connection.close()


def test_a_watch_outlives_the_stream_from_etcd_and_goes_on_where_it_was(stub, gateway):
    """As with the real one's watch cache, a client hears nothing meanwhile."""
    connection = stub.connection()
    connection.request("GET", f"{MAPS}?watch=true&resourceVersion=1", headers={"Authorization": "Bearer sesame"})
    with connection.getresponse() as answer:
        for name in ("before", "after"):
            created(stub, name)
            assert json.loads(answer.readline())["object"]["metadata"]["name"] == name
            gateway.drop()
    connection.close()


def test_a_terminated_one_is_not_ready_and_serves_on(start):
    stub = start("--shutdown-delay-duration", "30s")
    kept = stub.connection()
    kept.request("GET", "/readyz")
    with kept.getresponse() as answer:
        assert answer.read() == b"ok"
    stub.terminate()
    assert (stub.get("/readyz").status, stub.get("/livez").status, stub.get(MAPS).status) == (500, 200, 200)
    kept.request("GET", "/version")
    with kept.getresponse() as answer:
        assert (answer.status, answer.headers["Connection"]) == (200, "keep-alive")
    kept.close()


def test_after_the_delay_the_idle_are_let_go_at_once(start):
    stub = start("--shutdown-delay-duration", "200ms")
    kept = stub.connection()
    kept.connect()
    stub.terminate()
    assert kept.sock.recv(1) == b""
    kept.close()
    assert stub.process.wait(5) == 0
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", stub.port))


def test_who_waits_for_an_answer_gets_it_as_the_last_one(start, gateway):
    stub = start()
    kept = stub.connection()
    gateway.quorate(False)
    kept.request("GET", MAPS, headers={"Authorization": "Bearer sesame"})
    while "/v3/kv/range" not in gateway.asked:
        time.sleep(0.01)
    stub.terminate()
    threading.Timer(0.3, gateway.quorate, [True]).start()
    with kept.getresponse() as answer:
        assert (answer.status, answer.headers["Connection"]) == (200, "close")
    assert stub.process.wait(5) == 0
