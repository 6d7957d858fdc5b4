import pytest

from harness.profile import haproxy, needs


def of(*lines: str) -> list[haproxy.Section]:
    return haproxy.parse(
        "\n".join(["global", *(f"    {line}" for line in lines), "defaults", "    mode tcp", ""]), "h.cfg"
    )


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [([], 0), (["maxconn 20000"], 40200), (["ulimit-n 65536"], 65536), (["maxconn many"], 0), (["maxconn"], 0)],
)
def test_descriptors_are_two_a_connection_or_what_is_said(lines, wanted):
    assert needs.descriptors(of(*lines)) == wanted


def test_a_host_has_the_folders_that_haproxy_is_pointed_at():
    found = needs.folders(
        of(
            "chroot /var/lib/haproxy",
            "pidfile /var/run/haproxy/pid",
            "stats socket /opt/x/run/admin.sock mode 660",
            "stats socket unix@/opt/x/run/other.sock",
            "stats socket ipv4@127.0.0.1:9999 level admin",
        )
    )
    assert found == ["/var/lib/haproxy", "/var/run/haproxy", "/opt/x/run"]
