"""A vrrp_instance as keepalived 2.2.7 takes it (vrrp_parser.c, and vrrp_complete_instance in vrrp.c)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.profile.keepalived.block import Block
from harness.profile.keepalived.defaults import ADVERTS, Defaults, Garp, garp
from harness.profile.keepalived.network import Network
from harness.profile.keepalived.settings import MICROSECONDS, Settings, only_name_of
from harness.profile.keepalived.tracked import OWNER, Known, Tracking, tracking
from harness.profile.where import Placed, Remark, Where

SECRET_BYTES = 8
PRIORITY = 100
MOST_ADVERT_INT_S = {2: 255.0, 3: 40.95}


@dataclass(frozen=True)
class Instance(Placed):
    """A vrrp_instance: what decides who holds its addresses, and when; times in seconds.

    Every value is the one that takes effect, `remarks` tell where it is not what is written. `addresses` are those
    that adverts carry, `excluded` the others; unless it `accepts`, a firewall of keepalived's own drops what is sent
    to either. `group` is where its adverts go unless it has peers. With `moves_mac` the addresses have a MAC of the
    router's own, which its adverts come from. `lengths` are of the prefixes that are written behind addresses. vrid 0
    or interface "": not set, and keepalived may not start.
    """

    name: str
    state: str
    interface: str
    vrid: int
    priority: int
    version: int
    advert_int_s: float
    down_timer_adverts: int
    preempts: bool
    preempt_delay_s: float
    startup_delay_s: float
    tracks_interface: bool
    strict: bool
    accepts: bool
    moves_mac: bool
    auth_type: str
    auth_pass: str
    unicast_src_ip: str | None
    unicast_peers: tuple[str, ...]
    group: str
    addresses: tuple[str, ...]
    excluded: tuple[str, ...]
    tracked: Tracking
    garp: Garp
    sync_group: str = ""
    lengths: tuple[tuple[str, int], ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def scripts(self) -> tuple[str, ...]:
        """Return the names of the scripts that it tracks."""
        return tuple(tracked.name for tracked in self.tracked.scripts)


def instance(block: Block, defaults: Defaults, known: Known) -> Instance:
    """Return what a block says over the defaults, with what is known above it to track; sync groups left aside."""
    settings = Settings(block)
    network = Network(settings)
    strict = settings.flag("strict_mode", defaults.strict)
    version = network.version or (3 if network.family == 6 else defaults.version)
    version = 3 if strict and network.family == 6 else version
    state, priority = _standing(settings, strict)
    auth_type, auth_pass = _secret(settings, strict, version, network.family)
    if auth_type == "AH" and priority != OWNER:
        state = "BACKUP"
    preempts, delay_s = _preemption(settings, state, priority, strict)
    announced = _announced(settings, defaults, strict)
    adverts = settings.whole("down_timer_adverts", defaults.down_timer_adverts, 1, 100)
    return Instance(
        where={**defaults.where, **announced.where, **_inner(block), **block.where},
        name=only_name_of(block),
        state=state,
        interface=settings.word("interface"),
        vrid=settings.whole("virtual_router_id", 0, 1, 255, exact=True),
        priority=priority,
        version=version,
        advert_int_s=_advert_int_s(settings, version),
        down_timer_adverts=ADVERTS if strict else adverts,
        preempts=preempts,
        preempt_delay_s=delay_s,
        startup_delay_s=defaults.startup_delay_s,
        tracks_interface=not any(block.all("dont_track_primary")),
        strict=strict,
        accepts=_accepts(settings, strict, version, priority),
        moves_mac=any(block.all("use_vmac")) and not any(block.all("vmac_xmit_base")),
        auth_type=auth_type,
        auth_pass=auth_pass,
        unicast_src_ip=network.source,
        unicast_peers=tuple(network.peers),
        group=network.group or defaults.groups[network.family or 4],
        addresses=tuple(network.held),
        excluded=tuple(network.excluded),
        lengths=tuple(network.lengths.items()),
        tracked=_tracked(settings, known),
        garp=announced,
        remarks=tuple(settings.remarks),
    )


def _accepts(settings: Settings, strict: bool, version: int, priority: int) -> bool:
    """Return whether it takes what is sent to its addresses; who is not their owner does not in strict version 2."""
    said = [child for child in settings.block.children if child.words[0] in ("accept", "no_accept")]
    if priority == OWNER or not said:
        return priority == OWNER or not strict
    accepts = said[-1].words[0] == "accept"
    if accepts and strict and version == 2:
        settings.remark(said[-1], "accept does not go with vrrp_strict in VRRP version 2: keepalived clears it")
        return False
    return accepts


def _inner(block: Block) -> dict[str, Where]:
    return {child.words[0]: child.place for group in block.all("authentication") for child in group.children}


def _tracked(settings: Settings, known: Known) -> Tracking:
    """Return what it tracks besides its own interface, of which only dont_track_primary has a say."""
    found, own = tracking(settings, known), settings.word("interface")
    for one in found.interfaces:
        if one.name == own:
            settings.remarks.append(Remark(one.at(""), f"{own} is its own interface: this line has no effect"))
    return replace(found, interfaces=tuple(one for one in found.interfaces if one.name != own))


def _standing(settings: Settings, strict: bool) -> tuple[str, int]:
    """Return state and priority, each of which stands in for the other: MASTER alone means the owner's 255."""
    state = ""
    for child, said in settings.given("state"):
        if said not in ("MASTER", "BACKUP"):
            settings.remark(child, f"state {said} is not known, as it is case sensitive: keepalived takes BACKUP")
            state = "BACKUP"
        elif state == "MASTER" and said == "BACKUP":
            settings.remark(child, "state BACKUP after MASTER is ignored")
        else:
            state = said
    priority = settings.whole("priority", OWNER if state == "MASTER" else PRIORITY, 1, OWNER, PRIORITY, exact=True)
    fits = "MASTER" if priority == OWNER else "BACKUP"
    if strict and state and state != fits:
        settings.remark(settings.block, f"vrrp_strict: priority {priority} makes the state {fits}")
    return (state if state and not strict else fits), priority


