"""The shipped profiles' scripts, tried where they have changed, or all `--anew`; then docs/scripts.md is written.

What two profiles have in common, files and places alike, is tried once.
"""

from __future__ import annotations

import sys
from pathlib import Path

from msgspec.structs import replace

from harness import assets
from harness.lab import engine, tryout
from harness.profile import tried
from harness.profile.folder import load, shipped
from harness.report.tried import markdown

PAGE = assets.ROOT / "docs" / "scripts.md"
HEAD = """\
# What check scripts do

`harness profile check` runs every check script of a profile, and what keepalived calls when it changes its state, as
keepalived does: without a shell, as their user, with their time limit; in each state of the chain, on a machine of a
lab in which keepalived itself is idle. What comes of it, the script table, is stored beside the profile as
`.script-table.json`, and `predict`, `simulate` and `lint` go by it before they go by a script's text, for as long as
nothing has changed that a script depends on ([decision 0012](decisions/0012-scripts-are-tried.md)). *By turns* means
that runs differed. Whoever is out of service has been evicted, unless the state says otherwise.

These are the shipped profiles'; `python -m bench.scripts` writes this page.

"""


def page(profiles: Path = assets.PROFILES) -> str:
    """Return docs/scripts.md as the stored tables have it."""
    known = ((folder.name, tried.read(folder)) for folder in shipped(profiles))
    return HEAD + "\n".join(markdown(name, table) for name, table in known if table)


def main(anew: bool) -> None:
    """Try what is not tried yet, and write the page."""
    client = engine.find(print)
    known: dict[str, tried.Row] = {}
    for folder in shipped(assets.PROFILES):
        profile = load(folder)
        if anew or tryout.untried(profile):
            keys = [one.key(profile) for one in tryout.subjects(profile)]
            print(f"{profile.name}: {len(keys)} scripts", flush=True)
            if not known.keys() >= set(keys):
                about = tryout.table(client, profile, print)
                known |= {row.key: row for row in about.rows}
            if why := tried.write(folder, replace(about, rows=tuple(known[key] for key in keys))):
                sys.exit(why)
    PAGE.write_text(page())


if __name__ == "__main__":
    main("--anew" in sys.argv[1:])
