"""A ConfigMap in protobuf, as kubectl sends it since 1.32: as much of the encoding as that takes.

Field numbers are those of generated.proto in k8s.io/api/core/v1, k8s.io/apimachinery meta/v1 and runtime.
"""

from __future__ import annotations

from collections import defaultdict

from kube_apiserver.answers import Json

MAGIC = b"k8s\0"
_VARINT, _DOUBLE, _BYTES, _SINGLE = 0, 1, 2, 5
_WIDTH = {_DOUBLE: 8, _SINGLE: 4}
_TYPE, _KIND, _RAW = 1, 2, 2
_METADATA, _DATA = 1, 2
_TEXTS = {1: "name", 2: "generateName", 3: "namespace", 6: "resourceVersion"}
_MAPS = {11: "labels", 12: "annotations"}
Fields = dict[int, list[bytes]]


def configmap(body: bytes) -> Json:
    """Return the object in a body that begins with MAGIC; raise ValueError where it is not well formed."""
    envelope = _fields(body[len(MAGIC) :])
    kind = _text(_fields(_last(envelope, _TYPE)), _KIND)
    parts = _fields(_last(envelope, _RAW))
    meta = _fields(_last(parts, _METADATA))
    metadata: Json = {name: _text(meta, number) for number, name in _TEXTS.items() if _text(meta, number)}
    metadata |= {name: _map(meta, number) for number, name in _MAPS.items() if number in meta}
    return {"kind": kind, "metadata": metadata, "data": _map(parts, _DATA)}


def _fields(data: bytes) -> Fields:
    found: Fields = defaultdict(list)
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        width = _WIDTH.get(key & 7, 0)
        if key & 7 == _VARINT:
            _, end = _varint(data, at)
        elif key & 7 == _BYTES:
            width, at = _varint(data, at)
            end = at + width
        elif width:
            end = at + width
        else:
            raise ValueError(f"wire type {key & 7} at byte {at}")
        if end > len(data):
            raise ValueError("it ends in the middle of a field")
        found[key >> 3].append(data[at:end])
        at = end
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    for end in range(at, min(at + 10, len(data))):
        if data[end] < 0x80:
            return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(data[at : end + 1])), end + 1
    raise ValueError("it ends in the middle of a number")


def _last(fields: Fields, number: int) -> bytes:
    return fields[number][-1] if number in fields else b""


def _text(fields: Fields, number: int) -> str:
    return _last(fields, number).decode()


def _map(fields: Fields, number: int) -> dict[str, str]:
    pairs = [_fields(entry) for entry in fields.get(number, [])]
    return {_text(pair, 1): _text(pair, 2) for pair in pairs}
