"""keepalived.conf as keepalived 2.2.7 takes it: its statements with their places, and typed views of what they say."""

from harness.profile.keepalived.block import PATH, Block, parse, render
from harness.profile.keepalived.defaults import Garp
from harness.profile.keepalived.ending import endings
from harness.profile.keepalived.instance import Instance
from harness.profile.keepalived.reading import SyncGroup, instances, sync_groups
from harness.profile.keepalived.security import Security, security
from harness.profile.keepalived.trackable import Process, Script, TrackFile, processes, scripts, track_files
from harness.profile.keepalived.tracked import Tracked, Tracking
from harness.profile.keepalived.unknown import unfollowed, unknown

__all__ = [
    "PATH",
    "Block",
    "Garp",
    "Instance",
    "Process",
    "Script",
    "Security",
    "SyncGroup",
    "TrackFile",
    "Tracked",
    "Tracking",
    "endings",
    "instances",
    "parse",
    "processes",
    "render",
    "scripts",
    "security",
    "sync_groups",
    "track_files",
    "unfollowed",
    "unknown",
]
