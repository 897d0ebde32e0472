"""Files to values. Every error names file, line, column, what was found and what was expected."""

import functools
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from itertools import chain
from types import NoneType, UnionType
from typing import Any, BinaryIO, Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from .console import Console, is_log, streams_of, trouble_in
from .records import (MODES, Begin, Calls, Case, CodeCoverage, Describe, Docs, End, FaultEnd, FaultRun,
                      Format, Header, Matrix, MatrixBegin, MatrixEnd, MatrixMap, MatrixOperation, MatrixRule,
                      Mutant, Outcome, Requirement, Run)
from .verdicts import VERDICTS, Verdict

T = TypeVar("T")
Reader = Callable[[Any], Any]
LONGEST = 40    # characters of what was found that an error shows


class LoadError(Exception):
    """The text is `file:line:column: what was found, what was expected`; columns count characters from 1."""

    def __init__(self, path: str, line: int, column: int, what: str) -> None:
        super().__init__(f"{path}:{line}:{column}: {what}")


class Torn(LoadError):
    """The last line was cut off in the middle. The records before it count."""


class Mismatch(Exception):
    """A value is not what its field declares. path leads to it, from the outermost object inwards."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__()
        self.found = found
        self.expected = expected
        self.path: list[str | int] = []

    def inside(self, key: str | int) -> "Mismatch":
        """The same mismatch, seen from the object or list that holds the value under key."""
        self.path.insert(0, key)
        return self

    def __str__(self) -> str:
        names = [key for key in self.path if isinstance(key, str)]
        where = f' in "{names[-1]}"' if names else ""
        return f"found {self.found}{where}, expected {self.expected}"


def shown(value: object) -> str:
    """A value as an error shows it."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    text = json.dumps(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


# ---- readers: one for each type that records.py uses ---------------------------------------------


def plain(kind: type) -> Reader:
    """Reader of a value that JSON has itself. A bool is no int here, although Python thinks so."""
    expected = {str: "a string", int: "an integer", bool: "true or false"}[kind]

    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise Mismatch(shown(value), expected)
        return value
    return read


def read_verdict(value: Any) -> Verdict:
    """A word of the verdict table."""
    if not isinstance(value, str) or value not in VERDICTS:
        raise Mismatch(shown(value), "one of " + ", ".join(VERDICTS))
    return VERDICTS[value]


@functools.lru_cache(maxsize=None)
def parse_outcome(text: str) -> Outcome:
    """The same few outcomes come again and again: one value for each."""
    return Outcome.parse(text)


def read_outcome(value: Any) -> Outcome:
    """An operation and its result."""
    try:
        if isinstance(value, str):
            return parse_outcome(value)
    except ValueError:
        pass
    raise Mismatch(shown(value), "an operation, a blank and its result")


def one_of(choices: tuple[Any, ...]) -> Reader:
    """Reader of a Literal, whose choices are all of one type."""
    expected = ", ".join(map(str, choices))
    kind = type(choices[0])
    if len(choices) > 1:
        expected = "one of " + expected

    def read(value: Any) -> Any:
        if type(value) is not kind or value not in choices:
            raise Mismatch(shown(value), expected)
        return value
    return read


def optional(inner: Reader) -> Reader:
    """Reader of a value or null."""
    def read(value: Any) -> Any:
        if value is None:
            return None
        try:
            return inner(value)
        except Mismatch as wrong:
            if not wrong.path:
                wrong.expected += " or null"
            raise
    return read


def sequence(inner: Reader) -> Reader:
    """Reader of a list."""
    def read(raw: Any) -> tuple[Any, ...]:
        if type(raw) is not list:
            raise Mismatch(shown(raw), "a list")
        items: list[Any] = []
        for value in raw:
            try:
                items.append(inner(value))
            except Mismatch as wrong:
                raise wrong.inside(len(items))
        return tuple(items)
    return read


