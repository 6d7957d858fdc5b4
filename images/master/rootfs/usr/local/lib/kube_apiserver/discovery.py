"""What clients ask before they do anything: versions, groups, resources, namespaces."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping

from kube_apiserver.answers import Answer, Json, Refusal, Stream

VERSION = {
    "major": "1",
    "minor": "20",
    "gitVersion": "v1.20.0-stub",
    "gitCommit": "0" * 40,
    "gitTreeState": "clean",
    "buildDate": "2020-12-08T00:00:00Z",
    "goVersion": "stub",
    "compiler": "stub",
    "platform": "linux/amd64",
}
_VERBS = ["create", "delete", "get", "list", "update", "watch"]
_RESOURCES = [
    {
        "name": "configmaps",
        "singularName": "",
        "namespaced": True,
        "kind": "ConfigMap",
        "verbs": _VERBS,
        "shortNames": ["cm"],
    },
    {
        "name": "namespaces",
        "singularName": "",
        "namespaced": False,
        "kind": "Namespace",
        "verbs": ["get", "list", "watch"],
    },
]
_NAMESPACES = ("default", "kube-system")


def _namespace(name: str) -> Json:
    meta = {"name": name, "uid": f"stub-{name}", "resourceVersion": "1"}
    return {"kind": "Namespace", "apiVersion": "v1", "metadata": meta, "status": {"phase": "Active"}}


async def _standing(query: Mapping[str, str], seconds: float) -> AsyncGenerator[bytes, None]:
    """Yield the namespaces where a watch begins without a version, and then nothing: they never change."""
    if query.get("resourceVersion") in (None, "", "0"):
        for name in _NAMESPACES:
            yield json.dumps({"type": "ADDED", "object": _namespace(name)}).encode() + b"\n"
    await asyncio.sleep(seconds)


def _namespaces(query: Mapping[str, str]) -> Answer | Stream:
    if query.get("watch") in ("true", "1"):
        try:
            return Stream(_standing(query, float(query.get("timeoutSeconds") or 1800)))
        except ValueError as error:
            raise Refusal(400, f"timeoutSeconds is a number: {error}") from error
    items = [_namespace(name) for name in _NAMESPACES]
    meta = {"resourceVersion": "1"}
    return Answer(200, {"kind": "NamespaceList", "apiVersion": "v1", "metadata": meta, "items": items})


def answer(path: str, query: Mapping[str, str]) -> Answer | Stream | None:
    """Return the answer for a discovery path; None where it is not one."""
    parts = path.strip("/").split("/")
    match parts:
        case ["api"]:
            return Answer(200, {"kind": "APIVersions", "versions": ["v1"]})
        case ["apis"]:
            return Answer(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": []})
        case ["api", "v1"]:
            return Answer(200, {"kind": "APIResourceList", "groupVersion": "v1", "resources": _RESOURCES})
        case ["openapi", "v2"]:
            return Answer(200, {"swagger": "2.0", "info": {"title": "stub", "version": "1"}, "paths": {}})
        case ["api", "v1", "namespaces"]:
            return _namespaces(query)
        case ["api", "v1", "namespaces", name] if name in _NAMESPACES:
            return Answer(200, _namespace(name))
    return None
