"""The cases of a run, put together by what they have in common."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from .records import Case, Finding
from .verdicts import BY_SEVERITY, Verdict

K = TypeVar("K")
V = TypeVar("V")
NO_MORE: Mapping[str, int] = MappingProxyType({})


def grouped(things: Iterable[V], key: Callable[[V], K]) -> Iterable[tuple[K, list[V]]]:
    """Each key with the things that have it; both in order of first appearance."""
    members: dict[K, list[V]] = {}
    for thing in things:
        members.setdefault(key(thing), []).append(thing)
    return members.items()


@dataclass(frozen=True)
class Difference:
    """A finding, and every instance that has the same one: those that are named, and how many there are."""

    finding: Finding
    instances: tuple[str, ...]
    total: int

    @property
    def first(self) -> str:
        """The instance that the finding's steps are taken from."""
        return self.instances[0]


@dataclass(frozen=True)
class Group:
    """The instances of one case, all of them or those with one verdict. more is that of the run."""

    case: str
    instances: tuple[Case, ...]
    more: Mapping[str, int] = field(default_factory=dict)

    def times(self, case: Case) -> int:
        """How many instances one of them stands for."""
        return 1 + self.more.get(case.name, 0)

    @cached_property
    def total(self) -> int:
        """How many instances in all."""
        return sum(map(self.times, self.instances))

    @property
    def first(self) -> Case:
        """An instance to take from what all have in common: claim, file, family, cites."""
        return self.instances[0]

    @cached_property
    def counts(self) -> Counter[str]:
        """Instances by verdict word."""
        counts: Counter[str] = Counter()
        for case in self.instances:
            counts[case.verdict.word] += self.times(case)
        return counts

    @property
    def verdicts(self) -> list[Verdict]:
        """Those that occur, the most severe first."""
        return [verdict for verdict in BY_SEVERITY if self.counts[verdict.word]]

    @property
    def reasons(self) -> tuple[str, ...]:
        """What the instances give as reason, each once."""
        return tuple(dict.fromkeys(case.reason for case in self.instances if case.reason))

    @property
    def hows(self) -> tuple[str, ...]:
        """How the instances were run, each way once; nothing if none was started."""
        return tuple(dict.fromkeys(case.how for case in self.instances if case.how))

    @cached_property
    def differences(self) -> list[Difference]:
        """Findings in order of appearance; those that differ in nothing but the instance are one."""
        seen: dict[object, tuple[Finding, list[str], Counter[None]]] = {}
        for case in self.instances:
            for f in case.findings:
                key = (f.verdict, f.aspect, f.step, f.line, f.actor, f.call, f.observed, f.expected,
                       f.linux, f.posix, f.because, f.rule, f.reason, f.reference)
                _, names, total = seen.setdefault(key, (f, [], Counter()))
                names.append(case.name)
                total[None] += self.times(case)
        return [Difference(finding, tuple(names), total[None]) for finding, names, total in seen.values()]


def group(cases: Iterable[Case], more: Mapping[str, int] = NO_MORE) -> list[Group]:
    """Cases in order of appearance."""
    return [Group(name, tuple(instances), more) for name, instances in grouped(cases, lambda case: case.case)]


@dataclass(frozen=True)
class Reason:
    """Why instances were not run: those that are named, and how many there are."""

    text: str
    names: tuple[str, ...]
    total: int


@dataclass(frozen=True)
class Section:
    """The cases that have instances with one verdict, and only those instances."""

    verdict: Verdict
    groups: list[Group]

    @property
    def instances(self) -> int:
        """How many."""
        return sum(group.total for group in self.groups)

    @property
    def by_reason(self) -> list[Reason]:
        """Each reason with the instances that give it."""
        cases = ((group, case) for group in self.groups for case in group.instances)
        return [Reason(reason or "no reason was recorded", tuple(case.name for _, case in members),
                       sum(group.times(case) for group, case in members))
                for reason, members in grouped(cases, lambda pair: pair[1].reason)]


def sections(cases: Iterable[Case], more: Mapping[str, int]) -> list[Section]:
    """What is worth telling, the most severe first. A case that conforms is, when it has a finding."""
    told = (case for case in cases if case.verdict.word != "conforms" or case.findings)
    made = [Section(verdict, group(members, more))
            for verdict, members in grouped(told, lambda case: case.verdict)]
    return sorted(made, key=lambda section: -section.verdict.severity)


@dataclass(frozen=True)
class Family:
    """Totals of the cases of one family."""

    name: str
    groups: list[Group]

    @cached_property
    def counts(self) -> Counter[str]:
        """Instances by verdict word."""
        return sum((group.counts for group in self.groups), Counter())

    @property
    def instances(self) -> int:
        """How many."""
        return self.counts.total()


def families(groups: list[Group]) -> list[Family]:
    """In order of appearance."""
    return [Family(name, members) for name, members in grouped(groups, lambda group: group.first.family)]