def mapping(inner: Reader) -> Reader:
    """Reader of an object whose keys are free."""
    def read(raw: Any) -> dict[str, Any]:
        if type(raw) is not dict:
            raise Mismatch(shown(raw), "an object")
        items = {}
        for key, value in raw.items():
            try:
                items[key] = inner(value)
            except Mismatch as wrong:
                raise wrong.inside(key)
        return items
    return read


def expected_by(inner: Reader) -> str:
    """What a reader would have liked to see."""
    try:
        inner(0.5)
    except Mismatch as wrong:
        return wrong.expected
    raise AssertionError("no field is a fraction")


def default_of(one: Field[Any]) -> Any:
    """What a field is where there is none of its name; MISSING when there must be."""
    return one.default if one.default_factory is MISSING else one.default_factory()


def record(cls: type) -> Reader:
    """Reader of an object that has the fields of a dataclass, and perhaps others."""
    hints = get_type_hints(cls)
    readers = [(one.name, reader(hints[one.name]), default_of(one)) for one in fields(cls)]

    def read(raw: Any) -> Any:
        if type(raw) is not dict:
            raise Mismatch(shown(raw), "an object")
        values = []
        for name, inner, default in readers:
            try:
                values.append(inner(raw[name]) if default is MISSING or name in raw else default)
            except KeyError:
                raise Mismatch(f'no "{name}"', f'"{name}": {expected_by(inner)}') from None
            except Mismatch as wrong:
                raise wrong.inside(name)
        return cls(*values)
    return read


def reader(hint: Any) -> Reader:
    """The reader of a type as records.py writes it. It raises Mismatch."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Verdict:
        return read_verdict
    if hint is Outcome:
        return read_outcome
    if is_dataclass(hint):
        return record(hint)
    if origin is Literal:
        return one_of(arguments)
    if origin is tuple:
        return sequence(reader(arguments[0]))
    if origin is dict:
        return mapping(reader(arguments[1]))
    if origin in (Union, UnionType):
        return optional(reader(next(kind for kind in arguments if kind is not NoneType)))
    return plain(hint)


read_case, read_calls, read_end, read_describe, read_docs, read_coverage, read_mutant = map(
    record, (Case, Calls, End, Describe, Docs, CodeCoverage, Mutant))


# ---- text and places -------------------------------------------------------------------------------


def locate(text: str, path: list[str | int]) -> int:
    """Offset in a well-formed JSON text of the value that path leads to."""
    decoder = json.JSONDecoder()

    def blanks(at: int) -> int:
        while text[at] in " \t\r\n":
            at += 1
        return at

    def members(at: int) -> Iterator[tuple[str | int, int]]:
        is_object, number = text[at] == "{", 0
        at = blanks(at + 1)
        while text[at] not in "}]":
            key: str | int = number
            if is_object:
                key, at = decoder.raw_decode(text, at)
                at = blanks(blanks(at) + 1)         # over the colon
            yield key, at
            at = blanks(decoder.raw_decode(text, at)[1])
            if text[at] == ",":
                at = blanks(at + 1)
            number += 1

    at = blanks(0)
    for step in path:
        # the last of equal keys, because that is the one that json.loads keeps
        at = [offset for key, offset in members(at) if key == step][-1]
    return at


class Text:
    """A piece of a file, which knows where it stands: text is part of file path, from line on."""

    def __init__(self, path: str, line: int, raw: bytes) -> None:
        self.path = path
        self.line = line
        try:
            self.text = raw.decode()
        except UnicodeDecodeError as bad:
            self.text = raw[:bad.start].decode()
            self.fail(len(self.text), f"found byte 0x{raw[bad.start]:02x}, expected UTF-8")

    def fail(self, at: int, what: str) -> NoReturn:
        """Raises the error for the place at offset at."""
        before = self.text[:at]
        raise LoadError(self.path, self.line + before.count("\n"), at - before.rfind("\n"), what) from None

    def json(self) -> Any:
        """The JSON value that the text is."""
        try:
            return json.loads(self.text)
        except json.JSONDecodeError as bad:
            found = shown(self.text[bad.pos]) if bad.pos < len(self.text.rstrip()) else "the end"
            self.fail(bad.pos, f"found {found}, expected well-formed JSON ({bad.msg})")
        except (RecursionError, ValueError) as bad:
            self.fail(0, f"found JSON that is too large ({bad}), expected a record")

    def read(self, read: Reader, raw: Any) -> Any:
        """raw, which is the text's value, as read reads it."""
        try:
            return read(raw)
        except Mismatch as wrong:
            self.fail(locate(self.text, wrong.path), str(wrong))


