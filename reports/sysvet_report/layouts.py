"""Where the structures of a C library lie and how its functions are declared, as a part of a page in
Markdown: from what real/layouts/layouts.c says of it, and of one that is right.

Its lines are, when it is run and with an argument "members":

    deviates  msgrcv  is not declared as ssize_t (int, void *, size_t, long, int)
    member    msqid_ds.msg_qnum  bytes 80 to 87 of 120
"""

from collections.abc import Iterator
import re

from .findings import filled

CLAUSES = {"msqid_ds": "MSGH-ds-1", "semid_ds": "SEMH-ds-1", "shmid_ds": "SHMH-ds-1",
           "shminfo": "LINUX-SHMINFO-1"}
MEMBER = re.compile(r"member +(\w+)\.(\S+) +bytes (\d+) to (\d+) of (\d+)$")
FUNCTION = re.compile(r"deviates +(\w+) +is not declared as (.*)$")


def places(lines: list[str]) -> dict[tuple[str, str], str]:
    """Where members lie, by structure and name; libraries hide the names of some behind underscores."""
    found = (MEMBER.match(line) for line in lines)
    return {(m[1], m[2].replace("__", "")): f"{m[3]} to {m[4]}" for m in found if m}


def undeclared(lines: list[str]) -> Iterator[str]:
    """Functions that are not declared as they should be: a sentence each."""
    for line in lines:
        if function := FUNCTION.match(line):
            yield f"`{function[1]}` is not declared as `{function[2]}` (XSH {function[1]}, SYNOPSIS)."


def table(its: dict[tuple[str, str], str], right: dict[tuple[str, str], str]) -> Iterator[str]:
    """Members that do not lie where they should."""
    yield "| member | looked for in bytes | stored in bytes | clause |"
    yield "|---|---|---|---|"
    for (structure, name), place in its.items():
        if place != right[structure, name]:
            yield f"| `{structure}.{name}` | {place} | {right[structure, name]} | {CLAUSES[structure]} |"


def section(name: str, said: list[str], its: list[str], right: list[str], build: str) -> Iterator[str]:
    """The part of the page."""
    yield "## Where members lie, and how functions are declared\n"
    yield filled(f"What `real/layouts/layouts.c` says when it is built with {name}: which bytes of what the "
                 "kernel stores are taken for which member.") + "\n"
    yield f"```sh\n{build} -o layouts real/layouts/layouts.c && unshare --ipc ./layouts\n```\n"
    yield from table(places(its), places(right))
    yield ""
    for sentence in undeclared(said):
        yield filled(f"* {sentence}", "  ")
    yield ""


def layouts(name: str, said: str, its: str, right: str, build: str, output: str) -> int:
    """Writes that part."""
    lines = {}
    for path in (said, its, right):
        with open(path, encoding="utf-8") as file:
            lines[path] = file.read().splitlines()
    with open(output, "w", encoding="utf-8") as file:
        file.write("\n".join([*section(name, lines[said], lines[its], lines[right], build), ""]))
    return 0
