"""The report as text, for a terminal or a log."""

from collections.abc import Iterator

from .clauses import Clauses
from .digest import Digest
from .groups import Difference, Section
from .records import Begin
from .verdicts import VERDICTS
from .words import count, number, printable


def context(begin: Begin) -> str:
    """What ran where, on one line."""
    system = begin.system
    return (f"sysvet {begin.sysvet}: {begin.subject}, {system.sysname} {system.release} {system.machine}, "
            f"profile {begin.profile}, abi {begin.abi}, {begin.date}")


def totals(digest: Digest) -> Iterator[str]:
    """A line for each family and one for all, with a column for each verdict that occurs."""
    words = [word for word in VERDICTS if digest.counts[word]]
    rows = [(family.name, len(family.groups), family.instances, family.counts) for family in digest.families]
    rows.append(("all", len(digest.groups), digest.run.instances, digest.counts))
    names = max(len(printable(row[0])) for row in rows)
    yield " ".join([f"{'family':{names}}", "cases", "instances", *words])
    for name, cases, instances, counts in rows:
        cells = [f"{number(counts[word]):>{len(word)}}" for word in words]
        yield " ".join([f"{name:{names}}", f"{number(cases):>5}", f"{number(instances):>9}", *cells])


def difference(found: Difference, clauses: Clauses) -> Iterator[str]:
    """A finding in the form in which the runner prints it."""
    finding = found.finding
    yield f"{finding.verdict.word}  {found.instances[0]}  step {finding.step}"
    if found.total > 1:
        yield f"     and in {count(found.total - 1, 'more instance')}"
    yield f"  {finding.actor}  {finding.call}"
    yield f"     observed  {finding.observed}"
    yield f"     expected  {finding.expected}   linux: {finding.linux}   posix: {finding.posix}"
    if finding.reason:
        yield f"     known     {finding.reason}  {finding.reference or ''}".rstrip()
    for label, line in zip(["because"] + [""] * len(finding.because), finding.because):
        yield f"     {label:8}  {line}"
    if finding.rule:
        clause = clauses.by_id.get(finding.rule)
        yield f"     clause    {finding.rule}  {clause.requirement.paraphrase if clause else ''}".rstrip()
    yield f"     replay    {finding.replay}"


def told(section: Section, clauses: Clauses) -> Iterator[str]:
    """One verdict: its findings and reasons, or only the reasons when nothing ran."""
    word = section.verdict.word
    if not section.verdict.ran:
        yield ""
        for reason in section.by_reason:
            yield f"{word}  {count(reason.total, 'instance')}: {reason.text}"
    for group in section.groups:
        for found in group.differences:
            yield ""
            yield from difference(found, clauses)
        if section.verdict.ran and not group.differences:
            yield ""
            yield f"{word}  {group.case}: {', '.join(group.reasons) or 'no finding was recorded'}"


def summary(digest: Digest) -> str:
    """The whole text, without unseen characters other than its line feeds."""
    conclusion = digest.conclusion
    lines = [context(digest.run.begin), "", conclusion.headline, conclusion.detail, digest.evidence,
             *digest.remarks, "", *totals(digest)]
    for section in digest.sections:
        lines += told(section, digest.clauses)
    return "".join(printable(line) + "\n" for line in lines)