def opened(path: str) -> BinaryIO:
    """The file to be read; - is standard input, which stays open."""
    return open(sys.stdin.fileno() if path == "-" else path, "rb", closefd=path != "-")


def lines_of(path: str, file: BinaryIO | None = None) -> Iterator[tuple[int, bytes]]:
    """Number and bytes, line feed included, of every line that is not blank; of file if that is given."""
    with file or opened(path) as lines:
        for number, raw in enumerate(lines, 1):
            if raw.strip():
                yield number, raw


class Source:
    """A file of records, or the log of a console; then console is what the log tells beside its records.

    Of a log it is the last run that begins with a record of kind first. LoadError when there is none.
    """

    def __init__(self, path: str, first: str, file: BinaryIO | None = None) -> None:
        lines = lines_of(path, file)
        begun = next(lines, None)
        self.console: Console | None = None
        self.lines: Iterable[tuple[int, bytes]] = chain([begun] if begun else [], lines)
        if begun and not begun[1].startswith(b"{"):
            self.lines = list(self.lines)
            log = b"".join(raw for _, raw in self.lines)
            if is_log(log):
                self.take(path, first, log)
            elif trouble_in(log):
                raise LoadError(path, 1, 1, "found the log of a console with no record in it, expected some; "
                                f"the kernel said: {trouble_in(log)}")

    def take(self, path: str, first: str, log: bytes) -> None:
        """The lines of the run in the log. What comes of a later one without its beginning counts as lost."""
        mark = f'{{"record":"{first}"'.encode()
        streams = streams_of(log)
        runs = [at for at, run in enumerate(streams) if run.lines and run.lines[0][1].startswith(mark)]
        if not runs:
            raise LoadError(path, 1, 1, f"found the log of a console without a {first} record, expected one. "
                            + " ".join(filter(None, (run.console().missing() for run in streams))))
        last, *headless = streams[runs[-1]:]
        for run in headless:
            last.miss(run.lost + run.came, run.begins)
        rest = [(last.lines[-1][0], last.rest)] if last.rest else []
        self.lines, self.console = last.lines + rest, last.console()


# ---- the files ---------------------------------------------------------------------------------------


def kind_of(line: Text, raw: Any, kinds: tuple[str, ...]) -> str:
    """What kind of record raw is; one of kinds is expected here."""
    expected = " or ".join(f'"{kind}"' for kind in kinds)
    if not isinstance(raw, dict):
        line.fail(0, f"found {shown(raw)}, expected an object")
    if "record" not in raw:
        line.fail(0, f'found no "record", expected "record": {expected}')
    if raw["record"] not in kinds:
        line.fail(locate(line.text, ["record"]),
                  f'found {shown(raw["record"])} in "record", expected {expected}')
    return str(raw["record"])


NEWEST = max(get_args(Format))


def readable(line: Text, raw: dict[str, Any]) -> dict[str, Any]:
    """raw, the first record of a file, if its format is none that came after this reader."""
    version = raw.get("format")
    if type(version) is int and version > NEWEST:
        line.fail(locate(line.text, ["format"]), f'found {version} in "format", expected {NEWEST} at most: '
                  "a newer sysvet wrote this file, and a newer sysvet-report reads it")
    return raw


FIRST_FACTS = ("page", "shmlba", "checkpoint_restore", "initial_userns")
read_todays_begin = record(Begin)


