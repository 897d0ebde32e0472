"""TAP and JUnit XML of other suites, to be shown beside ours and for nothing else."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from ..load import LoadError

LONGEST = 200       # characters of a message that are kept
DEEPEST = 100       # tests within tests; nobody who means well has so many


@dataclass(frozen=True)
class Result:
    """What became of a test: status is a word of formats/status.py."""

    status: str
    message: str


@dataclass(frozen=True)
class Suite:
    """A file of another suite. problem says why its tests are not all; None if they are."""

    name: str
    path: str
    kind: str
    results: dict[str, Result]
    problem: str | None

    @property
    def counts(self) -> Counter[str]:
        """Tests by status word."""
        return Counter(result.status for result in self.results.values())


def named(results: Iterable[tuple[str, Result]]) -> dict[str, Result]:
    """The tests by name; one that comes again has a number behind it."""
    made: dict[str, Result] = {}
    seen: Counter[str] = Counter()
    for name, result in results:
        seen[name] += 1
        made[name if seen[name] == 1 else f"{name} #{seen[name]}"] = result
    return made


# ---- TAP and KTAP ------------------------------------------------------------------------------------

TEST = re.compile(r"( *)(ok|not ok)\b *(\d*) *(?:- *)?((?:[^\\#]|\\.?)*)(?:#\s*(.*))?$")
PLAN = re.compile(r"( *)1\.\.(\d+)")
VERSION = re.compile(r" *K?TAP version \d+")
BAIL = re.compile(r" *Bail out! *(.*)", re.I)
DIRECTIVES = {"skip": "skip", "todo": "known", "xfail": "known", "error": "error"}


@dataclass
class Level:
    """Tests of one indentation that no test further out has summed up yet. depth is that of tests in them."""

    depth: int = 0
    planned: int | None = None
    seen: int = 0
    results: list[tuple[str, Result]] = field(default_factory=list)


@dataclass
class Tap:
    """What was read so far, by indentation. A test that follows indented ones is their sum."""

    levels: dict[int, Level] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    tests: int = 0

    def line(self, text: str) -> None:
        """Takes one line; what is not TAP is no concern of ours."""
        if match := TEST.match(text):
            self.test(len(match[1]), match[2] == "ok", match[4].strip(), match[5] or "")
        elif match := PLAN.match(text):
            self.level(len(match[1])).planned = int(match[2])
        elif match := BAIL.match(text):
            self.problems.append(f"it bailed out: {match[1][:LONGEST]}")

    def level(self, indent: int) -> Level:
        """Where tests of this indentation are gathered."""
        return self.levels.setdefault(indent, Level())

    def test(self, indent: int, good: bool, name: str, directive: str) -> None:
        """Takes the result of a test, and what it sums up."""
        self.tests += 1
        word = directive.split(" ", 1)[0].rstrip(":").lower()
        status = DIRECTIVES.get(word) or ("pass" if good else "fail")
        if word == "todo" and good:
            status = "pass"
        inner, depth = self.inner(indent)
        level = self.level(indent)
        level.seen += 1
        level.depth = max(level.depth, depth)
        name = re.sub(r"\\([\\#])", r"\1", name) or f"test {level.seen}"
        level.results += [(f"{name}/{child}", result) for child, result in inner]
        told = good or any(result.status in ("fail", "error") for _, result in inner)
        if not inner or not told:
            level.results.append((name, Result(status, directive.strip()[:LONGEST])))

    def inner(self, indent: int) -> tuple[list[tuple[str, Result]], int]:
        """The tests further in, which are summed up now, and how deep they are within each other."""
        results: list[tuple[str, Result]] = []
        depth = 0
        for deeper in sorted(key for key in self.levels if key > indent):
            level = self.levels.pop(deeper)
            results += self.close(level)
            depth = max(depth, level.depth + 1)
        if depth > DEEPEST:
            raise ValueError(f"found more than {DEEPEST} tests within each other, expected fewer")
        return results, depth

    def close(self, level: Level) -> list[tuple[str, Result]]:
        """The tests of a level that has come to its end."""
        if level.planned is not None and level.planned != level.seen:
            self.problems.append(f"{level.planned} tests were planned, and {level.seen} have a result")
        return level.results


def read_tap(path: str, file: BinaryIO) -> Suite:
    """TAP of any version or KTAP. LoadError when there is nothing like it in the file."""
    tap = Tap()
    known = False
    for number, raw in enumerate(file, 1):
        text = raw.decode(errors="backslashreplace").rstrip("\r\n")
        known = known or bool(VERSION.match(text) or PLAN.match(text))
        try:
            tap.line(text)
        except ValueError as bad:
            raise LoadError(path, number, 1, str(bad)) from None
    if not known:
        raise LoadError(path, 1, 1, "found neither records, nor TAP with a version or a plan, nor JUnit XML")
    results, _ = tap.inner(-1)
    return Suite("", path, "TAP", named(results), "; ".join(tap.problems) or None)


# ---- JUnit -------------------------------------------------------------------------------------------

ELEMENTS = {"failure": "fail", "error": "error", "skipped": "skip"}


class JUnit:
    """Reads a document without ever expanding an entity: a file of others may be hostile."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.begin
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.suites: list[str] = []
        self.open: list[str] = []
        self.test: tuple[str, Result] | None = None
        self.results: list[tuple[str, Result]] = []

    def refuse(self, *_: object) -> None:
        """JUnit XML has no document type, and one could hold anything."""
        raise ValueError("found a document type, expected none in JUnit XML")

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """The begin of an element."""
        if not self.open and tag not in ("testsuites", "testsuite"):
            raise ValueError(f"found <{tag[:LONGEST]}>, expected <testsuites> or <testsuite>")
        if len(self.open) > DEEPEST:
            raise ValueError(f"found more than {DEEPEST} elements within each other, expected fewer")
        self.open.append(tag)
        if tag == "testsuite":
            self.suites.append(attributes.get("name", ""))
        elif tag == "testcase":
            place = attributes.get("classname") or "/".join(filter(None, self.suites))
            name = attributes.get("name", "")
            self.test = (f"{place}/{name}" if place else name, Result("pass", ""))
        elif tag in ELEMENTS and self.test:
            message = attributes.get("message") or attributes.get("type") or ""
            self.test = (self.test[0], Result(ELEMENTS[tag], message[:LONGEST]))

    def end(self, tag: str) -> None:
        """The end of one."""
        self.open.pop()
        if tag == "testsuite":
            self.suites.pop()
        elif tag == "testcase" and self.test:
            self.results.append(self.test)
            self.test = None


def read_junit(path: str, file: BinaryIO) -> Suite:
    """JUnit XML. A document that breaks off keeps its tests; LoadError when it is something else."""
    document = JUnit()
    problem = None
    try:
        document.parser.ParseFile(file)
    except expat.ExpatError as bad:
        if not document.open:
            raise LoadError(path, bad.lineno, bad.offset + 1, f"found no JUnit XML ({bad})") from None
        problem = f"it is damaged or was cut off: {bad}"
    except ValueError as bad:
        line, column = document.parser.CurrentLineNumber, document.parser.CurrentColumnNumber
        raise LoadError(path, line, column + 1, str(bad)) from None
    return Suite("", path, "JUnit", named(document.results), problem)
