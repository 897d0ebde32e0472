"""What the run says of each requirement."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from .groups import grouped
from .records import Case, Requirement, Run


@dataclass(frozen=True)
class Status:
    """What the run says of a clause."""

    word: str
    meaning: str
    tone: str


VIOLATED = Status(
    "violated", "A deviation or a known difference names it, or names none and its case cites it.", "bad")
UNCLEAR = Status(
    "unclear", "Cases that cite it ran, but each of them differs, and not by this clause.", "warn")
UNEXERCISED = Status(
    "not exercised", "No case that cites it ran, and no rule of this id decided a call: a hole.", "quiet")
HELD = Status(
    "held", "A case that cites it conforms, or a rule of this id decided a call in one that does.", "good")
STATUSES = (VIOLATED, UNCLEAR, UNEXERCISED, HELD)


@dataclass(frozen=True)
class Clause:
    """A requirement, the cases that cite it, and in how many instances a rule of its id refused a call."""

    requirement: Requirement
    cases: tuple[str, ...]
    refusals: int
    status: Status


DIFFERS = ("deviates", "known")


def blamed(case: Case) -> set[str]:
    """The clauses that a case which differs speaks against: those that its findings name.

    When a finding names none, or there is no finding, they are those that the case cites.
    """
    rules = {finding.rule for finding in case.findings if finding.verdict.word in DIFFERS} or {None}
    named = {rule for rule in rules if rule}
    return named.union(case.cites) if None in rules else named


class Witnesses:
    """What the cases have to say about clauses, by clause id."""

    def __init__(self, run: Run) -> None:
        self.citing: dict[str, dict[str, None]] = {}
        self.refusals: Counter[str] = Counter()
        self.touched: set[str] = set()
        self.held: set[str] = set()
        self.violated: set[str] = set()
        for case in run.cases:
            self.hear(case, run.times(case))

    def hear(self, case: Case, times: int) -> None:
        """Takes one instance into account, which stands for so many."""
        for cited in case.cites:
            self.citing.setdefault(cited, {})[case.case] = None
        if not case.verdict.ran:
            return
        for rule in case.rules:
            self.refusals[rule] += times
        self.touched.update(case.cites, case.rules)
        if case.verdict.agrees:
            self.held.update(case.cites, case.rules)
        elif case.verdict.word in DIFFERS:
            self.violated.update(blamed(case))

    def named(self) -> set[str]:
        """Every id that a case names in any way."""
        return self.touched.union(self.citing, self.violated)

    def clause(self, row: Requirement) -> Clause:
        """A requirement with all that they say of it."""
        return Clause(row, tuple(self.citing.get(row.id, ())), self.refusals[row.id], self.status(row.id))

    def status(self, clause: str) -> Status:
        """What they say of one clause."""
        for ids, status in ((self.violated, VIOLATED), (self.held, HELD), (self.touched, UNCLEAR)):
            if clause in ids:
                return status
        return UNEXERCISED


@dataclass(frozen=True)
class Strength:
    """The clauses of one strength."""

    name: str
    clauses: list[Clause]

    def of(self, status: Status) -> list[Clause]:
        """Those with one status."""
        return [clause for clause in self.clauses if clause.status is status]

    @property
    def exercised(self) -> int:
        """How many the run says held or violated of."""
        return len(self.of(HELD)) + len(self.of(VIOLATED))


@dataclass(frozen=True)
class Clauses:
    """Every requirement by strength.

    unlisted are ids that the cases name and requirements.tsv does not have. complete is false when
    requirements.tsv was not given: then only the ids that cases name are known.
    """

    complete: bool
    strengths: list[Strength]
    unlisted: tuple[str, ...]

    @cached_property
    def by_id(self) -> dict[str, Clause]:
        """To look one up."""
        clauses = (clause for strength in self.strengths for clause in strength.clauses)
        return {clause.requirement.id: clause for clause in clauses}

    @property
    def exercised(self) -> int:
        """How many, over all strengths."""
        return sum(strength.exercised for strength in self.strengths)

    def of(self, status: Status) -> int:
        """How many have one status."""
        return sum(len(strength.of(status)) for strength in self.strengths)


def judge_clauses(run: Run, requirements: tuple[Requirement, ...] | None) -> Clauses:
    """The verdict on every requirement."""
    witnesses = Witnesses(run)
    named = sorted(witnesses.named())
    rows = requirements
    if rows is None:
        rows = tuple(Requirement(clause, "", "", "", "", "") for clause in named)
    clauses = [witnesses.clause(row) for row in rows]
    listed = {row.id for row in rows}
    return Clauses(
        requirements is not None,
        [Strength(*item) for item in grouped(clauses, lambda clause: clause.requirement.strength)],
        tuple(clause for clause in named if clause not in listed))
