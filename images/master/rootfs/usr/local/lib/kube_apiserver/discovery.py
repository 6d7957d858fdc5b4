"""What kubectl asks before it does anything: versions, groups, resources, namespaces."""

from __future__ import annotations

from kube_apiserver.answers import Answer, Json

VERSION = {"major": "1", "minor": "20", "gitVersion": "v1.20.0-stub", "platform": "linux/amd64", "goVersion": "stub"}
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
    {"name": "namespaces", "singularName": "", "namespaced": False, "kind": "Namespace", "verbs": ["get", "list"]},
]
_NAMESPACES = ("default", "kube-system")


def _namespace(name: str) -> Json:
    meta = {"name": name, "uid": f"stub-{name}", "resourceVersion": "1"}
    return {"kind": "Namespace", "apiVersion": "v1", "metadata": meta, "status": {"phase": "Active"}}


def answer(path: str) -> Answer | None:
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
            items = [_namespace(name) for name in _NAMESPACES]
            return Answer(200, {"kind": "NamespaceList", "apiVersion": "v1", "metadata": {}, "items": items})
        case ["api", "v1", "namespaces", name] if name in _NAMESPACES:
            return Answer(200, _namespace(name))
    return None
