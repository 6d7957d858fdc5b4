"""The command line: the real one's words where it has them."""

from __future__ import annotations

import argparse
import re


def read(words: list[str] | None = None) -> argparse.Namespace:
    """Return the options, with the token that they name; raise OSError where its file cannot be read."""
    parser = argparse.ArgumentParser(prog="kube-apiserver", description="A stub apiserver before a real etcd.")
    parser.add_argument("--secure-port", type=int, default=6443)
    parser.add_argument("--bind-address", default="0.0.0.0")
    parser.add_argument("--tls-cert-file", required=True)
    parser.add_argument("--tls-private-key-file", required=True)
    parser.add_argument("--etcd-servers", default="http://127.0.0.1:2379")
    parser.add_argument("--etcd-timeout", type=duration, default=2.0)
    parser.add_argument("--token-file", required=True)
    parser.add_argument("--anonymous-auth", type=switch, default=True)
    parser.add_argument("--node-name", default="node")
    parser.add_argument("--shutdown-delay-duration", type=duration, default=0.0)
    parser.add_argument("--boot-s", type=float, default=0.0, help="how long nothing listens yet, as with the real one")
    options = parser.parse_args(words)
    with open(options.token_file) as file:
        options.token = file.read().strip()
    return options


def duration(text: str) -> float:
    """Return the seconds that a Go duration such as 5s, 1m30s or 250ms means."""
    if not re.fullmatch(r"(\d+(\.\d+)?(ms|s|m|h))+|0", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration such as 5s or 1m30s")
    unit_s = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    return sum(float(n) * unit_s[unit] for n, unit in re.findall(r"([\d.]+)(ms|s|m|h)", text))


def switch(text: str) -> bool:
    """Return what a Go flag's value means."""
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return text.lower() == "true"
