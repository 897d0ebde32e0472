"""Root causes of what differs on a target, as a page of Markdown: from its records and its list of reasons.

A row of cases/known/TARGET.tsv says of which cases and signs it is the reason. Rows with one reason are one
root cause. Whether POSIX is broken, or Linux alone, and which case is the smallest that shows it, is in the
records.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from functools import lru_cache
import re
from textwrap import wrap

from .load import load_run
from .records import Case, Finding, Run

COLUMNS = ("case", "observed", "where", "reason", "reference", "seen")
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
    def smallest(self) -> Seen:
        """With the fewest steps up to the difference."""
        return min(self.seen, key=lambda one: (len(one[1].steps) or 99, one[0].name))

    @property
    def standing(self) -> str:
        """Of POSIX if it has a sentence about it and allows none of the differences."""
        named = told(self.reference)[2]
        clauses = named.split(", ") if named else [
            clause for case, finding in self.seen for clause in
            ([finding.rule] if finding.rule else case.cites)]
        posix = any(not clause.startswith("LINUX-") for clause in clauses)
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
    """The rows of a baseline."""
    with open(path, encoding="utf-8") as file:
        lines = [line.rstrip("\n") for line in file if not line.startswith("#")]
    return [dict(zip(COLUMNS, line.split("\t"))) for line in lines[1:]]


def of_machine(where: str, machine: str) -> bool:
    """Do the conditions let the row count for that CPU? Others than those on the CPU are taken to hold."""
    for condition in where.split(","):
        for sign, wanted in (("machine!=", False), ("machine=", True)):
            if condition.startswith(sign):
                if bool(pattern(condition.removeprefix(sign)).match(machine)) != wanted:
                    return False
                break
    return True


def fits(row: dict[str, str], case: Case, finding: Finding, machine: str = "") -> bool:
    """Is the row about this difference?"""
    return bool(pattern(row["case"]).match(case.name) and pattern(row["observed"]).match(finding.sign)
                and of_machine(row.get("where", "*"), machine))


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
        machine = run.begin.system.machine
        for finding in case.findings:
            row = next((row for row in rows if fits(row, case, finding, machine)), None)
            if row:
                by_reason[row["reason"]].add(case, finding, machine)
            elif finding is case.findings[0]:
                rest.append((case, finding))
    return [cause for cause in by_reason.values() if cause.seen], rest


WIDTH = 108


def filled(text: str, indent: str = "") -> str:
    """Text in lines that are not too long; further ones are indented."""
    return "\n".join(wrap(text, WIDTH, subsequent_indent=indent, break_long_words=True,
                          break_on_hyphens=False))


def told(reference: str) -> tuple[str, str, str]:
    """What a reference tells, in parts: is it publicly known, how was the cause found, the clauses."""
    parts = [part for part in reference.split("; ") if part]
    known = next((part for part in parts if part.startswith(("http", "none found"))), "not looked for")
    how = next((part for part in parts if part.startswith(("confirmed", "read"))), "read from records")
    return known, how, next((part for part in parts if part not in (known, how)), "")


def entry(number: int, cause: Cause, runs: int) -> Iterator[str]:
    """One root cause."""
    case, finding = cause.smallest
    known, how, clauses = told(cause.reference)
    yield f"## Cause {number}\n"
    yield filled(cause.reason) + "\n"
    behind = "" if cause.first else ", all behind another difference"
    instances = len({case.name for case, _ in cause.seen})
    yield f"* deviates from: {cause.standing}; instances: {instances}{behind}"
    if runs > 1:
        yield filled(f"* seen on: {', '.join(cause.machines)}", "  ")
    yield filled(f"* clause: {clauses or finding.rule or ', '.join(case.cites)}", "  ")
    yield filled(f"* publicly known: {known}", "  ")
    yield f"* cause: {how}"
    yield filled(f"* smallest case: `{finding.call}` gives {finding.observed} instead of "
                 f"{finding.expected}; reproducer:\n", "  ")
    yield "\n```"
    named = case.name if len(case.name) <= WIDTH - 8 else case.name[:WIDTH - 9] + "*"
    yield f"sysvet run --filter \\\n    '{named}'"
    yield from (filled(step, "        ") for step in finding.steps)
    yield "```\n"


def summary(known: list[Cause]) -> Iterator[str]:
    """A line for each root cause."""
    for number, cause in enumerate(known, 1):
        what = re.split(r"[.:;](?= |$)", cause.reason)[0]
        public = "publicly known" if told(cause.reference)[0].startswith("http") else "not known"
        yield filled(f"* [{number}](#cause-{number}) {what} ({cause.standing}; {public})", "  ")
    yield ""


def unjudged(runs: Sequence[Run]) -> Iterator[str]:
    """What could not be asked there, and why."""
    reasons = Counter(case.reason or "" for run in runs for case in run.cases
                      if case.verdict.word in ("skipped", "unsupported"))
    if not reasons:
        return
    yield "## Not judged\n"
    yield filled("Instances that did not run, because the target or the run lacks what they need:") + "\n"
    for reason, number in sorted(reasons.items(), key=lambda one: (-one[1], one[0])):
        yield filled(f"* {number}: {reason}", "  ")
    yield ""


def systems(runs: Sequence[Run]) -> str:
    """What ran: system, CPUs and libraries, each once."""
    begun = [run.begin for run in runs]
    kernels = dict.fromkeys(f"{one.system.sysname} {one.system.release}" for one in begun)
    machines = dict.fromkeys(one.system.machine for one in begun)
    return ", ".join([" ".join([*kernels, next(iter(machines))]), *list(machines)[1:],
                      *dict.fromkeys(one.libc for one in begun)])


def page(name: str, runs: Sequence[Run], rows: list[dict[str, str]], notes: str = "") -> Iterator[str]:
    """The parts of the page."""
    known, rest = causes(runs, rows)
    yield f"# Findings: {name}\n"
    instances = {case.name for cause in known for case, _ in cause.first}
    yield filled(f"Written by `sysvet-report findings` from {'a run' if len(runs) == 1 else 'runs'} on "
                 f"{systems(runs)}, and from `cases/known/`: {len(known)} root causes for {len(instances)} "
                 f"instances that differ; {len(rest)} are unexplained.") + "\n"
    yield from summary(known)
    for number, cause in enumerate(known, 1):
        yield from entry(number, cause, len(runs))
    if rest:
        yield "## Unexplained\n"
        for case, finding in rest:
            yield filled(f"* `{case.name}`: `{finding.sign}` instead of {finding.expected}", "  ")
        yield ""
    if notes:
        yield notes.rstrip("\n") + "\n"
    yield from unjudged(runs)


def findings(name: str, records: Sequence[str], baseline: str, notes: str, output: str) -> int:
    """Writes the page; notes is a file of Markdown that becomes a part of it, or empty."""
    said = ""
    if notes:
        with open(notes, encoding="utf-8") as file:
            said = file.read()
    runs = [load_run(path) for path in records]
    text = "\n".join(page(name, runs, read_rows(baseline), said)).rstrip("\n") + "\n"
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)
    return 0