def read_begin(line: Text, raw: dict[str, Any]) -> Begin:
    """A begin record of any version. The first files had four facts, and no object for them."""
    readable(line, raw)
    facts = {name: int(raw[name]) for name in FIRST_FACTS if isinstance(raw.get(name), int)}
    begin: Begin = line.read(read_todays_begin, {"facts": facts} | raw)
    return begin


@dataclass
class Tally:
    """What the case records read so far add up to."""

    instances: int = 0
    names: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    outcomes: set[Outcome] = field(default_factory=set)
    verdicts: Counter[str] = field(default_factory=Counter)

    def add(self, line: Text, case: Case) -> Case:
        """case, whose name must be new."""
        if case.name in self.names:
            line.fail(locate(line.text, ["name"]),
                      f"found {shown(case.name)} again, expected a name that is new")
        self.names.add(case.name)
        self.instances += 1
        self.cases.add(case.case)
        self.verdicts[case.verdict.word] += 1
        if case.verdict.ran:
            self.outcomes.update(case.outcomes)
        return case

    def check(self, line: Text, end: End) -> End:
        """end, if it says what the records before it say: a lost record could be a lost deviation."""
        totals: list[tuple[list[str | int], int, int]] = [
            (["instances"], end.instances, self.instances),
            (["cases"], end.cases, len(self.cases)),
        ]
        if end.outcomes is not None:
            totals.append((["outcomes"], end.outcomes, len(self.outcomes)))
        for word in VERDICTS:
            if word not in end.verdicts:
                line.fail(locate(line.text, ["verdicts"]),
                          f'found no "{word}", expected "{word}": an integer')
            # a row of the baseline is stale, not an instance
            found = len(end.stale) if word == "stale" else self.verdicts[word]
            totals.append((["verdicts", word], end.verdicts[word], found))
        for path, says, counted in totals:
            if says != counted:
                line.fail(locate(line.text, path), f'found {says} in "{path[-1]}", expected {counted}, '
                          "which is what the records before it add up to")
        return end


def value_of(line: bytes, path: str, number: int, begun: bool) -> tuple[Text, Any]:
    """A line and its JSON value; Torn when it is the end of a file that was cut off."""
    try:
        text = Text(path, number, line.rstrip(b"\r\n"))
        return text, text.json()
    except LoadError as wrong:
        if begun and not line.endswith(b"\n"):
            raise Torn(path, number, 1, "found a line that was cut off, expected a whole one") from wrong
        raise


def read_run(path: str, file: BinaryIO | None = None) -> Iterator[Begin | Case | Calls | End | Console]:
    """The records of one run, each as soon as its line can be read; the first is a Begin.

    - is standard input; with file, which is read and closed, path is only its name.

    OSError when the file cannot be read, LoadError when it is not a file of records; what was yielded
    until then is good. Torn when all is good but for a last line that was cut off in the middle. A file
    without an end record is a run that was cut off, which is no error. Of the log of a console a Console
    comes after the Begin; where frames are missing there is no End, because it could not be checked.
    """
    name = "standard input" if path == "-" else path
    tally, begun, ended = Tally(), False, False
    source = Source(path, "begin", file)
    for number, raw in source.lines:
        if ended:
            raise LoadError(name, number, 1, "found a line after the end record, expected nothing")
        line, value = value_of(raw, name, number, begun)
        kind = kind_of(line, value, ("case", "operation", "end") if begun else ("begin",))
        if kind == "begin":
            begun = True
            yield read_begin(line, value)
            if source.console:
                yield source.console
        elif kind == "case":
            yield tally.add(line, line.read(read_case, value))
        elif kind == "operation":
            yield line.read(read_calls, value)
        elif not (source.console and source.console.lost):
            ended = True
            yield tally.check(line, line.read(read_end, value))
    if not begun:
        raise LoadError(name, 1, 1, "found nothing, expected a begin record")


