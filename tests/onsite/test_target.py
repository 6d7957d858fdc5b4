"""What is watched, from a URL and a kubeconfig as operators have it."""

import base64
import json
import stat

import pytest
import yaml

from harness.errors import UsageError
from harness.onsite.target import Target, of


def kubeconfig(folder, user, cluster=None):
    said = {
        "clusters": [
            {"name": "c", "cluster": cluster or {"certificate-authority-data": base64.b64encode(b"CA").decode()}}
        ],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path = folder / "admin.conf"
    path.write_text(yaml.safe_dump(said))
    return path


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://10.0.0.100:8443", "https://10.0.0.100:8443"),
        ("10.0.0.100", "https://10.0.0.100:6443"),
        ("https://[fd00::100]:8443/", "https://[fd00::100]:8443"),
    ],
)
def test_an_address_is_enough(url, endpoint):
    assert of(url).endpoint == endpoint


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://10.0.0.100", "say where clients ask, such as https://"),
        ("https://10.0.0.100/api", "say where clients ask"),
        ("https://k8s.example.com:6443", "say the VIP's address and not a name"),
    ],
)
def test_what_is_no_address_is_refused(url, told):
    with pytest.raises(UsageError, match=told):
        of(url)


def test_a_certificate_as_kubeadm_writes_it_and_a_token(tmp_path):
    user = {f"client-{what}-data": base64.b64encode(what.encode()).decode() for what in ("certificate", "key")}
    found = of("https://10.0.0.100", kubeconfig(tmp_path, user))
    assert (found.authority, found.certificate, found.key, found.token) == (b"CA", b"certificate", b"key", "")
    (tmp_path / "token").write_text("secret\n")
    found = of("https://10.0.0.100", kubeconfig(tmp_path, {"tokenFile": "token"}))
    assert (found.token, found.certificate) == ("secret", b"")


@pytest.mark.parametrize(
    ("user", "told"),
    [
        ({"exec": {"command": "aws"}}, "logs in by a program"),
        ({"client-certificate": "nowhere.crt"}, "nowhere.crt: No such file"),
        ({"client-key-data": "%"}, "client-key-data is no base64"),
    ],
)
def test_credentials_that_are_of_no_use_are_told_with_the_file(tmp_path, user, told):
    with pytest.raises(UsageError, match=f"admin.conf: .*{told}"):
        of("https://10.0.0.100", kubeconfig(tmp_path, user))


@pytest.mark.parametrize("text", ["", "a: [", "current-context: x\ncontexts: []\n"])
def test_what_is_no_kubeconfig_is_told(tmp_path, text):
    (tmp_path / "k").write_text(text)
    with pytest.raises(UsageError, match="k: no kubeconfig with a current context"):
        of("https://10.0.0.100", tmp_path / "k")


def test_what_agents_are_told_is_its_owners_alone(tmp_path):
    facts = Target("10.0.0.100", 6443, b"CA", "secret", b"certificate", b"key").written(tmp_path, "eth0")
    told = json.loads(facts.read_text())
    assert (told["endpoint"], told["token"], told["vips"]) == ("https://10.0.0.100:6443", "secret", ["10.0.0.100"])
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert json.loads(Target("10.0.0.100", 6443).written(tmp_path, "").read_text())["ca"] is None
