"""What is compared: files to columns, which are runs of ours or of other suites."""

import io
import os
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import BinaryIO

from ..console import is_log
from ..formats.events import events, whole
from ..load import LoadError
from .answers import FACTS, Answer, Answers, answers_of
from .foreign import Suite, read_junit, read_tap
from .space import read_matrix

MOST = 40
NAMING = ("subject", "target", "kernel", "abi", "libc", "profile", "user")
MATRIX = re.compile(rb'\{\s*"record"\s*:\s*"matrix"')


@dataclass(frozen=True)
class Column:
    """A run of ours under the name that it has in the comparison."""

    name: str
    made: Answers

    @property
    def answers(self) -> dict[str, Answer]:
        """Its instances."""
        return self.made.answers

    @property
    def problem(self) -> str | None:
        """Why they are not all that there is to say."""
        return self.made.problem

    @cached_property
    def counts(self) -> Counter[str]:
        """Instances by verdict word."""
        return Counter(answer.verdict.word for answer in self.answers.values())

    @cached_property
    def ran(self) -> set[str]:
        """Instances that say something about the subject."""
        return {name for name, answer in self.answers.items() if answer.verdict.ran}


def facts(files: list[Answers]) -> dict[str, list[str]]:
    """What each file says to each of FACTS; empty where it does not say."""
    return {name: [file.facts.get(name, "") for file in files] for name in FACTS}


def names_of(files: list[Answers]) -> list[str]:
    """A name for each, of what differs between them: kernel, ABI, libc; and the date of those that are still
    alike."""
    known = facts(files)
    used = [name for name in NAMING if len(set(known[name])) > 1] or ["kernel"]
    names = ["/".join(filter(None, (known[name][n] for name in used))) for n in range(len(files))]
    times = Counter(names)
    dates = Counter(zip(names, known["date"]))
    return [f"{name}/{date}" if date and times[name] > dates[name, date] else name
            for name, date in zip(names, known["date"])]


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


def read_records(path: str, file: BinaryIO) -> Answers:
    """Records of a run, as far as they are good."""
    run = whole(events(path, False, file))
    return answers_of(run.run, run.close.lost)


def read(path: str) -> Answers | Suite:
    """A file of ours or of another suite, by what it begins with. A pipe is read only once."""
    file = io.BufferedReader(io.FileIO(path), 1 << 16)
    begin = file.peek(1 << 12).lstrip(b" \t\r\n")
    if MATRIX.match(begin):
        return read_matrix(path, file)
    if begin.startswith(b"{"):
        return read_records(path, file)
    with file:
        content = file.read()
    if is_log(content):
        return read_records(path, io.BytesIO(content))
    other = read_junit if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else read_tap
    return other(path, io.BytesIO(content))


@dataclass(frozen=True)
class Inputs:
    """All columns, ours and those of others."""

    columns: list[Column]
    suites: list[Suite]


def read_all(arguments: list[str]) -> Inputs:
    """What the command line names. LoadError and OSError when one cannot be read."""
    files: list[tuple[str | None, Answers]] = []
    suites: list[Suite] = []
    for name, path in map(split, arguments):
        one = read(path)
        if isinstance(one, Answers):
            files.append((name, one))
        else:
            suites.append(replace(one, name=name or os.path.basename(path)))
    if not files:
        raise LoadError(arguments[0], 1, 1, "found no records of ours in any file, expected those of a run")
    derived = names_of([file for _, file in files])
    chosen = unique([name or other for (name, _), other in zip(files, derived)])
    names = unique([suite.name for suite in suites])
    return Inputs([Column(name, file) for (_, file), name in zip(files, chosen)],
                  [replace(suite, name=name) for suite, name in zip(suites, names)])
