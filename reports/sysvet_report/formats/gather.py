"""Records that are of no run of cases, as tests: of the permission space, of documents, of faults.

There is a test for each operation of the permission space on each kind of object, and one for each rule that
tells wrong cells from right ones; for each claim of a document; for each fault put in on purpose.
"""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from ..console import Console
from ..groups import grouped
from ..load import load_docs, load_faults, load_matrix, opened, read_run
from ..records import (BaselineRow, Begin, Calls, Case, Docs, DocumentClaim, End, FaultRun, Finding, Header,
                       Matrix, MatrixBegin, MatrixOperation, MatrixRule, Mutant, System)
from ..verdicts import VERDICTS
from ..words import count, listing, number


@dataclass(frozen=True, slots=True)
class Gathered(Begin):
    """The first record of such tests; title says what they are about."""

    title: str = ""


Record = Begin | Case | Calls | End | Console
Gather = Callable[[str, BinaryIO], Iterator[Record]]


# ---- tests ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class About:
    """What a finding is about: what was done, what came of it, what should have."""

    call: str
    observed: str
    expected: str
    because: tuple[str, ...] = ()
    rule: str | None = None
    replay: str = ""


def test(name: str, family: str, claim: str, word: str, *about: About, reason: str | None = None,
         place: tuple[str, int] = ("", 0), cites: tuple[str, ...] = ()) -> Case:
    """A test of that name with its verdict, and a finding about each difference."""
    findings = tuple(Finding(VERDICTS[word], "outcome", 0, place[1], "", one.call, one.observed, one.expected,
                             "", "", one.because, one.rule, one.replay, ()) for one in about)
    return Case(name, name, None, family, *place, claim, cites, VERDICTS[word], reason, None, 0, (), (),
                findings)


def together(header: Header | MatrixBegin, title: str, tests: list[Case],
             end: End | None) -> Iterator[Record]:
    """Them as a run. One that was cut off lacks a test at least."""
    missing = end is None or end.interrupted is not None
    total = len(tests) + missing
    yield Gathered(header.format, header.sysvet, header.subject, header.profile, header.abi, header.system,
                   header.libc, "", 0, False, (), {}, header.date, total, total, title=title)
    yield from tests
    if end:
        yield end


def ended(tests: list[Case], interrupted: str | None, status: int,
          stale: tuple[BaselineRow, ...] = ()) -> End:
    """The last record of a run of them."""
    verdicts = Counter(test.verdict.word for test in tests)
    return End({word: verdicts[word] for word in VERDICTS}, len(tests), len(tests), 0, 0, interrupted, status,
               stale=stale)


# ---- the permission space --------------------------------------------------------------------------------


def word_of(operation: MatrixOperation) -> str:
    """The gravest of what came of its cells."""
    return ("deviates" if operation.deviates else "permitted" if operation.permitted
            else "known" if operation.known else "conforms")


def options(begin: MatrixBegin) -> str:
    """How the walk was asked for, where it was not the usual one."""
    profile = "" if begin.profile == "linux" else f" --profile {begin.profile}"
    return profile + ("" if begin.subject == "kernel" else f" --subject {begin.subject}")


def of_operation(found: list[MatrixOperation], asked: str) -> Case:
    """An operation on a kind of object, whoever calls it."""
    kind, operation = found[0].kind, found[0].operation
    word = min(map(word_of, found), key=("deviates", "permitted", "known", "conforms").index)
    wrong = [one for one in found if word_of(one) == word]
    cells = sum(one.cells for one in found)
    about, reason = [], None
    if word != "conforms":
        differ = sum(one.deviates + one.permitted + one.known for one in found)
        reason = (f"{number(differ)} of {count(cells, 'cell')} differ, where the caller is "
                  f"{listing([one.relation for one in wrong])}")
    if word == "deviates":
        about = [About(operation, reason or "", "what the model says in each cell",
                       replay=f"sysvet matrix{asked} --kind {kind} --operation {operation}")]
    return test(f"matrix/{kind}/{operation}", f"matrix/{kind}",
                f"Who may call {operation} is what the model says, in {count(cells, 'cell')}.", word, *about,
                reason=reason)


def of_rule(n: int, rule: MatrixRule, asked: str) -> Case:
    """A rule for what differs."""
    what = "; ".join(f"{one.what}: {count(one.cells, 'cell')}" for one in rule.differences)
    about = About(rule.example, what, "what the model says", (rule.rule, *rule.text.splitlines()),
                  replay=f"sysvet run{asked} --filter '{rule.example}'")
    return test(f"matrix/rule/{n}", "matrix/rule", f"No difference is common to {rule.rule}.",
                rule.verdict, about, reason=f"{count(rule.cells, 'cell')}: {rule.rule}: {what}")


