"""The cases of a run, put together by what they have in common."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from .records import Case, Finding
from .verdicts import BY_SEVERITY, Verdict

K = TypeVar("K")
V = TypeVar("V")


def grouped(things: Iterable[V], key: Callable[[V], K]) -> Iterable[tuple[K, list[V]]]:
    """Each key with the things that have it; both in order of first appearance."""
    members: dict[K, list[V]] = {}
    for thing in things:
        members.setdefault(key(thing), []).append(thing)
    return members.items()


@dataclass(frozen=True)
class Difference:
    """A finding, and every instance that has the same one."""

    finding: Finding
    instances: tuple[str, ...]

    @property
    def first(self) -> str:
        """The instance that the finding's steps are taken from."""
        return self.instances[0]


@dataclass(frozen=True)
class Group:
    """The instances of one case, all of them or those with one verdict."""

    case: str
    instances: tuple[Case, ...]

    @property
    def first(self) -> Case:
        """An instance to take from what all have in common: claim, file, family, cites."""
        return self.instances[0]

    @cached_property
    def counts(self) -> Counter[str]:
        """Instances by verdict word."""
        return Counter(case.verdict.word for case in self.instances)

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
        seen: dict[object, tuple[Finding, list[str]]] = {}
        for case in self.instances:
            for f in case.findings:
                key = (f.verdict, f.aspect, f.step, f.line, f.actor, f.call, f.observed, f.expected,
                       f.linux, f.posix, f.because, f.rule, f.reason, f.reference)
                seen.setdefault(key, (f, []))[1].append(case.name)
        return [Difference(finding, tuple(names)) for finding, names in seen.values()]


def group(cases: Iterable[Case]) -> list[Group]:
    """Cases in order of appearance."""
    return [Group(name, tuple(instances)) for name, instances in grouped(cases, lambda case: case.case)]


@dataclass(frozen=True)
class Section:
    """The cases that have instances with one verdict, and only those instances."""

    verdict: Verdict
    groups: list[Group]

    @property
    def instances(self) -> int:
        """How many."""
        return sum(len(group.instances) for group in self.groups)

    @property
    def by_reason(self) -> list[tuple[str, list[str]]]:
        """Each reason with the names of the instances that give it."""
        cases = (case for group in self.groups for case in group.instances)
        return [(reason or "no reason was recorded", [case.name for case in members])
                for reason, members in grouped(cases, lambda case: case.reason)]


def sections(cases: Iterable[Case]) -> list[Section]:
    """What is worth telling, the most severe first. A case that conforms is, when it has a finding."""
    told = (case for case in cases if case.verdict.word != "conforms" or case.findings)
    made = [Section(verdict, group(members)) for verdict, members in grouped(told, lambda case: case.verdict)]
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
