"""kubectl 1.32 sends a ConfigMap in protobuf."""

import pytest
from kube_apiserver.protobuf import MAGIC, configmap


def field(number, value):
    return bytes([number << 3 | 2]) + length(len(value)) + value


def length(size):
    return bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])


def entry(key, value):
    return field(1, key) + field(2, value)


def body(meta, *data):
    parts = field(1, meta) + b"".join(field(2, pair) for pair in data)
    return MAGIC + field(1, field(1, b"v1") + field(2, b"ConfigMap")) + field(2, parts) + field(3, b"") + field(4, b"")


def test_names_labels_and_data_are_read():
    meta = field(1, b"a") + field(3, b"default") + b"\x38\x01" + field(8, b"\x08\x01") + field(11, entry(b"app", b"x"))
    assert configmap(body(meta, entry(b"n", b"1"), entry(b"long", b"y" * 300))) == {
        "kind": "ConfigMap",
        "metadata": {"name": "a", "namespace": "default", "labels": {"app": "x"}},
        "data": {"n": "1", "long": "y" * 300},
    }


def test_what_is_cut_off_anywhere_is_an_error_or_less():
    whole = body(field(1, b"a"), entry(b"n", b"1"))
    refused = 0
    for end in range(len(MAGIC), len(whole)):
        try:
            configmap(whole[:end])
        except ValueError:
            refused += 1
    assert refused > len(whole) // 2


@pytest.mark.parametrize("tail", [b"\x0b", b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x0a\x05ab"])
def test_what_is_malformed_is_refused(tail):
    with pytest.raises(ValueError):
        configmap(MAGIC + tail)
