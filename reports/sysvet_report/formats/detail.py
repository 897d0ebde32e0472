"""What there is to say about one instance, for formats that show text beside a test."""

from collections.abc import Iterator

from ..records import BaselineRow, Begin, Case, Finding
from ..words import count, printable

LONGEST = 4000      # characters of one line; the records have it whole


def line(text: str, longest: int = LONGEST) -> str:
    """text on one line, without unseen characters, and not too long to be shown."""
    text = printable(text)
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text)} characters)"


def context(begin: Begin) -> str:
    """What ran where; of documents that is not told."""
    system = begin.system
    parts = [begin.subject, f"{system.sysname} {system.release} {system.machine}".strip(),
             begin.profile and f"profile {begin.profile}", begin.abi and f"abi {begin.abi}", begin.date]
    return line(f"sysvet {begin.sysvet}: {', '.join(filter(None, parts))}")


def stale(row: BaselineRow) -> str:
    """A row of a baseline that nothing fits any more."""
    return line(f"stale in the baseline: {row.text}: {row.reason}")


def leaks(n: int) -> str:
    """What a run left behind."""
    return f"{count(n, 'object')} left behind in the namespace of the run"


def differs(finding: Finding) -> str:
    """A finding in one line; what is no step of a case has no actor."""
    who = f"step {finding.step}: {finding.actor} " if finding.step else ""
    return f"{who}{finding.call}: observed {finding.observed}, expected {finding.expected}"


def headline(case: Case) -> str:
    """Why the instance has its verdict, in one line."""
    why = case.reason or (differs(case.findings[0]) if case.findings else case.verdict.meaning)
    return line(f"{case.verdict.word}: {why}")


def finding_lines(finding: Finding) -> Iterator[str]:
    """A finding, a fact on each line."""
    yield differs(finding)
    if finding.linux or finding.posix:
        yield f"linux: {finding.linux}; posix: {finding.posix}"
    for reason in finding.because:
        yield f"because {reason}"
    if finding.rule:
        yield f"clause {finding.rule}"
    yield f"replay: {finding.replay}"


def lines(case: Case) -> list[str]:
    """All that is to be said; nothing of an instance that conforms without a remark."""
    if case.verdict.word == "conforms" and not case.findings:
        return []
    told = [f"claim: {case.claim}"]
    if case.file:
        told.append(f"at {case.file}:{case.line}")
    if case.reference:
        told.append(f"reference: {case.reference}")
    for finding in case.findings:
        told += finding_lines(finding)
    return [line(text) for text in told]
