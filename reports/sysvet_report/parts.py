"""Operation x argument x part x outcome: which values were tried, and what is left to try."""

from dataclasses import dataclass
from functools import cached_property

from .records import Argument, Calls, Describe


@dataclass(frozen=True)
class Hole:
    """Parts of an argument that no call had; reason is the same for all of them, None if there is none."""

    operation: str
    argument: Argument
    parts: tuple[str, ...]
    reason: str | None


@dataclass(frozen=True)
class Partitions:
    """The operations by family; a family has no name when nobody says which there are."""

    families: tuple[tuple[str, tuple[Calls, ...]], ...]

    @cached_property
    def arguments(self) -> list[tuple[Calls, Argument]]:
        """Each argument with its operation."""
        return [(calls, argument) for _, found in self.families for calls in found
                for argument in calls.arguments]

    @cached_property
    def total(self) -> int:
        """Parts of arguments of operations."""
        return sum(len(argument.parts) for _, argument in self.arguments)

    @cached_property
    def done(self) -> int:
        """Those that some call had."""
        return sum(bool(part.outcomes) for _, argument in self.arguments for part in argument.parts)

    @cached_property
    def outcomes(self) -> int:
        """Pairs of a part and an outcome that were seen."""
        return sum(len(part.outcomes) for _, argument in self.arguments for part in argument.parts)

    @cached_property
    def without(self) -> list[Hole]:
        """Parts that no call had, by argument and reason."""
        found = []
        for calls, argument in self.arguments:
            reasons: dict[str | None, list[str]] = {}
            for part in argument.parts:
                if not part.outcomes:
                    reasons.setdefault(part.untried, []).append(part.name)
            found += [Hole(calls.operation, argument, tuple(parts), reason)
                      for reason, parts in reasons.items()]
        return found

    @cached_property
    def holes(self) -> list[Hole]:
        """What is left to try."""
        return [hole for hole in self.without if hole.reason is None]

    @cached_property
    def excused(self) -> list[tuple[str, list[Hole]]]:
        """Each reason with what is not tried for it."""
        reasons = {hole.reason: [one for one in self.without if one.reason == hole.reason]
                   for hole in self.without}
        return [(reason, found) for reason, found in reasons.items() if reason is not None]


def partitions(calls: tuple[Calls, ...], describe: Describe | None) -> Partitions:
    """What the records of operations say, by the families that describe gives."""
    family = {operation.name: operation.family for operation in describe.operations} if describe else {}
    families: dict[str, list[Calls]] = {}
    for one in calls:
        families.setdefault(family.get(one.operation, ""), []).append(one)
    return Partitions(tuple((name, tuple(found)) for name, found in families.items()))