def _preemption(settings: Settings, state: str, priority: int, strict: bool) -> tuple[bool, float]:
    """Return whether it preempts, and after how many seconds; neither setting outlasts a start as MASTER."""
    said = [child for child in settings.block.children if child.words[0] in ("preempt", "nopreempt")]
    nopreempt = bool(said) and said[-1].words[0] == "nopreempt"
    delay_s = settings.seconds("preempt_delay", 0.0, 0.0, 1000.0, otherwise=0.0)
    if nopreempt and (state == "MASTER" or priority == OWNER):
        settings.remark(
            said[-1], f"nopreempt does not go with state {state}, priority {priority}: keepalived clears it"
        )
        nopreempt = False
    if delay_s and (state == "MASTER" or strict or nopreempt):
        because = "state MASTER" if state == "MASTER" else "nopreempt" if nopreempt else "vrrp_strict"
        last = [child for child, _ in settings.given("preempt_delay")][-1]
        settings.remark(last, f"preempt_delay does not go with {because}: keepalived clears it")
        delay_s = 0.0
    return not nopreempt, delay_s


def _advert_int_s(settings: Settings, version: int) -> float:
    """Return the interval as it is sent: version 2 has whole seconds, version 3 hundredths; half is rounded up."""
    said = settings.seconds("advert_int", 1.0, 0.01, 255.0)
    step = MICROSECONDS if version == 2 else MICROSECONDS // 100
    rounded = max(1, (round(said * MICROSECONDS) + step // 2) // step) * step / MICROSECONDS
    taken = min(rounded, MOST_ADVERT_INT_S[version])
    if taken != said:
        last = [child for child, _ in settings.given("advert_int")][-1]
        settings.remark(
            last, f"VRRP version {version} cannot carry advert_int {said:g} s: keepalived takes {taken:g} s"
        )
    return taken


def _secret(settings: Settings, strict: bool, version: int, family: int | None) -> tuple[str, str]:
    """Return the authentication's type and secret that take effect; "" for none."""
    kind = secret = ""
    for block in settings.block.all("authentication"):
        own = Settings(block)
        for child, said in own.given("auth_type"):
            kind = said if said in ("PASS", "AH") else kind
            if said not in ("PASS", "AH"):
                settings.remark(child, f"auth_type {said} is not known: keepalived ignores it")
        for child, said in own.given("auth_pass"):
            secret = said.encode("utf-8", "surrogateescape")[:SECRET_BYTES].decode(errors="surrogateescape")
            if secret != said:
                settings.remark(child, f"of auth_pass only the first {SECRET_BYTES} bytes count")
    if kind and (strict or version == 3 or not secret or (family == 6 and kind == "AH")):
        settings.remark(settings.block, "authentication is ignored: it takes a secret, version 2, and no vrrp_strict")
        return "", ""
    return (kind, secret) if kind else ("", "")


def _announced(settings: Settings, defaults: Defaults, strict: bool) -> Garp:
    """Return how moves are announced; an advert of lower priority is answered as global_defs says, or never."""
    shared = defaults.garp
    own = garp(settings, replace(shared, lower_delay_s=None, lower_repeat=None))
    delay_s = shared.delay_s if shared.lower_delay_s is None else shared.lower_delay_s
    repeat = shared.repeat if shared.lower_repeat is None else shared.lower_repeat
    return replace(
        own,
        lower_delay_s=0 if strict else delay_s if own.lower_delay_s is None else own.lower_delay_s,
        lower_repeat=0 if strict else repeat if own.lower_repeat is None else own.lower_repeat,
    )
