import socket
import subprocess
import time

import pytest

from harness.agent.deeds.link import CutOff
from harness.errors import UsageError
from harness.events import AgentStart
from harness.history import decode
from harness.lab import gate, images, labels, session

pytestmark = pytest.mark.lab


def test_one_node_is_master_and_holds_the_vip(lab):
    vip = f" {lab.plain.facts.vip}/"
    holders = [name for name, node in lab.nodes.items() if vip in node.ask("ip", "-o", "addr")]
    assert holders == [lab.live.vip_owner] == ["m1"]


def test_the_daemons_are_the_real_ones(lab):
    said = lab.nodes["m2"].ask("ps", "-eo", "comm")
    assert {"haproxy", "keepalived", "etcd", "kube-apiserver", "rsyslogd"} <= set(said.split())
    assert set(lab.versions) >= {"haproxy", "keepalived", "etcd-server", "engine", "kernel"}


def test_haproxy_logs_through_rsyslog_as_the_article_has_it(lab):
    facts = lab.plain.facts
    lab.client.run("curl", "-sk", f"https://{facts.vip}:{facts.port}/readyz")
    deadline = time.monotonic() + 100
    log = ""
    while "k8s" not in log and "main" not in log and time.monotonic() < deadline:
        log = lab.nodes["m1"].ask("cat", "/var/log/haproxy/haproxy.log")
        time.sleep(0.2)
    assert str(facts.nodes["m1"]).rsplit(".", 1)[0] in log


def test_nothing_in_a_lab_reaches_the_host(lab):
    """A listener on every address of this machine hears nothing from a lab's client, and something from here."""
    said = subprocess.run(["ip", "-4", "-o", "addr"], capture_output=True, text=True, check=True).stdout
    addresses = [line.split()[3].split("/")[0] for line in said.splitlines()]
    with socket.create_server(("0.0.0.0", 0)) as listener:
        port = listener.getsockname()[1]
        socket.create_connection((addresses[-1], port), timeout=2).close()
        listener.accept()[0].close()
        for address in (a for a in addresses if not a.startswith("127.")):
            lab.client.run("curl", "-s", "-m", "1", f"http://{address}:{port}/", check=False)
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_containers_have_two_capabilities_and_no_more(lab):
    for machine in lab.machines():
        machine.container.reload()
        about = machine.container.attrs["HostConfig"]
        assert about["Privileged"] is False
        assert set(about["CapAdd"]) <= {"NET_ADMIN", "NET_RAW", "SYS_NICE", *(f"CAP_{c}" for c in ("NET_ADMIN",))}


def test_everything_is_marked_with_its_owner_and_an_expiry(lab, engine):
    marked = engine.containers.list(filters={"label": f"{labels.LAB}={lab.name}"})
    assert len(marked) == 4
    assert not any(labels.abandoned(c.labels) for c in marked)
    (network,) = engine.networks.list(filters={"label": f"{labels.LAB}={lab.name}"})
    assert set(network.attrs["Labels"]) == {labels.LAB, labels.OWNER, labels.EXPIRES}


def test_a_crashed_node_is_silent_and_comes_back_with_its_disk(lab):
    """No FIN, no RST, nothing: captures on another node and on the client see no frame of it after the cut."""
    victim, witnesses = lab.nodes["m3"], [lab.client, lab.nodes["m2"]]
    victim.run("sh", "-c", "echo kept > /var/lib/etcd/of-the-test")
    mac = victim.ask("cat", "/sys/class/net/eth0/address").strip()
    vip, port = lab.plain.facts.vip, lab.plain.facts.port
    address = lab.plain.facts.nodes["m3"]
    for witness in witnesses:
        capture = f"tcpdump -i eth0 -n -tt --time-stamp-precision=nano -U -w /tmp/silence.pcap ether src {mac}"
        listens = "until grep -q listening /tmp/silence.err; do sleep 0.02; done"
        witness.run("sh", "-c", f"{capture} >/dev/null 2>/tmp/silence.err & {listens}")
        # With m1 as etcd's leader m2 and m3 have little to say to one another.
        witness.run("sh", "-c", f"curl -sk https://{address}:6443/readyz")
    # Connections that a dying kernel would say goodbye on: one of the client's own, and etcd's to m2.
    lab.client.run("sh", "-c", f"curl -sk https://{vip}:{port}/readyz")
    lab.client.run("bash", "-c", f"(exec 3<>/dev/tcp/{address}/6443; sleep 20) >/dev/null 2>&1 &")
    report = victim.act(CutOff("eth0"), fault="NodeCrash", index=0, action="inject")
    offset_ns = time.time_ns() - time.monotonic_ns()
    victim.power_off()
    lab.live.forget("m3")
    time.sleep(2)
    for witness in witnesses:
        witness.run("sh", "-c", "pkill tcpdump; sleep 0.3", check=False)
        lines = witness.ask("tcpdump", "-r", "/tmp/silence.pcap", "-n", "-tt", "--time-stamp-precision=nano")
        stamps = [float(line.split()[0]) for line in lines.splitlines() if line[:1].isdigit()]
        assert stamps, f"{witness.name} heard nothing of m3 even before the crash"
        assert max(stamps) <= (report["end_ns"] + offset_ns) / 1e9 + 0.0005
    victim.power_on()
    lab.live.follow(victim)
    assert victim.ask("cat", "/var/lib/etcd/of-the-test").strip() == "kept"
    gate.await_steady(lab, within_s=200)


def test_every_agent_shares_one_clock(lab):
    started = {}
    for machine in lab.machines():
        for path, data in machine.fetch("/var/lib/harness/events").items():
            for event in decode(data.splitlines()[:20], path):
                if isinstance(event.data, AgentStart):
                    started[machine.name, event.agent] = (event.data.boot_id, event.data.time_namespace)
    assert {name for name, _ in started} == {"m1", "m2", "m3", "client"}
    assert len(set(started.values())) == 1


def test_a_seat_is_free_until_a_container_shares_its_network(engine, lab):
    with pytest.raises(UsageError, match="no lab with a seat is up: `harness up --seats 2`"):
        session.seat(engine)
    lab.seat()
    free = session.seat(engine)
    asks = f"curl -s -m 5 --cacert /etc/harness/ca.crt https://{lab.plain.facts.vip}:{lab.plain.facts.port}/readyz"
    guest = engine.containers.create(
        images.tag("client"), ["sleep", "60"], network_mode=f"container:{free.id}", labels=lab.site.briefing.marks
    )
    try:
        guest.start()
        guest.put_archive("/", b"".join(free.get_archive("/etc/harness/ca.crt")[0]))
        assert guest.exec_run(["sh", "-c", asks.replace("/etc/harness/", "/")])[1] == b"ok"
        with pytest.raises(UsageError, match="every seat is taken"):
            session.seat(engine)
    finally:
        guest.remove(force=True)
