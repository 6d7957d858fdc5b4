"""Questions to a trial's measures, one file each. A check is a dataclass with `findings(history, measures)`."""

from harness.checks.blackout_within import BlackoutWithin
from harness.checks.dual_master_within import DualMasterWithin
from harness.checks.error_rate_below import ErrorRateBelow
from harness.checks.evicts import Evicts
from harness.checks.fails_back import FailsBack
from harness.checks.no_acknowledged_write_lost import NoAcknowledgedWriteLost
from harness.checks.no_dual_master import NoDualMaster
from harness.checks.no_request_fails import NoRequestFails
from harness.checks.no_write_acknowledged import NoWriteAcknowledged
from harness.checks.not_evicted import NotEvicted
from harness.checks.quorum_held import QuorumHeld
from harness.checks.quorum_lost import QuorumLost
from harness.checks.readmits import Readmits
from harness.checks.recovers_within import RecoversWithin
from harness.checks.steady_state import SteadyState
from harness.checks.took_effect import TookEffect
from harness.checks.vip_moves import VipMoves
from harness.checks.vip_stays import VipStays
from harness.checks.watch_stall_within import WatchStallWithin
from harness.checks.within_prediction import WithinPrediction
from harness.checks.writes_refused import WritesRefusedWithoutQuorum

__all__ = [
    "BlackoutWithin",
    "DualMasterWithin",
    "ErrorRateBelow",
    "Evicts",
    "FailsBack",
    "NoAcknowledgedWriteLost",
    "NoDualMaster",
    "NoRequestFails",
    "NoWriteAcknowledged",
    "NotEvicted",
    "QuorumHeld",
    "QuorumLost",
    "Readmits",
    "RecoversWithin",
    "SteadyState",
    "TookEffect",
    "VipMoves",
    "VipStays",
    "WatchStallWithin",
    "WithinPrediction",
    "WritesRefusedWithoutQuorum",
]
