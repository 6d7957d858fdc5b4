"""What the API server says: answers, streams, and Status objects."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

Json = dict[str, Any]
REASONS = {
    200: "OK", 201: "Created", 400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound",
    405: "MethodNotAllowed", 409: "Conflict", 410: "Expired", 413: "RequestEntityTooLarge", 415: "UnsupportedMediaType",
    422: "Invalid", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout",
}  # fmt: skip


class Answer:
    """A whole answer: status, body and its type."""

    def __init__(self, status: int, body: bytes | Json, kind: str = "application/json") -> None:
        self.status, self.kind = status, kind
        self.body = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()


class Stream:
    """An answer whose body comes in lines, as something happens."""

    def __init__(self, lines: AsyncGenerator[bytes, None]) -> None:
        self.status, self.kind, self.lines = 200, "application/json", lines


class Refusal(Exception):
    """Ends a request with a Kubernetes Status object."""

    def __init__(self, status: int, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.reason = status, message, reason or REASONS[status]

    def answer(self) -> Answer:
        return Answer(self.status, status_object(self.status, self.message, self.reason))


def status_object(code: int, message: str, reason: str) -> Json:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }


def text(status: int, words: str) -> Answer:
    return Answer(status, words.encode(), "text/plain; charset=utf-8")
