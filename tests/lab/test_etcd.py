import json

import pytest

from harness.lab import etcd
from harness.select import EtcdLeader


class Member:
    def __init__(self, said: str) -> None:
        self.said = said

    def ask(self, *command: str) -> str:
        return self.said


def status(member: int, leader: int) -> str:
    return json.dumps([{"Endpoint": "x", "Status": {"header": {"member_id": member}, "leader": leader}}])


@pytest.mark.parametrize(
    ("said", "leads"),
    [
        (status(7, 7), True),
        (status(7, 8), False),
        ("", False),
        ("Error: context deadline exceeded", False),
        ("[]", False),
    ],
)
def test_who_says_that_it_leads_does(said, leads):
    assert etcd.leads(Member(said)) is leads  # type: ignore[arg-type]


@pytest.mark.lab
def test_one_of_a_labs_members_leads_and_is_picked(lab):
    leaders = [name for name, node in lab.nodes.items() if etcd.leads(node)]
    assert len(leaders) == 1
    assert EtcdLeader().pick(lab.live) == leaders[0]
