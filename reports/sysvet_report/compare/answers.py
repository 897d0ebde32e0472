"""What a subject answered, instance by instance: the form in which runs and walks can stand side by side."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..formats.detail import differs
from ..records import Begin, Case, Finding, Run
from ..verdicts import Verdict


@dataclass(frozen=True)
class Answer:
    """One instance.

    outcomes  what the subject was seen to do
    told      what was seen of it where it differs, a line for each
    other     lines that are about the claim and not about the subject
    why       lines on the clauses that decide, and on what is known of the difference
    """

    name: str
    case: str
    claim: str
    place: str
    verdict: Verdict
    reason: str | None
    outcomes: frozenset[str]
    told: tuple[str, ...]
    other: tuple[str, ...] = ()
    why: tuple[str, ...] = ()

    @property
    def behaviour(self) -> tuple[frozenset[str], tuple[str, ...]]:
        """What the subject did, without what was made of it."""
        return self.outcomes, self.told


@dataclass(frozen=True)
class Answers:
    """A file of ours. problem says why its instances are not all that there is to say; None if they are.
    notes is what else it says, a line for each."""

    facts: dict[str, str]
    answers: dict[str, Answer]
    problem: str | None
    notes: tuple[str, ...] = ()


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
    "page size": lambda begin: str(begin.facts.get("page", "unknown")),
    "sysvet": lambda begin: begin.sysvet,
    "date": lambda begin: begin.date,
}


def step_of(finding: Finding) -> str:
    """A step that told: observed and expected."""
    aspect = "" if finding.aspect == "outcome" else f" ({finding.aspect})"
    return f"{differs(finding)}{aspect}"


def why_of(findings: Iterable[Finding]) -> Iterator[str]:
    """What is to be said of the findings of an instance, whatever the steps were."""
    for finding in findings:
        if finding.rule:
            yield f"clause {finding.rule}"
        if finding.reason:
            yield f"known: {finding.reason}{f' [{finding.reference}]' if finding.reference else ''}"


def answer_of(case: Case) -> Answer:
    """An instance of a run."""
    return Answer(
        case.name, case.case, case.claim, f"{case.file}:{case.line}", case.verdict, case.reason,
        frozenset(f"{outcome.operation} {outcome.result}" for outcome in case.outcomes),
        tuple(step_of(finding) for finding in case.findings if finding.aspect != "claim"),
        tuple(step_of(finding) for finding in case.findings if finding.aspect == "claim"),
        tuple(dict.fromkeys(why_of(case.findings))))


def answers_of(run: Run, problem: str | None) -> Answers:
    """A run."""
    return Answers({name: fact(run.begin) for name, fact in FACTS.items()},
                   {case.name: answer_of(case) for case in run.cases}, problem)
