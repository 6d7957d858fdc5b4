"""ConfigMaps, stored in etcd as Kubernetes stores them: one key each, the revision as their version."""

from __future__ import annotations

import asyncio
import datetime
import json
import re
import uuid
from collections.abc import AsyncGenerator, Mapping

from kube_apiserver import protobuf
from kube_apiserver.answers import Answer, Json, Refusal, Stream, status_object
from kube_apiserver.etcd import Etcd, Unavailable, decode

ROOT = "/registry/configmaps/"
AGAIN_S = 0.1  # etcd has ended a stream of changes → the next is asked for
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")


def _key(namespace: str | None, name: str = "") -> str:
    return f"{ROOT}{namespace}/{name}" if namespace else ROOT


def _object(value: str, revision: int | str) -> Json:
    found: Json = json.loads(value)
    found["metadata"]["resourceVersion"] = str(revision)
    return found


def _missing(name: str) -> Refusal:
    return Refusal(404, f'configmaps "{name}" not found')


class ConfigMaps:
    """The resource's verbs; each returns an Answer or raises a Refusal."""

    def __init__(self, etcd: Etcd) -> None:
        self._etcd = etcd

    async def get(self, namespace: str | None, name: str) -> Answer:
        return Answer(200, (await self._read(namespace, name))[0])

    async def list(self, namespace: str | None, query: Mapping[str, str]) -> Answer | Stream:
        if query.get("watch") in ("true", "1"):
            return await self._watch(namespace, query)
        found, revision = await self._etcd.get(_key(namespace), prefix=True)
        items = [_object(decode(kv["value"]), kv["mod_revision"]) for kv in found]
        wanted = dict(term.split("=", 1) for term in query.get("fieldSelector", "").split(",") if "=" in term)
        if "metadata.name" in wanted:
            items = [item for item in items if item["metadata"]["name"] == wanted["metadata.name"]]
        meta = {"resourceVersion": str(revision)}
        return Answer(200, {"kind": "ConfigMapList", "apiVersion": "v1", "metadata": meta, "items": items})

    async def create(self, namespace: str, body: bytes) -> Answer:
        made = _checked(body)
        meta = made.setdefault("metadata", {})
        name = meta.get("name") or (meta.get("generateName", "") and meta["generateName"] + uuid.uuid4().hex[:5])
        if not name or not _NAME.match(name):
            raise Refusal(422, f'ConfigMap "{name or ""}" is invalid: metadata.name: a lowercase DNS name is required')
        meta.update(name=name, namespace=namespace, uid=str(uuid.uuid4()))
        meta["creationTimestamp"] = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        meta.pop("resourceVersion", None)
        done, revision = await self._etcd.swap(_key(namespace, name), json.dumps(made), 0)
        if not done:
            raise Refusal(409, f'configmaps "{name}" already exists', "AlreadyExists")
        return Answer(201, _object(json.dumps(made), revision))

    async def update(self, namespace: str | None, name: str, body: bytes) -> Answer:
        new = _checked(body)
        if new.get("metadata", {}).get("name", name) != name:
            raise Refusal(400, "the name in the object is not the name in the address")
        old, revision = await self._read(namespace, name)
        asked = new.setdefault("metadata", {}).pop("resourceVersion", None)
        if asked not in (None, "", str(revision)):
            raise _conflict(name)
        keep = {k: old["metadata"].get(k) for k in ("name", "namespace", "uid", "creationTimestamp")}
        new["metadata"].update(keep)
        done, revision = await self._etcd.swap(_key(namespace, name), json.dumps(new), revision)
        if not done:
            raise _conflict(name)
        return Answer(200, _object(json.dumps(new), revision))

    async def delete(self, namespace: str | None, name: str) -> Answer:
        while True:
            old, revision = await self._read(namespace, name)
            done, _ = await self._etcd.swap(_key(namespace, name), None, revision)
            if done:
                details = {"name": name, "kind": "configmaps", "uid": old["metadata"].get("uid")}
                body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
                return Answer(200, body)

    async def _read(self, namespace: str | None, name: str) -> tuple[Json, int]:
        found, _ = await self._etcd.get(_key(namespace, name))
        if not found:
            raise _missing(name)
        revision = int(found[0]["mod_revision"])
        return _object(decode(found[0]["value"]), revision), revision

    async def _watch(self, namespace: str | None, query: Mapping[str, str]) -> Stream:
        _, now = await self._etcd.get(_key(namespace or "-", "-"))
        try:
            since = int(query.get("resourceVersion") or now)
            seconds = float(query.get("timeoutSeconds") or 1800)
        except ValueError as error:
            raise Refusal(400, f"resourceVersion and timeoutSeconds are numbers: {error}") from error
        wanted = dict(term.split("=", 1) for term in query.get("fieldSelector", "").split(",") if "=" in term)
        return Stream(self._changes(namespace, since or now, seconds, wanted.get("metadata.name")))

    async def _changes(
        self, namespace: str | None, since: int, seconds: float, name: str | None
    ) -> AsyncGenerator[bytes, None]:
        """Yield what happens behind a revision. Where etcd goes it stays, as with the real one's watch cache."""
        stream = self._etcd.watch(_key(namespace), since)
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            left = deadline - asyncio.get_running_loop().time()
            try:
                events, compacted = await asyncio.wait_for(anext(stream), left)
            except TimeoutError:
                return
            except (StopAsyncIteration, Unavailable):
                await asyncio.sleep(AGAIN_S)
                stream = self._etcd.watch(_key(namespace), since)
                continue
            if compacted:
                gone = status_object(410, f"too old resource version: {since} ({compacted})", "Expired")
                yield json.dumps({"type": "ERROR", "object": gone}).encode() + b"\n"
                return
            for event in events:
                since = max(since, int(event["kv"]["mod_revision"]))
                line = _change(event)
                if name is None or line["object"]["metadata"]["name"] == name:
                    yield json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _change(event: Json) -> Json:
    kv = event["kv"]
    if event.get("type") == "DELETE":
        return {"type": "DELETED", "object": _object(decode(event["prev_kv"]["value"]), kv["mod_revision"])}
    kind = "ADDED" if kv["create_revision"] == kv["mod_revision"] else "MODIFIED"
    return {"type": kind, "object": _object(decode(kv["value"]), kv["mod_revision"])}


def _conflict(name: str) -> Refusal:
    return Refusal(
        409,
        f'Operation cannot be fulfilled on configmaps "{name}": the object has been modified; '
        "please apply your changes to the latest version and try again",
    )


def _checked(body: bytes) -> Json:
    try:
        made = protobuf.configmap(body) if body.startswith(protobuf.MAGIC) else json.loads(body)
    except ValueError as error:
        raise Refusal(400, f"the body is neither JSON nor protobuf: {error}") from error
    if not isinstance(made, dict) or made.get("kind", "ConfigMap") != "ConfigMap":
        raise Refusal(400, "the body is not a ConfigMap")
    if not isinstance(made.get("metadata", {}), dict) or not isinstance(made.get("data") or {}, dict):
        raise Refusal(422, "metadata and data are objects")
    return {**made, "kind": "ConfigMap", "apiVersion": "v1"}
