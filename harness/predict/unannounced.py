"""How long clients look for a VIP in vain whose owner is back and, in its own eyes, has never lost it."""

from __future__ import annotations

from collections.abc import Mapping

from harness.chain.chain import Chain
from harness.chain.failure import Failure
from harness.chain.setting import of_instance
from harness.clock import Bounds
from harness.predict.interval import Predicted

# Until who answers no longer is asked for anew, by everybody: Linux' greatest reachable_time, then
# delay_first_probe_time, and three probes retrans_time apart, each up to 8/63 late (LVL_GRAN and LVL_START in
# kernel/time/timer.c). 48.3 and 56.9 s were seen.
ASKED_ANEW_S = (45.0 + 5.0 + 3.0) * (1 + 8 / 63)


def unannounced(chain: Chain, failure: Failure, measures: Mapping[str, Predicted]) -> dict[str, Predicted]:
    """Return the blackouts with the one after healing in them; none where the VIP does not come back.

    Neither who gives way nor who is back announces anything (vrrp_state_master_rx and _tx in vrrp.c of keepalived
    2.2.7), but for garp_master_refresh: clients go on sending to who has let the VIP go, and that one may forward it.
    With use_vmac they send to the VIP's own MAC, and a switch learns from the next advert where that is.
    """
    back = measures.get("failback_s")
    if back is None or back.bounds is None:
        return {}
    own = chain.instance(failure.node)
    longest_s = ASKED_ANEW_S
    why = f"after healing nobody announces the VIP: a client on its link asks anew within {longest_s:.0f} s"
    refreshed_s = own.garp.refresh_s + own.advert_int_s
    if own.garp.refresh_s and refreshed_s < longest_s:
        longest_s, why = refreshed_s, "after healing, until the VIP is announced again"
    if own.moves_mac and own.advert_int_s < longest_s:
        longest_s, why = own.advert_int_s, "after healing, until an advert tells the switch where the VIP's own MAC is"
    cited, found = of_instance(own, "garp_master_refresh"), {}
    for name in ("healing_blackout_s", "blackout_s", "connect_blackout_s"):
        known = measures[name].bounds if name in measures else None
        if known is not None:
            found[name] = Predicted(Bounds(known.min, max(known.max, longest_s)), None, why, cited)
    return found
