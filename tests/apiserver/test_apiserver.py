"""The stub apiserver's own promises, asked of a node directly."""

import json

import pytest

pytestmark = pytest.mark.lab
MAPS = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def ask(lab):
    """Return (status, headers, body) of a request to a node's apiserver, from the client."""

    def request(method: str, path: str, body: object = None, node: str = "m2", token: bool = True):
        words = ["curl", "-sS", "-i", "-m", "10", "--cacert", "/etc/harness/ca.crt", "-X", method]
        if token:
            words += ["-H", f"Authorization: Bearer {lab.token}"]
        if body is not None:
            words += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        said = lab.client.ask(*words, f"https://{lab.plain.facts.nodes[node]}:6443{path}")
        head, _, text = said.partition("\r\n\r\n")
        lines = head.split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        return int(lines[0].split()[1]), headers, text

    return request


def test_a_token_is_required_but_for_health(ask):
    status, _, body = ask("GET", MAPS, token=False)
    assert status == 403
    assert json.loads(body)["kind"] == "Status"
    assert ask("GET", "/readyz", token=False)[0] == 200


@pytest.mark.parametrize("node", ["m1", "m2", "m3"])
def test_every_answer_names_its_node(ask, node):
    assert ask("GET", "/version", node=node)[1]["x-harness-node"] == node


def test_a_stale_update_is_a_conflict(ask):
    made = json.loads(ask("POST", MAPS, {"metadata": {"name": "stale"}, "data": {"n": "1"}})[2])
    fresh = made | {"data": {"n": "2"}}
    assert ask("PUT", f"{MAPS}/stale", fresh)[0] == 200
    status, _, body = ask("PUT", f"{MAPS}/stale", fresh)
    assert status == 409
    assert json.loads(body)["reason"] == "Conflict"
    assert ask("DELETE", f"{MAPS}/stale")[0] == 200


def test_what_one_node_wrote_all_others_read(ask):
    ask("POST", MAPS, {"metadata": {"name": "shared"}, "data": {"n": "1"}}, node="m1")
    assert json.loads(ask("GET", f"{MAPS}/shared", node="m3")[2])["data"] == {"n": "1"}
    ask("DELETE", f"{MAPS}/shared", node="m3")
    assert ask("GET", f"{MAPS}/shared", node="m1")[0] == 404


def test_it_is_small_under_load_too(lab):
    address = lab.plain.facts.nodes["m2"]
    each = f"https://{address}:6443/readyz"
    lab.client.run("sh", "-c", f"seq 300 | xargs -P 20 -I@ curl -sk -o /dev/null {each}")
    said = lab.nodes["m2"].ask("sh", "-c", "grep VmRSS /proc/$(pgrep -o kube-apiserver)/status")
    assert int(said.split()[1]) < 40 * 1024


def test_a_terminated_one_turns_red_at_once_and_goes_on_serving(lab):
    node = lab.nodes["m2"]
    script = """
      . /etc/harness/node.env
      kube-apiserver --secure-port 7443 --node-name $NODE --etcd-servers http://127.0.0.1:2379 \
        --tls-cert-file /etc/harness/apiserver.crt --tls-private-key-file /etc/harness/apiserver.key \
        --token-file /etc/harness/token --shutdown-delay-duration 2s >/tmp/second.log 2>&1 & pid=$!
      ask() { curl -sk -m 1 -o /dev/null -w '%{http_code} ' https://127.0.0.1:7443/$1; }
      until ask readyz | grep -q 200; do sleep 0.05; done
      kill -TERM $pid
      sleep 0.3
      ask readyz; ask version; ask livez
      wait $pid; echo ended $?; ask readyz
    """
    said = node.ask("bash", "-c", script).split()
    assert said == ["500", "200", "200", "ended", "0", "000"]


def test_a_check_by_sslv3_hello_finds_it_up(lab):
    config = """
defaults
    mode tcp
    timeout connect 2s
    timeout check 2s
    timeout client 2s
    timeout server 2s
listen hello
    bind 127.0.0.1:7444
    option ssl-hello-chk
    server it 127.0.0.1:6443 check inter 200ms rise 1 fall 1
"""
    script = """
      printf '%s' "$0" > /tmp/hello.cfg
      timeout 4 haproxy -db -f /tmp/hello.cfg > /tmp/hello.log 2>&1 & sleep 3
      curl -sk -m 1 -o /dev/null -w '%{http_code}' https://127.0.0.1:7444/readyz
    """
    assert lab.nodes["m2"].ask("bash", "-c", script, config) == "200"
