"""The API: who may ask, which part answers, and how it refuses; the same for both of HTTP's versions."""

from __future__ import annotations

import argparse
import hmac
import re
import traceback
import urllib.parse
from collections.abc import Mapping
from pathlib import Path

from kube_apiserver import discovery
from kube_apiserver.answers import Answer, Refusal, Stream
from kube_apiserver.configmaps import ConfigMaps
from kube_apiserver.etcd import Etcd, Full, Unavailable
from kube_apiserver.health import Health

MAX_BODY = 1 << 20
IDLE_S = 90  # when a connection without a request ends (k8s.io/apiserver, secure_serving.go)
# While this file is there, its status answers every request: a server that is sick, or knows nobody.
FORCED = Path("/run/harness/apiserver-status")
_HEALTH = re.compile(r"/(livez|readyz|healthz|version)(/|$)")
# What system:public-info-viewer lets everybody read, by GET alone: no single check, and not by HEAD.
_OPEN_TO_ALL = frozenset(("/livez", "/readyz", "/healthz", "/version", "/version/"))
_MAPS = re.compile(r"/api/v1(?:/namespaces/(?P<namespace>[^/]+))?/configmaps(?:/(?P<name>[^/]+))?$")


class Api:
    """Answers requests of every connection."""

    def __init__(self, options: argparse.Namespace) -> None:
        host, _, port = options.etcd_servers.rpartition("/")[2].partition(":")
        self.node, self._token, self._anonymous = options.node_name, options.token.encode(), options.anonymous_auth
        etcd = Etcd(host, int(port), options.etcd_timeout)
        self.health, self._maps = Health(etcd), ConfigMaps(etcd)

    async def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | Stream:
        """Return what there is to say to a request, whose headers' names are in lower case."""
        try:
            return await self._answer(method, target, headers, body)
        except Refusal as refusal:
            return refusal.answer()
        except Full as error:  # no error that the real one's storage knows by name
            return Refusal(500, str(error)).answer()
        except Unavailable as error:
            return Refusal(504, f"etcd: {error}").answer()
        except Exception:
            traceback.print_exc()
            return Refusal(500, f"{method} {target} broke the apiserver; its log says how").answer()

    async def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Answer | Stream:
        if FORCED.exists():
            status, _, whom = FORCED.read_text().partition(" ")
            if whom != "anonymous" or not headers.get("authorization"):
                raise Refusal(int(status), "told to say so")
        address = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(address.query, keep_blank_values=True))
        self._admit(method, address.path, headers.get("authorization", ""))
        if _HEALTH.match(address.path):
            if address.path.rstrip("/") == "/version":
                return Answer(200, discovery.VERSION)
            return await self.health.answer(address.path, urllib.parse.parse_qs(address.query, keep_blank_values=True))
        if found := _MAPS.match(address.path):
            return await self._configmap(method, found["namespace"], found["name"], query, body)
        answer = discovery.answer(address.path, query)
        if answer is None:
            raise Refusal(404, f"the server could not find {address.path}")
        if method != "GET":
            raise Refusal(405, f"{method} is not allowed on {address.path}")
        return answer

    def _admit(self, method: str, path: str, authorization: str) -> None:
        """Refuse whom the real one refuses: a wrong token everywhere, nobody in particular but for health."""
        if authorization:
            given = authorization.removeprefix("Bearer ")
            if not hmac.compare_digest(given.encode(), self._token):
                raise Refusal(401, "Unauthorized")
        elif not self._anonymous:
            raise Refusal(401, "Unauthorized")
        elif method != "GET" or path not in _OPEN_TO_ALL:
            verb = method.lower()
            raise Refusal(403, f'forbidden: User "system:anonymous" cannot {verb} path "{path}"')

    async def _configmap(
        self, method: str, namespace: str | None, name: str | None, query: Mapping[str, str], body: bytes
    ) -> Answer | Stream:
        match method, name:
            case "GET", None:
                return await self._maps.list(namespace, query)
            case "GET", str():
                return await self._maps.get(namespace, name)
            case "POST", None if namespace:
                return await self._maps.create(namespace, body)
            case "PUT", str():
                return await self._maps.update(namespace, name, body)
            case "DELETE", str():
                return await self._maps.delete(namespace, name)
        raise Refusal(405, f"{method} is not allowed here")