def load_run(path: str) -> Run:
    """All records of one run. Errors as in read_run, but that a torn last line is none."""
    first, cases, torn = None, [], False
    calls: list[Calls] = []
    end: End | None = None
    console: Console | None = None
    try:
        for one in read_run(path):
            if isinstance(one, Begin):
                first = one
            elif isinstance(one, Console):
                console = one
            elif isinstance(one, End):
                end = one
            elif isinstance(one, Calls):
                calls.append(one)
            else:
                cases.append(one)
    except Torn:
        torn = True
    assert first, "read_run yields a Begin, or raises what was not caught"
    return Run(first, tuple(cases), end, torn, tuple(calls), console)


MATRIX_READERS = {"matrix": record(MatrixBegin), "rule": record(MatrixRule), "map": record(MatrixMap),
                  "operation": record(MatrixOperation), "end": record(MatrixEnd)}


def check_map(line: Text, one: MatrixMap) -> None:
    """Each list has an entry for each mode."""
    for name in ("cells", "granted", "deviates", "permitted", "known", "apart"):
        if len(getattr(one, name)) != MODES:
            line.fail(locate(line.text, [name]), f'found {len(getattr(one, name))} numbers in "{name}", '
                      f"expected {MODES}")


def check_cells(line: Text, end: MatrixEnd, maps: list[MatrixMap]) -> None:
    """The end says what the maps say: a lost record could be a lost deviation."""
    counted = {"cells": (end.cells, sum(sum(one.cells) for one in maps)),
               "deviates": (end.verdicts.get("deviates", 0), sum(sum(one.deviates) for one in maps)),
               "permitted": (end.verdicts.get("permitted", 0), sum(sum(one.permitted) for one in maps)),
               "known": (end.verdicts.get("known", 0), sum(sum(one.known) for one in maps))}
    for name, (says, found) in counted.items():
        if says != found:
            line.fail(0, f'found {says} in "{name}", expected {found}, which is what the maps before it '
                      "add up to")


def load_matrix(path: str, file: BinaryIO | None = None) -> Matrix:
    """The records of a walk through the permission space. Errors as in load_run, file as in read_run."""
    seen: dict[str, list[Any]] = {kind: [] for kind in MATRIX_READERS}
    source = Source(path, "matrix", file)
    for number, raw in source.lines:
        if seen["end"]:
            raise LoadError(path, number, 1, "found a line after the end record, expected nothing")
        line = Text(path, number, raw.rstrip(b"\r\n"))
        value = line.json()
        kind = kind_of(line, value, tuple(MATRIX_READERS)[1:] if seen["matrix"] else ("matrix",))
        if kind == "matrix":
            readable(line, value)
        seen[kind].append(line.read(MATRIX_READERS[kind], value))
        if kind == "map":
            check_map(line, seen[kind][-1])
        if kind == "end" and source.console and source.console.lost:
            seen["end"].clear()
        elif kind == "end":
            check_cells(line, seen[kind][-1], seen["map"])
    if not seen["matrix"]:
        raise LoadError(path, 1, 1, "found nothing, expected a matrix record")
    return Matrix(seen["matrix"][0], tuple(seen["rule"]), tuple(seen["map"]), tuple(seen["operation"]),
                  seen["end"][0] if seen["end"] else None)


COLUMNS = [field.name for field in fields(Requirement)]


def read_requirements(path: str) -> Iterator[tuple[int, Requirement]]:
    """Each row of requirements.tsv and the number of its line. Errors as in load_run."""
    ids: set[str] = set()
    heading: list[str] | None = None
    for number, raw in lines_of(path):
        line = Text(path, number, raw.rstrip(b"\r\n"))
        cells = line.text.split("\t")
        if heading is None:
            heading = cells
            if cells != COLUMNS:
                line.fail(0, f"found {shown(line.text)}, expected the headings {' '.join(COLUMNS)}")
            continue
        if len(cells) != len(COLUMNS):
            line.fail(len("\t".join(cells[:len(COLUMNS)])),
                      f"found {len(cells)} columns, expected {len(COLUMNS)}")
        row = Requirement(*cells)
        if row.id in ids:
            line.fail(0, f"found {shown(row.id)} again, expected an id that no row before has")
        ids.add(row.id)
        yield number, row
    if heading is None:
        raise LoadError(path, 1, 1, f"found nothing, expected the headings {' '.join(COLUMNS)}")


