"""Differences put together by what causes them: the clause that decides, or else what was seen.

A cause is told once, on its smallest case. What else it touches is a row each, and a count beyond so many
rows: the records, and `sysvet-report summary`, have them all.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from .groups import Difference, Group, Section, grouped
from .records import Case, Finding

FULL = 30       # causes of one verdict that are told in full
BRIEF = 200     # causes after these that are told in a row
ROWS = 60       # rows below one cause
WORD = re.compile(r"[A-Za-z0-9]+")


def operation_of(finding: Finding) -> str:
    """The operation of a finding, from its call."""
    return finding.call.partition("(")[0].strip()


@dataclass(frozen=True)
class Symptom:
    """What is seen of a cause: one operation, one way to differ, in so many instances."""

    operation: str
    aspect: str
    observed: str
    expected: str
    instances: int


@dataclass(frozen=True)
class Place:
    """A difference, and the case that it is in."""

    group: Group
    difference: Difference

    @property
    def size(self) -> tuple[object, ...]:
        """How much has to be read to understand it."""
        finding = self.difference.finding
        return (finding.step, sum(map(len, finding.steps)), len(finding.because), self.difference.first)


@dataclass(frozen=True)
class Cause:
    """Differences with one cause. rule is the clause that decides, if one was named."""

    rule: str | None
    places: tuple[Place, ...]
    instances: int

    @property
    def example(self) -> Place:
        """The smallest."""
        return min(self.places, key=lambda place: place.size)

    @property
    def others(self) -> list[Place]:
        """All but the example, as many as are shown."""
        example = self.example
        return list(islice((place for place in self.places if place is not example), ROWS))

    @property
    def left_out(self) -> int:
        """Differences that are not shown."""
        return len(self.places) - 1 - len(self.others)

    @property
    def cases(self) -> int:
        """How many it touches."""
        return len({place.group.case for place in self.places})

    @property
    def symptoms(self) -> list[Symptom]:
        """What is seen of it, the most frequent first."""
        pairs = grouped(self.places, lambda place: symptom_key(place.difference.finding))
        found = [Symptom(*key, sum(place.difference.total for place in places)) for key, places in pairs]
        return sorted(found, key=lambda symptom: (-symptom.instances, symptom.operation))


def symptom_key(finding: Finding) -> tuple[str, str, str, str]:
    """What a finding is an instance of. Answers that are no single word are told in the finding only."""
    words = (text if WORD.fullmatch(text) else "" for text in (finding.observed, finding.expected))
    return (operation_of(finding), finding.aspect, *words)     # type: ignore[return-value]


def cause_key(finding: Finding) -> object:
    """Two findings have one cause when one clause decides them; without one, when they look the same."""
    return (finding.verdict.word, finding.rule or (None, *symptom_key(finding)))


@dataclass(frozen=True)
class Unsaid:
    """Cases of a section that have no finding, by their reason."""

    reason: str
    cases: tuple[Case, ...]
    instances: int


@dataclass(frozen=True)
class Causes:
    """All that a section has to tell: causes in full, those in a row each, and how many more there are."""

    full: tuple[Cause, ...]
    brief: tuple[Cause, ...]
    left_out: int
    unsaid: tuple[Unsaid, ...]

    @property
    def total(self) -> int:
        """How many causes there are."""
        return len(self.full) + len(self.brief) + self.left_out


def unsaid(groups: Iterable[Group]) -> tuple[Unsaid, ...]:
    """What has a verdict and no finding."""
    cases = [(group, case) for group in groups for case in group.instances if not case.findings]
    return tuple(Unsaid(reason or "No finding was recorded.", tuple(case for _, case in members),
                        sum(group.times(case) for group, case in members))
                 for reason, members in grouped(cases, lambda pair: pair[1].reason))


def causes(section: Section) -> Causes:
    """The causes of a section, those with most instances first."""
    places = [Place(group, found) for group in section.groups for found in group.differences]
    made = []
    for _, members in grouped(places, lambda place: cause_key(place.difference.finding)):
        instances = {name for place in members for name in place.difference.instances}
        hidden = sum(members[0].group.more.get(name, 0) for name in instances)
        made.append(Cause(members[0].difference.finding.rule, tuple(members), len(instances) + hidden))
    made.sort(key=lambda cause: (-cause.instances, cause.example.size))
    return Causes(tuple(made[:FULL]), tuple(made[FULL:FULL + BRIEF]), max(0, len(made) - FULL - BRIEF),
                  unsaid(section.groups))
