"""The real kubectl through the VIP."""

import json

import pytest

pytestmark = pytest.mark.lab


@pytest.fixture
def kubectl(lab):
    def run(*words: str, check: bool = True) -> str:
        return lab.client.run("kubectl", *words, check=check)

    return run


def test_readyz(kubectl):
    assert kubectl("get", "--raw", "/readyz") == "ok"
    assert "[+]etcd ok" in kubectl("get", "--raw", "/readyz?verbose")
    assert kubectl("get", "--raw", "/livez") == kubectl("get", "--raw", "/healthz") == "ok"


def test_a_configmap_lives_and_dies(kubectl):
    kubectl("create", "configmap", "of-kubectl", "--from-literal=a=1")
    found = json.loads(kubectl("get", "configmap", "of-kubectl", "-o", "json"))
    assert found["data"] == {"a": "1"}
    assert found["metadata"]["uid"]
    assert "already exists" in kubectl("create", "configmap", "of-kubectl", check=False)
    kubectl("delete", "configmap", "of-kubectl")
    assert "not found" in kubectl("get", "configmap", "of-kubectl", check=False)


def test_a_watch_streams_what_happens(lab, kubectl):
    watch = "timeout 6 kubectl get configmaps -w -o name > /tmp/watched 2>&1 & sleep 2"
    lab.client.run("sh", "-c", watch)
    kubectl("create", "configmap", "watched-one")
    kubectl("delete", "configmap", "watched-one")
    lab.client.run("sleep", "1")
    assert lab.client.run("cat", "/tmp/watched").count("configmap/watched-one") >= 2
