"""The real kubectl through the VIP."""

import json
import time

import pytest

from harness.lab.lab import Lab

pytestmark = pytest.mark.lab


@pytest.fixture
def kubectl(lab: Lab):
    def run(*words: str, check: bool = True) -> str:
        return lab.client.run("kubectl", *words, check=check)

    return run


def test_readyz(kubectl):
    assert kubectl("get", "--raw", "/readyz") == "ok"
    assert "[+]etcd ok" in kubectl("get", "--raw", "/readyz?verbose")
    assert kubectl("get", "--raw", "/livez") == kubectl("get", "--raw", "/healthz") == "ok"


def test_it_speaks_http2(lab):
    said = lab.client.ask("sh", "-c", "GODEBUG=http2debug=1 kubectl get --raw /readyz 2>&1")
    assert "http2: Transport received HEADERS" in said


def test_a_configmap_lives_and_dies(kubectl):
    kubectl("create", "configmap", "of-kubectl", "--from-literal=a=1")
    found = json.loads(kubectl("get", "configmap", "of-kubectl", "-o", "json"))
    assert found["data"] == {"a": "1"}
    assert found["metadata"]["uid"]
    assert "already exists" in kubectl("create", "configmap", "of-kubectl", check=False)
    kubectl("delete", "configmap", "of-kubectl")
    assert "not found" in kubectl("get", "configmap", "of-kubectl", check=False)


def test_a_watch_streams_what_happens(lab, kubectl):
    lab.client.run("sh", "-c", "timeout 200 kubectl get configmaps -w -o name > /tmp/watched 2>&1 &")
    deadline = time.monotonic() + 100
    while lab.client.ask("cat", "/tmp/watched").count("configmap/watched-one") < 2:  # there, and gone
        assert time.monotonic() < deadline
        kubectl("create", "configmap", "watched-one")  # again, where nobody watched yet
        kubectl("delete", "configmap", "watched-one")
