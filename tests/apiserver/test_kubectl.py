"""The real kubectl through the VIP: of Debian's bookworm, which the client has, and of trixie."""

import io
import json
import time
from collections.abc import Callable

import docker
import pytest

from harness.lab import images
from harness.lab.lab import Lab

pytestmark = pytest.mark.lab

KUBECTL = {"bookworm": "/usr/bin/kubectl", "trixie": "/opt/kubectl"}
VERSIONS = {"bookworm": "v1.20.", "trixie": "v1.32."}
TRIXIE = """
FROM {base}
RUN echo "deb http://deb.debian.org/debian trixie main" >/etc/apt/sources.list.d/trixie.list \\
 && apt-get update && cd /opt && apt-get download kubectl/trixie && dpkg -x kubectl_*.deb /opt/trixie
"""


@pytest.fixture(scope="module", params=KUBECTL)
def release(request: pytest.FixtureRequest, lab: Lab, engine: docker.DockerClient) -> str:
    if request.param == "trixie":
        tag = f"{images.tag('client')}-trixie"
        told = io.BytesIO(TRIXIE.format(base=images.tag("client")).encode())
        engine.images.build(fileobj=told, tag=tag, rm=True, network_mode="host")  # as ours are built
        holder = engine.containers.create(tag, network_mode="none")
        try:
            program, _ = holder.get_archive("/opt/trixie/usr/bin/kubectl")
            lab.client.container.put_archive("/opt", b"".join(program))
        finally:
            holder.remove()
    return str(request.param)


@pytest.fixture
def kubectl(lab: Lab, release: str) -> Callable[..., str]:
    def run(*words: str, check: bool = True) -> str:
        return lab.client.run(KUBECTL[release], *words, check=check)

    return run


def test_it_is_the_release_that_it_is_meant_to_be(kubectl, release):
    assert VERSIONS[release] in kubectl("version", "--client", "-o", "json")


def test_readyz(kubectl):
    assert kubectl("get", "--raw", "/readyz") == "ok"
    assert "[+]etcd ok" in kubectl("get", "--raw", "/readyz?verbose")
    assert kubectl("get", "--raw", "/livez") == kubectl("get", "--raw", "/healthz") == "ok"


def test_it_speaks_http2(lab, release):
    said = lab.client.ask("sh", "-c", f"GODEBUG=http2debug=1 {KUBECTL[release]} get --raw /readyz 2>&1")
    assert "http2: Transport received HEADERS" in said


def test_a_configmap_lives_and_dies(kubectl):
    kubectl("create", "configmap", "of-kubectl", "--from-literal=a=1")
    found = json.loads(kubectl("get", "configmap", "of-kubectl", "-o", "json"))
    assert found["data"] == {"a": "1"}
    assert found["metadata"]["uid"]
    assert "already exists" in kubectl("create", "configmap", "of-kubectl", check=False)
    kubectl("delete", "configmap", "of-kubectl")
    assert "not found" in kubectl("get", "configmap", "of-kubectl", check=False)


def test_a_watch_streams_what_happens(lab, kubectl, release):
    told = f"/tmp/watched-{release}"
    lab.client.run("sh", "-c", f"timeout 200 {KUBECTL[release]} get configmaps -w -o name > {told} 2>&1 &")
    deadline = time.monotonic() + 100
    while lab.client.ask("cat", told).count("configmap/watched-one") < 2:  # there, and gone
        assert time.monotonic() < deadline
        kubectl("create", "configmap", "watched-one")  # again, where nobody watched yet
        kubectl("delete", "configmap", "watched-one")
