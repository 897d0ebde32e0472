"""Root causes of what differs on a target, as a page of Markdown: from its records and its list of reasons.

A row of cases/known/TARGET.tsv says of which cases and signs it is the reason. Rows with one reason are one
root cause. Whether POSIX is broken, or Linux alone, and which case is the smallest that shows it, is in the
records. Of Linux itself there is more to tell that no record shows as a difference: what surprises who reads
the manual, by cases that conform, and what other versions and machines do.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
import re
from textwrap import wrap

from .load import LoadError, load_requirements, load_run
from .records import Begin, Case, Finding, Requirement, Run

SURPRISES = "real/reproduce/surprises.c"
# Clauses of a kernel, or of what C libraries do beyond the standard.
NOT_OF_POSIX = ("LINUX-", "LIBC-", "BSD-")
Seen = tuple[Case, Finding]


@dataclass
class Cause:
    """A reason and what it explains."""

    reason: str
    reference: str
    first: list[Seen] = field(default_factory=list)    # where it is what differs first
    later: list[Seen] = field(default_factory=list)    # where something else differed before
    machines: list[str] = field(default_factory=list)

    def add(self, case: Case, finding: Finding, machine: str) -> None:
        """Keeps what is explained."""
        (self.first if finding is case.findings[0] else self.later).append((case, finding))
        if machine not in self.machines:
            self.machines.append(machine)

    @property
    def seen(self) -> list[Seen]:
        """What shows it best."""
        return self.first or self.later

    @property
    def by_size(self) -> list[Seen]:
        """Those with the fewest steps up to the difference first."""
        return sorted(self.seen, key=lambda one: (len(one[1].steps) or 99, one[0].name))

    @property
    def standing(self) -> str:
        """Of POSIX if it has a sentence about it and allows none of the differences."""
        clauses = told(self.reference).clauses or [
            clause for case, finding in self.seen for clause in
            ([finding.rule] if finding.rule else case.cites)]
        posix = any(not clause.startswith(NOT_OF_POSIX) for clause in clauses)
        broken = any(not allowed(finding) for _, finding in self.seen)
        return "POSIX and Linux" if broken and posix else "Linux only"


def allowed(finding: Finding) -> bool:
    """Does POSIX allow what was observed? A finding says what it allows where that is more than expected."""
    if finding.verdict.word == "permitted":
        return True
    words = re.findall(r"\w+", finding.posix.removeprefix("one of ")) if finding.posix else []
    return finding.observed in words or ("success" in words and finding.observed.lstrip("-").isdecimal())


@lru_cache(maxsize=None)
def pattern(text: str) -> re.Pattern[str]:
    """Of a baseline: only * and ? are special."""
    return re.compile(translate(text.replace("[", "[[]")))


def read_rows(path: str) -> list[dict[str, str]]:
    """The rows of a baseline, or of another table whose first line has the names of its columns."""
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def cpu(begin: Begin) -> str:
    """What it runs on, as programs for it are called: each order of bytes has a name, unlike machines."""
    return begin.abi.rpartition(" ")[2]


def holds(where: str, begin: Begin) -> bool:
    """Do the conditions hold in that run? Those that compare a version, or are a word, are taken to hold."""
    known = {name: str(value) for name, value in begin.facts.items() if name != "linux"}
    known |= {"machine": begin.system.machine, "abi": begin.abi, "libc": begin.libc}
    for name, sign, wanted in re.findall(r"([a-z_]+)(!?=)([^,]*)", where):
        if name in known and bool(pattern(wanted).match(known[name])) != (sign == "="):
            return False
    return True


def fits(row: dict[str, str], case: Case, finding: Finding, begin: Begin | None = None) -> bool:
    """Is the row about this difference? Without a run its conditions are taken to hold."""
    return bool(pattern(row["case"]).match(case.name) and pattern(row["observed"]).match(finding.sign)
                and (begin is None or holds(row.get("where", "*"), begin)))


def differing(run: Run) -> Iterator[Case]:
    """Instances that differ. What follows their first difference may be due to it."""
    for case in run.cases:
        judged = case.verdict.ran or case.verdict.word == "unresolved"
        if case.findings and judged and not case.verdict.agrees:
            yield case


def causes(runs: Sequence[Run], rows: list[dict[str, str]]) -> tuple[list[Cause], list[Seen]]:
    """Root causes in the order of the rows, and what none explains."""
    by_reason = {row["reason"]: Cause(row["reason"], row["reference"]) for row in rows}
    rest: list[Seen] = []
    for run, case in ((run, case) for run in runs for case in differing(run)):
        for finding in case.findings:
            row = next((row for row in rows if fits(row, case, finding, run.begin)), None)
            if row:
                by_reason[row["reason"]].add(case, finding, cpu(run.begin))
            elif finding is case.findings[0]:
                rest.append((case, finding))
    return [cause for cause in by_reason.values() if cause.seen], rest


WIDTH = 108


def filled(text: str, indent: str = "") -> str:
    """Text in lines that are not too long; further ones are indented."""
    return "\n".join(wrap(text, WIDTH, subsequent_indent=indent, break_long_words=True,
                          break_on_hyphens=False))


@dataclass(frozen=True)
class Reference:
    """What a reference tells: the clauses, is it publicly known, how was the cause found, which program in C
    shows it."""

    clauses: list[str]
    known: str
    how: str
    program: str


def told(reference: str) -> Reference:
    """A reference in parts, which say by their beginning what they are."""
    parts = [part for part in reference.split("; ") if part]
    known = next((part for part in parts if part.startswith(("http", "none found"))), "not looked for")
    how = next((part for part in parts if part.startswith(("confirmed", "read"))), "")
    program = next((part for part in parts if part.startswith("reproducer ")), "")
    rest = next((part for part in parts if part not in (known, how, program)), "")
    return Reference(rest.split(", ") if rest else [], known,
                     how or ("confirmed by that program" if program else "read from records"),
                     program.removeprefix("reproducer "))


Clauses = dict[str, Requirement]


def cited(clauses: Sequence[str], known: Clauses) -> Iterator[str]:
    """Clauses: in one line, or where their text is known in one each, without what is no clause."""
    if not known:
        yield filled(f"* clause: {', '.join(clauses)}", "  ")
    for clause in clauses:
        if clause in known:
            text = known[clause]
            yield filled(f"* clause: {clause} ({text.strength}, {text.source}): {text.paraphrase}", "  ")


def program(name: str) -> str:
    """The file whose parts the references of a page name."""
    return f"real/reproduce/{name.lower()}.c"


def public(reference: Reference, file: str) -> Iterator[str]:
    """Is it publicly known, and which part of the program shows it."""
    yield filled(f"* publicly known: {reference.known}", "  ")
    if reference.program:
        yield f"* reproducer in C: `{file}`, `{reference.program}`"


def quoted(name: str) -> str:
    """A name as an argument for a shell, which puts together what has no room in one line."""
    parts = [name[at:at + WIDTH - 8] for at in range(0, len(name), WIDTH - 8)]
    return "    " + "\\\n".join(f"'{part}'" for part in parts)


def replayed(name: str, steps: Sequence[str]) -> Iterator[str]:
    """A case: how it is run, and its steps."""
    yield "\n```"
    yield f"sysvet run --filter \\\n{quoted(name)}"
    yield from (filled(step, "        ") for step in steps)
    yield "```\n"


def printed(cause: Cause, printable: frozenset[str]) -> Iterator[str]:
    """How its smallest case that can be had as a program in C is: it looks at all that a case does."""
    for place, (case, finding) in enumerate(cause.by_size):
        if case.name in printable:
            steps = f" --steps {len(finding.steps)}" if finding.aspect == "state" else ""
            yield (f"{'As a program in C' if place else 'The same in C'}:\n\n```\n"
                   f"sysvet reproduce{steps} \\\n{quoted(case.name)}\n```\n")
            return


def deviation(cause: Cause, runs: Sequence[Run]) -> str:
    """From what: a run that is judged by the standard says nothing of Linux."""
    return "POSIX" if all(run.begin.profile == "posix" for run in runs) else cause.standing


def difference(finding: Finding) -> str:
    """What a call does otherwise: what it leaves, its outcome, or what it tells where that is as expected."""
    what = finding.sign.partition(" ")[2]
    if finding.aspect == "state":
        return f"leaves another {what}"
    if finding.observed == finding.expected:
        return f"tells otherwise: {what}"
    return f"gives {finding.observed} instead of {finding.expected}"


def entry(number: int, cause: Cause, runs: Sequence[Run], clauses: Clauses, printable: frozenset[str],
          file: str) -> Iterator[str]:
    """One root cause; file is the program whose part it may name."""
    case, finding = cause.by_size[0]
    reference = told(cause.reference)
    yield f"## Cause {number}\n"
    yield filled(cause.reason) + "\n"
    behind = "" if cause.first else ", all behind another difference"
    instances = len({case.name for case, _ in cause.seen})
    yield f"* deviates from: {deviation(cause, runs)}; instances: {instances}{behind}"
    if len(runs) > 1:
        yield filled(f"* seen on: {', '.join(cause.machines)}", "  ")
    yield from cited(reference.clauses or ([finding.rule] if finding.rule else case.cites), clauses)
    yield from public(reference, file)
    yield f"* cause: {reference.how}"
    yield filled(f"* smallest case: `{finding.call}` {difference(finding)}; reproducer:", "  ")
    yield from replayed(case.name, finding.steps)
    yield from printed(cause, printable)


def summary(known: list[Cause], runs: Sequence[Run]) -> Iterator[str]:
    """A line for each root cause."""
    for number, cause in enumerate(known, 1):
        what = re.split(r"[.:;](?= |$)", cause.reason)[0]
        found = "publicly known" if told(cause.reference).known.startswith("http") else "not known"
        yield filled(f"* [{number}](#cause-{number}) {what} ({deviation(cause, runs)}; {found})", "  ")
    yield ""


def surprises(rows: list[dict[str, str]], path: str, clauses: Clauses) -> Iterator[str]:
    """What is allowed, and not what a reader of the manual expects, each by a case that conforms."""
    run = load_run(path)
    by_name = {case.case: case for case in run.cases if case.verdict.agrees and case.script}
    yield "## Surprises that are no deviation\n"
    yield filled("What the standard allows or does not speak of, and the manual pages or common sense would "
                 "not let one expect. Each is what the model of Linux says, and its case conforms.") + "\n"
    for number, row in enumerate(rows, 1):
        if row["case"] not in by_name:
            raise LoadError(path, 1, 1, f"found no case {row['case']} that conforms, expected it to")
        case = by_name[row["case"]]
        reference = told(row["reference"])
        yield f"### Surprise {number}\n"
        yield filled(row["reason"]) + "\n"
        yield filled(f"* expected: {row['expected']}", "  ")
        yield from cited(reference.clauses or case.cites, clauses)
        yield from public(reference, SURPRISES)
        yield "* smallest case, which conforms:"
        yield from replayed(case.name, case.script)


def elsewhere(rows: list[dict[str, str]]) -> Iterator[str]:
    """What other versions and machines do."""
    yield "## Other versions and machines\n"
    yield filled("What a kernel does where the condition holds, and not on the one above. With "
                 "`--baseline cases/known/machines.tsv` these are known there.") + "\n"
    for reason in dict.fromkeys(row["reason"] for row in rows):
        those = [row for row in rows if row["reason"] == reason]
        reference = told(those[0]["reference"])
        where = ", ".join(dict.fromkeys(row["where"].removeprefix("linux,") for row in those))
        cases = ", ".join(dict.fromkeys(f"`{row['case']}`" for row in those))
        yield filled(f"* **{where}**: {reason} Cases: {cases}. Publicly known: {reference.known}. How it was "
                     f"found: {reference.how}.", "  ")
    yield ""


def unjudged(runs: Sequence[Run]) -> Iterator[str]:
    """What could not be asked there, and why. That a claim is of another profile is no lack of the target."""
    reasons = Counter(case.reason or "" for run in runs for case in run.cases
                      if case.verdict.word in ("skipped", "unsupported")
                      and not (case.reason or "").startswith("the claim is about profile"))
    if not reasons:
        return
    yield "## Not judged\n"
    yield filled("Instances that did not run, because the target or the run lacks what they need:") + "\n"
    for reason, number in sorted(reasons.items(), key=lambda one: (-one[1], one[0])):
        yield filled(f"* {number}: {reason}", "  ")
    yield ""


def version(release: str) -> str:
    """The number that a release begins with: what follows is a name of who built it."""
    number = re.match(r"\d+(\.\d+)*", release)
    return number[0] if number else release


def systems(runs: Sequence[Run]) -> str:
    """What ran: system, CPUs and libraries, each once."""
    begun = [run.begin for run in runs]
    kernels = dict.fromkeys(f"{one.system.sysname} {version(one.system.release)}" for one in begun)
    machines = dict.fromkeys(cpu(one) for one in begun)
    return ", ".join([" ".join([*kernels, next(iter(machines))]), *list(machines)[1:],
                      *dict.fromkeys(one.libc for one in begun)])


def page(name: str, runs: Sequence[Run], rows: list[dict[str, str]], notes: str = "",
         clauses: Clauses | None = None, more: Iterable[str] = (),
         printable: frozenset[str] = frozenset()) -> Iterator[str]:
    """The parts of the page. clauses have a text; more comes after the causes; printable are the names of
    cases that can be had as programs in C."""
    known, rest = causes(runs, rows)
    yield f"# Findings: {name}\n"
    instances = {case.name for cause in known for case, _ in cause.first}
    yield filled(f"Written by `sysvet-report findings` from {'a run' if len(runs) == 1 else 'runs'} on "
                 f"{systems(runs)}, and from `cases/known/`: {len(known)} root causes for {len(instances)} "
                 f"instances that differ; {len(rest)} are unexplained.") + "\n"
    yield from summary(known, runs)
    for number, cause in enumerate(known, 1):
        yield from entry(number, cause, runs, clauses or {}, printable, program(name))
    if rest:
        yield "## Unexplained\n"
        for case, finding in rest:
            yield filled(f"* `{case.name}`: `{finding.sign}` instead of {finding.expected}", "  ")
        yield ""
    yield from more
    if notes:
        yield notes.rstrip("\n") + "\n"
    yield from unjudged(runs)


@dataclass(frozen=True)
class Beside:
    """Files with what else a page tells, each of which may be left out: Markdown; texts of the clauses; rows
    of what surprises and records in which it conforms; rows of what other systems do; names of cases that can
    be had as programs in C."""

    notes: str = ""
    requirements: str = ""
    surprises: str = ""
    conforming: str = ""
    elsewhere: str = ""
    reproducible: str = ""


def findings(name: str, records: Sequence[str], baseline: str, beside: Beside, output: str) -> int:
    """Writes the page."""
    said = ""
    if beside.notes:
        with open(beside.notes, encoding="utf-8") as file:
            said = file.read()
    runs = [load_run(path) for path in records]
    clauses = {row.id: row for row in load_requirements(beside.requirements)} if beside.requirements else {}
    more: list[str] = []
    if beside.surprises:
        more.extend(surprises(read_rows(beside.surprises), beside.conforming, clauses))
    if beside.elsewhere:
        more.extend(elsewhere(read_rows(beside.elsewhere)))
    printable: frozenset[str] = frozenset()
    if beside.reproducible:
        with open(beside.reproducible, encoding="utf-8") as file:
            printable = frozenset(file.read().splitlines())
    parts = page(name, runs, read_rows(baseline), said, clauses, more, printable)
    text = "\n".join(parts).rstrip("\n") + "\n"
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)
    return 0
