"""Differences put together by what explains them: a row of the baseline, the clause that decides them, or the
answer that an operation gives wherever it is asked. Of all these the one that explains most is taken first.

A cause is told once, on its smallest case. What else it touches is a row each, and a count beyond so many
rows: the records, and `sysvet-report summary`, have them all.
"""

import heapq
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from .groups import Difference, Group, Section, grouped
from .records import Case, Finding

FULL = 30       # causes of one verdict that are told in full
BRIEF = 200     # causes after these that are told in a row
ROWS = 60       # rows below one cause
SHORT = 60      # characters of what is told in a heading
WORD = re.compile(r"[A-Za-z0-9]+")
SUCCESSES = ("0", "success", "blocks")


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
class Key:
    """What explains differences; of reason, rule and the last three fields one is given."""

    verdict: str
    reason: str | None = None
    reference: str | None = None
    rule: str | None = None
    operation: str = ""
    aspect: str = ""
    answer: str = ""

    @property
    def rank(self) -> int:
        """Of two that explain the same a clause says more than an answer."""
        return 0 if self.rule else 1


@dataclass(frozen=True)
class Cause:
    """Differences with one cause."""

    key: Key
    places: tuple[Place, ...]
    instances: int

    @property
    def rule(self) -> str | None:
        """The clause that decides, if it is one."""
        return self.key.rule

    @property
    def rules(self) -> list[str]:
        """The clauses that its findings name."""
        found = (place.difference.finding.rule for place in self.places)
        return list(dict.fromkeys(rule for rule in found if rule))

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
    def seen(self) -> tuple[str, str] | None:
        """What was observed and expected, where that is the same in all differences and short."""
        pairs = {(place.difference.finding.observed, place.difference.finding.expected)
                 for place in self.places}
        return pairs.pop() if len(pairs) == 1 and all(len(text) <= SHORT for text in list(pairs)[0]) else None

    @property
    def symptoms(self) -> list[Symptom]:
        """What is seen of it, the most frequent first."""
        pairs = grouped(self.places, lambda place: symptom_key(place.difference.finding))
        found = [Symptom(*key, sum(place.difference.total for place in places)) for key, places in pairs]
        return sorted(found, key=lambda symptom: (-symptom.instances, symptom.operation))


def symptom_key(finding: Finding) -> tuple[str, str, str, str]:
    """What a finding is an instance of. Answers that are no single word are told in the finding only."""
    observed, expected = (text if WORD.fullmatch(text) else ""
                          for text in (finding.observed, finding.expected))
    return operation_of(finding), finding.aspect, observed, expected


def keys_of(finding: Finding) -> list[Key]:
    """What could explain a finding.

    An errno explains whatever was expected of the call. A success, or an answer of many words, explains only
    what was expected in the same words.
    """
    verdict = finding.verdict.word
    if finding.reason:
        return [Key(verdict, finding.reason, finding.reference)]
    operation, aspect, observed, expected = symptom_key(finding)
    answer = observed if observed and observed not in SUCCESSES else f"{observed} instead of {expected}"
    found = Key(verdict, operation=operation, aspect=aspect, answer=answer if observed or expected else "")
    return [Key(verdict, rule=finding.rule), found] if finding.rule else [found]


def explained(places: list[Place]) -> list[tuple[Key, list[Place]]]:
    """Each place with the key that explains most of those that no key before explains."""
    open_places: dict[Key, list[Place]] = {}
    for place in places:
        for key in keys_of(place.difference.finding):
            open_places.setdefault(key, []).append(place)
    done: set[int] = set()
    made = []
    heap = [(-weight(found), key.rank, number, key)
            for number, (key, found) in enumerate(open_places.items())]
    heapq.heapify(heap)
    while heap:
        before, rank, number, key = heapq.heappop(heap)
        left = [place for place in open_places[key] if id(place) not in done]
        if left and weight(left) < -before:
            heapq.heappush(heap, (-weight(left), rank, number, key))
        elif left:
            done.update(map(id, left))
            made.append((key, left))
    return made


def weight(places: Iterable[Place]) -> int:
    """How many instances they have."""
    return sum(place.difference.total for place in places)


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
    for key, members in explained(places):
        instances = {name: place.group for place in members for name in place.difference.instances}
        hidden = sum(group.more.get(name, 0) for name, group in instances.items())
        made.append(Cause(key, tuple(members), len(instances) + hidden))
    made.sort(key=lambda cause: (-cause.instances, cause.example.size))
    return Causes(tuple(made[:FULL]), tuple(made[FULL:FULL + BRIEF]), max(0, len(made) - FULL - BRIEF),
                  unsaid(section.groups))
