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


def test_health_names_its_checks_as_the_real_one_does(stub):
    said = stub.get("/readyz?verbose").text.splitlines()
    assert said[:-1] == [f"[+]{name} ok" for name in ("ping", "log", "etcd", "etcd-readiness", "shutdown")]
    assert said[-1] == "readyz check passed"
    assert [stub.get(f"/readyz/{name}").status for name in ("etcd", "etcd-readiness", "nothing")] == [200, 200, 404]


def test_without_a_quorum_it_is_neither_ready_nor_alive_but_for_who_leaves_etcd_out(stub, gateway):
    gateway.quorate(False)
    assert [stub.get(path).status for path in ("/livez", "/readyz", "/healthz", "/livez/etcd")] == [500] * 4
    without = ("/livez?exclude=etcd", "/healthz?exclude=etcd", "/livez/ping")
    assert [stub.get(path).status for path in without] == [200] * 3
    assert stub.get("/readyz?exclude=etcd").status == 500  # etcd-readiness is left
    assert stub.get("/readyz?exclude=etcd&exclude=etcd-readiness").status == 200
    gateway.quorate(True)


def test_what_is_left_out_is_told(stub):
    said = stub.get("/livez?verbose&exclude=etcd&exclude=nothing").text.splitlines()
    warned = 'warn: some health checks cannot be excluded: no matches for "nothing"'
    assert said == ["[+]ping ok", "[+]log ok", "[+]etcd excluded: ok", warned, "livez check passed"]


def test_nothing_listens_while_it_boots(start):
    began = time.monotonic()
    stub = start("--boot-s", "1.5")
    assert time.monotonic() - began > 1.5
    assert stub.get("/readyz").status == 200


def test_the_head_of_an_answer_is_all_that_head_gets(stub):
    connection = stub.connection()
    for _ in range(2):  # a body would be taken for the next answer
        connection.request("HEAD", "/readyz")
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
