"""The images of nodes and clients, tagged by the hash of what they are made from."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
import tempfile
import time
from pathlib import Path

import docker
from docker.errors import APIError, BuildError, ImageNotFound

from harness import assets, disk
from harness.contracts import Passing, Progress
from harness.errors import ImageError
from harness.lab.output import Output, follow

BASE = "debian:bookworm-slim"
REPOSITORY = "failover-harness"
# Several labs may want the same image at once, of this process or another.
_BUILDING = Path(tempfile.gettempdir()) / f"failover-harness-images-{os.getuid()}.lock"


def ensure(client: docker.DockerClient, kind: str, progress: Progress) -> str:
    """Return the tag of the `master` or `client` image, building it where it is not there yet."""
    wanted = tag(kind)
    with disk.locked(_BUILDING):
        try:
            client.images.get(wanted)
        except ImageNotFound:
            _ensure_base(client, progress)
            _build(client, kind, _context(kind), wanted, progress)
    return wanted


def tag(kind: str) -> str:
    """Return the name that an image has when it is made from what lies here now."""
    return f"{REPOSITORY}/{kind}:{hashlib.sha256(_context(kind)).hexdigest()[:16]}"


def _context(kind: str) -> bytes:
    """Return the build context as a tar whose bytes depend on nothing but names, modes and contents."""
    folders = (assets.IMAGES / "common", assets.IMAGES / kind)
    members = [(path, path.relative_to(folder)) for folder in folders for path in folder.rglob("*")]
    package = [path for folder in (assets.AGENTS, assets.EVENTS) for path in folder.rglob("*.py")]
    for path in (*package, assets.AGENTS.parent / "__init__.py"):
        members.append((path, path.relative_to(assets.AGENTS.parent.parent)))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, name in sorted(members, key=lambda member: member[1]):
            if path.is_dir() or "__pycache__" in path.parts:
                continue
            info = tarfile.TarInfo(str(name))
            info.size, info.mode = path.stat().st_size, path.stat().st_mode & 0o755 | 0o644
            tar.addfile(info, io.BytesIO(path.read_bytes()))
    return buffer.getvalue()


def _build(client: docker.DockerClient, kind: str, context: bytes, tag: str, progress: Progress) -> None:
    progress(f"building the {kind} image (once; a minute or two)")
    began, said = time.monotonic(), Output()
    try:
        # The host's network: a lab engine may have no bridge, and packages must come from somewhere.
        for line in client.api.build(
            fileobj=io.BytesIO(context),
            custom_context=True,
            tag=tag,
            network_mode="host",
            rm=True,
            decode=True,
        ):
            if "error" in line:
                raise ImageError(
                    f"building the {kind} image failed: {client.api.space(line['error'].strip())}{said.last()}"
                )
            if doing := said.read(line.get("stream", "")):
                progress(Passing(f"building the {kind} image: {doing}"))
    except (APIError, BuildError) as error:
        raise ImageError(f"building the {kind} image failed: {error}{said.last()}") from error
    progress(f"built the {kind} image in {time.monotonic() - began:.0f} s")


def _ensure_base(client: docker.DockerClient, progress: Progress) -> None:
    try:
        client.images.get(BASE)
        return
    except ImageNotFound:
        progress(f"fetching {BASE}")
    try:
        client.images.pull(*BASE.split(":"))
        return
    except APIError:
        progress(f"no registry answers: making {BASE} with mmdebstrap (once; half a minute)")
    _bootstrap(client, progress)


def _bootstrap(client: docker.DockerClient, progress: Progress) -> None:
    if shutil.which("mmdebstrap") is None:
        raise ImageError(f"no registry gives {BASE}, and mmdebstrap is not installed: apt-get install mmdebstrap")
    command = ["mmdebstrap", "--variant=minbase", "--components=main", "bookworm", "-"]
    began = time.monotonic()
    with tempfile.TemporaryFile() as base:
        code, said = follow(command, f"making {BASE}", progress, result=base)
        if code:
            raise ImageError(f"mmdebstrap could not make {BASE}:{said.last()}")
        base.seek(0)
        repository, label = BASE.split(":")
        told = client.api.import_image_from_data(base.read(), repository=repository, tag=label)
    if '"error"' in told:
        raise ImageError(f"the engine did not take {BASE}: {client.api.space(told.strip())}")
    progress(f"made {BASE} in {time.monotonic() - began:.0f} s")
