"""What a C library does to structures, as a page of Markdown: from what real/layouts/layouts.c says of it.

Its lines are, of the library and of one that is right (for that one only those of an argument "members"):

    deviates  msqid_ds.msg_qnum  bytes 90 to 91 of 104: found 0; expected 1
    deviates  msqid_ds  bytes 104 to 119, behind the structure of 104: found 0x00
    deviates  msgrcv  is not declared as ssize_t (int, void *, size_t, long, int)
    member    msqid_ds.msg_qnum  bytes 80 to 87 of 120
"""

from collections.abc import Iterator
from dataclasses import dataclass
import re
from textwrap import wrap

WIDTH = 108
CLAUSES = {"msqid_ds": "MSGH-ds-1", "semid_ds": "SEMH-ds-1", "shmid_ds": "SHMH-ds-1"}
MEMBER = re.compile(r"(?:deviates|member) +(\w+)\.(\S+) +bytes (\d+) to (\d+) of (\d+)(?:: (.*))?$")
REST = re.compile(r"deviates +(\w+) +bytes (\d+) to (\d+), behind the structure of (\d+): ")
FUNCTION = re.compile(r"deviates +(\w+) +is not declared as (.*)$")


@dataclass(frozen=True)
class Wrong:
    """One thing that is not as it should be: a sentence, its clause, and whether memory is overwritten."""

    sentence: str
    clause: str


def filled(text: str, indent: str = "") -> str:
    """Text in lines that are not too long."""
    return "\n".join(wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False,
                          break_on_hyphens=False))


def places(lines: list[str]) -> dict[tuple[str, str], str]:
    """Where members lie, by structure and name; libraries hide the names of some behind underscores."""
    found = (MEMBER.match(line) for line in lines)
    return {(m[1], m[2].replace("__", "")): f"{m[3]} to {m[4]}" for m in found if m}


def wrongs(lines: list[str], right: dict[tuple[str, str], str]) -> Iterator[Wrong]:
    """What the lines say: structures that are too small, members that lie elsewhere, functions."""
    for line in lines:
        if rest := REST.match(line):
            name, first, last, size = rest.groups()
            yield Wrong(f"struct {name} has {size} bytes, and the kernel stores {int(last) + 1}: bytes "
                        f"{first} to {last}, behind the caller's structure, are overwritten by IPC_STAT.",
                        CLAUSES[name])
    for line in lines:
        if (member := MEMBER.match(line)) and member[6]:
            structure, name, first, last = member.groups()[:4]
            yield Wrong(f"`{name}` of struct {structure} is looked for in bytes {first} to {last}; the "
                        f"kernel stores it in bytes {right[structure, name]}.", CLAUSES[structure])
    for line in lines:
        if function := FUNCTION.match(line):
            yield Wrong(f"`{function[1]}` is not declared as `{function[2]}`.",
                        f"XSH {function[1]}, SYNOPSIS")


def page(name: str, lines: list[str], right: dict[tuple[str, str], str], build: str,
         notes: str = "") -> Iterator[str]:
    """The parts of the page."""
    found = list(wrongs(lines, right))
    yield f"# Findings: {name}\n"
    yield filled("Written by `sysvet-report layouts` from what `real/layouts/layouts.c` says when it is "
                 f"built with {name} on 64-bit x86: {len(found)} things are not as its headers or the "
                 "standard say. They deviate from POSIX and from Linux alike, but for `msg_cbytes`, which "
                 "POSIX does not have. Publicly known: none found in a search of public reports.") + "\n"
    yield f"Reproducer:\n\n```sh\n{build} -o layouts real/layouts/layouts.c && unshare --ipc ./layouts\n```\n"
    for number, wrong in enumerate(found, 1):
        yield f"## Finding {number}\n"
        yield filled(wrong.sentence) + "\n"
        yield f"* clause: {wrong.clause}\n"
    yield notes


def layouts(name: str, said: str, right: str, build: str, notes: str, output: str) -> int:
    """Writes the page; notes is a file of Markdown that ends it, or empty."""
    more = ""
    if notes:
        with open(notes, encoding="utf-8") as file:
            more = file.read()
    with open(said, encoding="utf-8") as file:
        lines = file.read().splitlines()
    with open(right, encoding="utf-8") as file:
        members = places(file.read().splitlines())
    text = "\n".join(page(name, lines, members, build, more)).rstrip("\n") + "\n"
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)
    return 0
