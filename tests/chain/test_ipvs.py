import pytest

from harness.chain.compile import of as compiled
from harness.chain.failure import Kind
from harness.errors import UsageError
from tests.predict.made import predicted, profile, without_haproxy

SERVER = {r"\Z": "virtual_server 198.18.0.100 6443 {\n    protocol TCP\n}\n"}


def test_where_ipvs_alone_balances_what_clients_see_is_unknown():
    made = without_haproxy(keepalived=SERVER)
    found = predicted(made, Kind.APISERVER_DEAD)
    assert found.measures["blackout_s"].open and "IPVS" in found.measures["blackout_s"].depends
    assert found.move == predicted(without_haproxy(), Kind.APISERVER_DEAD).move
    with pytest.raises(UsageError, match="depends on what IPVS does.*it cannot be simulated"):
        compiled(made)


def test_beside_a_proxy_it_changes_nothing():
    assert predicted(profile(keepalived=SERVER), Kind.PROXY_DEAD) == predicted(profile(), Kind.PROXY_DEAD)
    assert compiled(profile(keepalived=SERVER)) == compiled(profile())
