"""What is compared: files to columns, which are runs of ours or of other suites."""

import io
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from ..formats.events import events, whole
from ..load import LoadError
from ..records import Begin, Case, Run
from .foreign import Suite, read_junit, read_tap

MOST = 20


@dataclass(frozen=True)
class Column:
    """A run of ours. problem says why its instances are not all that there is to say; None if they are."""

    name: str
    path: str
    run: Run
    problem: str | None

    @cached_property
    def by_name(self) -> dict[str, Case]:
        """Its instances."""
        return {case.name: case for case in self.run.cases}

    @cached_property
    def counts(self) -> Counter[str]:
        """Instances by verdict word."""
        return Counter(case.verdict.word for case in self.run.cases)

    @property
    def ran(self) -> int:
        """Instances that say something about the subject."""
        return sum(1 for case in self.run.cases if case.verdict.ran)


# What tells runs apart, in the order in which a name gives it.
FACTS: dict[str, Callable[[Begin], str]] = {
    "subject": lambda begin: begin.subject,
    "target": lambda begin: begin.target,
    "kernel": lambda begin: f"{begin.system.sysname} {begin.system.release}",
    "kernel version": lambda begin: begin.system.version,
    "machine": lambda begin: begin.system.machine,
    "abi": lambda begin: begin.abi,
    "libc": lambda begin: begin.libc,
    "profile": lambda begin: begin.profile,
    "user": lambda begin: "root" if begin.root else "not root",
    "capabilities": lambda begin: " ".join(begin.caps),
    "security modules": lambda begin: begin.lsm,
    "page size": lambda begin: str(begin.page),
    "sysvet": lambda begin: begin.sysvet,
    "date": lambda begin: begin.date,
}
NAMING = ("subject", "target", "kernel", "abi", "libc", "profile", "user")


def facts(columns: list[Column]) -> dict[str, list[str]]:
    """What each column says to each of FACTS."""
    return {name: [fact(column.run.begin) for column in columns] for name, fact in FACTS.items()}


def names_of(columns: list[Column]) -> list[str]:
    """A name for each, of what differs between them: kernel, ABI, libc and if need be the date."""
    known = facts(columns)
    used = [name for name in NAMING if len(set(known[name])) > 1] or ["kernel"]
    names = ["/".join(filter(None, (known[name][n] for name in used))) for n in range(len(columns))]
    if len(set(names)) < len(names) and len(set(known["date"])) > 1:
        names = [f"{name}/{date}" for name, date in zip(names, known["date"])]
    return names


def unique(names: list[str]) -> list[str]:
    """The names, with a number behind those that come again."""
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        seen[name] += 1
        result.append(name if seen[name] == 1 else f"{name} #{seen[name]}")
    return result


def split(argument: str) -> tuple[str | None, str]:
    """Name and path of NAME=FILE; what is a file as it stands has no name."""
    name, equals, path = argument.partition("=")
    return (name, path) if equals and name and not os.path.exists(argument) else (None, argument)


def read(path: str) -> Column | Suite:
    """A file of ours or of another suite, by what it begins with. A pipe is read only once."""
    file = io.BufferedReader(io.FileIO(path), 1 << 16)
    begin = file.peek(1 << 12).lstrip(b"\xef\xbb\xbf \t\r\n")
    if begin.startswith(b"{"):
        run = whole(events(path, False, file))
        return Column("", path, run.run, run.close.trouble)
    with file:
        if begin.startswith(b"<"):
            return read_junit(path, file)
        return read_tap(path, file)


@dataclass(frozen=True)
class Inputs:
    """All columns, ours and those of others."""

    columns: list[Column]
    suites: list[Suite]


def read_all(arguments: list[str]) -> Inputs:
    """What the command line names. LoadError and OSError when one cannot be read."""
    columns: list[tuple[str | None, Column]] = []
    suites: list[Suite] = []
    for name, path in map(split, arguments):
        one = read(path)
        if isinstance(one, Column):
            columns.append((name, one))
        else:
            suites.append(replace(one, name=name or os.path.basename(path)))
    if not columns:
        raise LoadError(arguments[0], 1, 1, "found no records of ours in any file, expected those of a run")
    derived = names_of([column for _, column in columns])
    chosen = unique([name or other for (name, _), other in zip(columns, derived)])
    names = unique([suite.name for suite in suites])
    return Inputs([replace(column, name=name) for (_, column), name in zip(columns, chosen)],
                  [replace(suite, name=name) for suite, name in zip(suites, names)])