def load_requirements(path: str) -> tuple[Requirement, ...]:
    """requirements.tsv, in its order. Errors as in load_run."""
    return tuple(row for _, row in read_requirements(path))


def load_describe(path: str) -> Describe:
    """The answer of `sysvet describe --json`. Errors as in load_run."""
    with open(path, "rb") as file:
        text = Text(path, 1, file.read())
    describe: Describe = text.read(read_describe, text.json())
    return describe


def load_docs(path: str, file: BinaryIO | None = None) -> Docs:
    """The answer of `sysvet docs --json`. Errors as in load_run, file as in read_run."""
    with file or open(path, "rb") as source:
        text = Text(path, 1, source.read())
    value = text.json()
    docs: Docs = text.read(read_docs, readable(text, value) if isinstance(value, dict) else value)
    for n, claim in enumerate(docs.claims):
        if claim.document not in {document.name for document in docs.documents}:
            text.fail(locate(text.text, ["claims", n, "document"]),
                      f'found {shown(claim.document)} in "document", expected one of "documents"')
    if len({claim.id for claim in docs.claims}) != len(docs.claims):
        text.fail(0, "found two claims with one id, expected ids that are not the same")
    return docs


def load_coverage(path: str) -> CodeCoverage:
    """What `gcovr --json-summary` wrote. Errors as in load_run."""
    with open(path, "rb") as file:
        text = Text(path, 1, file.read())
    coverage: CodeCoverage = text.read(read_coverage, text.json())
    return coverage


def load_mutants(path: str) -> tuple[Mutant, ...]:
    """The mutant records of a file; it may have others. Errors as in load_run."""
    found = []
    for number, raw in lines_of(path):
        line = Text(path, number, raw.rstrip(b"\r\n"))
        value = line.json()
        if not isinstance(value, dict) or "record" not in value:
            line.fail(0, "found no record, expected one")
        if value["record"] == "mutate":
            readable(line, value)
        if value["record"] == "mutant":
            found.append(line.read(read_mutant, value))
    if not found:
        raise LoadError(path, 1, 1, "found no mutant, expected mutant records")
    return tuple(found)


FAULT_READERS = {"mutate": record(Header), "mutant": read_mutant, "end": record(FaultEnd)}


def check_faults(line: Text, end: FaultEnd, faults: list[Mutant]) -> None:
    """The end says what the records before it say."""
    tried = sum(fault.excluded is None for fault in faults)
    counted = {"mutants": (end.mutants, tried), "noticed": (end.noticed, sum(f.noticed for f in faults))}
    for name, (says, found) in counted.items():
        if says != found:
            line.fail(locate(line.text, [name]), f'found {says} in "{name}", expected {found}, which is what '
                      "the records before it add up to")


def load_faults(path: str, file: BinaryIO | None = None) -> FaultRun:
    """All records of faults. Errors as in load_run, file as in read_run."""
    seen: dict[str, list[Any]] = {kind: [] for kind in FAULT_READERS}
    for number, raw in lines_of(path, file):
        if seen["end"]:
            raise LoadError(path, number, 1, "found a line after the end record, expected nothing")
        line = Text(path, number, raw.rstrip(b"\r\n"))
        value = line.json()
        kind = kind_of(line, value, ("mutant", "end") if seen["mutate"] else ("mutate",))
        if kind == "mutate":
            readable(line, value)
        seen[kind].append(line.read(FAULT_READERS[kind], value))
        if kind == "end":
            check_faults(line, seen[kind][0], seen["mutant"])
    if not seen["mutate"]:
        raise LoadError(path, 1, 1, "found nothing, expected a mutate record")
    return FaultRun(seen["mutate"][0], tuple(seen["mutant"]), seen["end"][0] if seen["end"] else None)