def of_matrix(matrix: Matrix) -> list[Case]:
    """All of a walk."""
    asked, end = options(matrix.begin), matrix.end
    pairs = grouped(matrix.operations, lambda one: (one.kind, one.operation))
    tests = [of_rule(n, rule, asked) for n, rule in enumerate(matrix.rules, 1)]
    tests += [of_operation(list(found), asked) for _, found in pairs]
    for n, reason in enumerate(end.reasons if end else (), 1):
        tests.append(test(f"matrix/not-run/{n}", "matrix/not-run",
                          f"{count(reason.cells, 'cell')} can be run.", "skipped", reason=reason.why))
    broken = end.verdicts.get("broken", 0) if end else 0
    if broken:
        tests.append(test("matrix/broken", "matrix/not-run", "Each cell comes to an end.", "broken",
                          reason=f"{count(broken, 'cell')} came to none"))
    return tests


def read_matrix(path: str, file: BinaryIO) -> Iterator[Record]:
    """The records of `sysvet matrix --output`."""
    matrix = load_matrix(path, file)
    tests, end = of_matrix(matrix), matrix.end
    yield from together(matrix.begin, "The permission space", tests,
                        ended(tests, end.interrupted, end.exit, end.stale) if end else None)


# ---- claims of documents ---------------------------------------------------------------------------------


def of_claim(claim: DocumentClaim) -> Case:
    """A claim passes when it is as true or false as is known."""
    found = [About(f"{one.subject}: {one.ran}", one.came, "otherwise, as the file of claims says",
                   replay=f"sysvet docs --claim {claim.id}") for one in claim.evidence if one.unexpected]
    word = ("deviates" if claim.unexpected
            else "skipped" if claim.verdict in ("untested", "uncheckable") else "conforms")
    reason = claim.uncheckable or f"{claim.verdict}, lines {claim.place} of the document"
    return test(f"docs/{claim.document}/{claim.id}", f"docs/{claim.document}", claim.claim, word,
                *(found if claim.unexpected else ()), reason=reason)


def of_docs(docs: Docs) -> list[Case]:
    """All claims."""
    return [of_claim(claim) for claim in docs.claims]


def read_docs(path: str, file: BinaryIO) -> Iterator[Record]:
    """What `sysvet docs --json` prints. It does not say where it ran."""
    docs = load_docs(path, file)
    tests = of_docs(docs)
    header = Header(1, docs.sysvet, "documents", "", System("", "", "", ""))
    yield from together(header, "Claims of documents", tests, ended(tests, None, docs.exit))


# ---- faults put in on purpose ----------------------------------------------------------------------------


def of_fault(fault: Mutant) -> Case:
    """A fault that nobody notices fails; one that need not be noticed is known."""
    where = (fault.file or "", fault.line or 0)
    what = fault.what or fault.name
    word: str
    reason: str | None
    if fault.excluded is not None:
        word, reason = "skipped", fault.excluded
    elif fault.noticed:
        word, reason = "conforms", listing(list(fault.cases)) or None
    elif fault.excused is not None:
        word, reason = "known", fault.excused
    else:
        word, reason = "deviates", "survives: no case notices it"
    survives = [About(what, "nobody notices", "a case or a test that does", rule=fault.clause,
                      replay=f"sysvet mutate --filter '{fault.name}'")] if word == "deviates" else []
    return test(f"mutate/{fault.name}", f"mutate/{fault.kind or 'mutant'}", f"Noticed is: {what}", word,
                *survives, reason=reason, place=where,
                cites=tuple(fault.clause.split()) if fault.clause else ())


def of_faults(run: FaultRun) -> list[Case]:
    """All faults, and what the list of reasons has wrong."""
    tests = [of_fault(fault) for fault in run.faults]
    tests += [test(f"mutate/excused/{fault.name}", "mutate/excused", "What need not be noticed is not.",
                   "conflict", reason=f"noticed, and excused: {fault.excused}")
              for fault in run.faults if fault.noticed and fault.excused]
    return tests


def read_faults(path: str, file: BinaryIO) -> Iterator[Record]:
    """The records of `sysvet mutate` and `make mutate`."""
    run = load_faults(path, file)
    tests, end = of_faults(run), run.end
    yield from together(run.begin, "Faults put in on purpose", tests,
                        ended(tests, end.interrupted, end.exit) if end else None)


# ---- which of them ---------------------------------------------------------------------------------------

GATHERS: dict[bytes, Gather] = {b"matrix": read_matrix, b"mutate": read_faults, b"docs": read_docs}
RECORD = re.compile(rb'\s*\{\s*"record"\s*:\s*"(\w+)"')
OBJECT = re.compile(rb'\s*\{\s*"format"\s*:.{0,200}?"documents"\s*:', re.S)


def read_any(path: str, file: BinaryIO | None = None) -> Iterator[Record]:
    """Records of any kind, as those of a run; path, file and errors are as in read_run."""
    source = file or opened(path)
    buffered = (source if isinstance(source, io.BufferedReader)
                else io.BufferedReader(cast(io.RawIOBase, source)))
    head = buffered.peek()
    found = RECORD.match(head)
    kind = found.group(1) if found else b"docs" if OBJECT.match(head) else b"begin"
    name = "standard input" if path == "-" else path
    if kind in GATHERS:
        return GATHERS[kind](name, buffered)
    return read_run(path, buffered)
