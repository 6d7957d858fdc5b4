"""Files that a YAML document holds as literals (`|`): a ConfigMap's by their keys, a cloud-config's by their paths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_KEY = re.compile(r"(\s+)[\"']?([\w.-]+)[\"']?:\s*[|][-+0-9]*\s*$")
_SAID = re.compile(r"(\s*(?:-\s+)?)(path|permissions|content|encoding):\s*(.*?)\s*$")


@dataclass(frozen=True)
class Held:
    """A file by its name or path, each line where it is in the document; `runs` says whether it can be executed.

    That is None where nothing says it.
    """

    name: str
    text: str
    runs: bool | None = None


def of_configmaps(text: str) -> Iterator[Held]:
    """Yield each literal of a manifest's ConfigMaps."""
    lines = text.splitlines()
    within = False
    for number, line in enumerate(lines):
        if line and not line[0].isspace() and line[0] != "#":
            within = line.partition(":")[0] == "data" and _of_configmap(lines, number)
        elif within and (found := _KEY.match(line)):
            yield Held(found[2], _placed(lines, number, len(found[1])))


def of_cloud_config(text: str) -> Iterator[Held]:
    """Yield what `write_files` of a cloud-config writes, less what is encoded."""
    lines = text.splitlines()
    start = next((n + 1 for n, line in enumerate(lines) if line.startswith("write_files:")), len(lines))
    end = next((n for n in range(start, len(lines)) if re.match(r"[\w.]+:", lines[n])), len(lines))
    said: dict[str, str] = {}
    number = start
    while number <= end:
        found = _SAID.match(lines[number]) if number < end else None
        begins = number == end or re.match(r"\s*-\s", lines[number]) is not None
        if begins and {"path", "content"} <= said.keys() and "encoding" not in said:
            mode = said.get("permissions", "").strip("\"'")
            runs = re.fullmatch(r"0?o?[0-7]+", mode) is not None and bool(int(mode, 8) & 0o100)
            yield Held(said["path"].strip("\"'"), said["content"], runs)
        said = {} if begins else said
        if found and found[2] == "content" and found[3].startswith("|"):
            said["content"] = _placed(lines[:end], number, len(found[1]))
            number += len(list(_literal(lines[number + 1 : end], len(found[1]))))
        elif found:
            said[found[2]] = found[3]
        number += 1


def host_of(text: str) -> str:
    """Return the host that a cloud-config is for, "" where it does not say."""
    found = re.search(r"^(?:hostname|fqdn):\s*[\"']?([\w.-]+)", text, re.MULTILINE)
    return found[1] if found else ""


def _of_configmap(lines: Sequence[str], number: int) -> bool:
    """Say whether the document around a line is a ConfigMap."""
    starts = [n for n, line in enumerate(lines) if line.startswith("---")]
    first = max((n for n in starts if n <= number), default=0)
    last = min((n for n in starts if n > number), default=len(lines))
    return any(re.fullmatch(r"kind:\s*ConfigMap\s*", line) for line in lines[first:last])


def _placed(lines: Sequence[str], number: int, outer: int) -> str:
    """Return the literal whose key stands in a line, below as many empty lines as the document has before it."""
    return "\n" * (number + 1) + "".join(_literal(lines[number + 1 :], outer))


def _literal(lines: Sequence[str], outer: int) -> Iterator[str]:
    """Yield the lines of a literal, less the indent that its first line has."""
    indent = next((len(line) - len(line.lstrip()) for line in lines if line.strip()), 0)
    for line in lines if indent > outer else ():
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            return
        yield line[indent:] + "\n"
