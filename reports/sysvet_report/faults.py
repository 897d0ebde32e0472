"""Faults put in on purpose, and which of them the cases notice, by the records of `sysvet mutate`."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from .groups import grouped
from .records import Mutant
from .words import count, number

ROWS = 400      # rows of a list; the rest is counted


@dataclass(frozen=True)
class Faults:
    """All mutants."""

    mutants: tuple[Mutant, ...]

    @cached_property
    def counted(self) -> tuple[Mutant, ...]:
        """Those that could be noticed: a mutant that changes nothing is not held against the cases."""
        return tuple(mutant for mutant in self.mutants if not mutant.excluded)

    @cached_property
    def noticed(self) -> int:
        """How many of these were."""
        return sum(mutant.noticed for mutant in self.counted)

    @cached_property
    def survivors(self) -> list[Mutant]:
        """Those that nobody noticed; without excuse first."""
        found = [mutant for mutant in self.counted if not mutant.noticed]
        return sorted(found, key=lambda mutant: mutant.excused is not None)

    @property
    def excluded(self) -> list[Mutant]:
        """Those that change nothing."""
        return [mutant for mutant in self.mutants if mutant.excluded]

    @property
    def kinds(self) -> list[tuple[str, int, int]]:
        """Each kind of mutant, how many of it were noticed, and how many there are."""
        pairs = grouped(self.counted, lambda mutant: mutant.kind or "mutant")
        return [(kind, sum(mutant.noticed for mutant in found), len(found)) for kind, found in pairs]

    @property
    def busiest(self) -> list[tuple[str, int]]:
        """The cases that notice most mutants."""
        return Counter(case for mutant in self.counted for case in mutant.cases).most_common(12)

    @property
    def tone(self) -> str:
        """How good that is."""
        return "good" if all(mutant.excused for mutant in self.survivors) else "warn"

    @property
    def sentence(self) -> str:
        """The score."""
        open_ones = sum(not mutant.excused for mutant in self.survivors)
        excused = len(self.survivors) - open_ones
        parts = [f"{number(self.noticed)} of {count(len(self.counted), 'fault')} put into the model on "
                 "purpose were noticed",
                 f"{number(excused)} need not be" if excused else "",
                 f"{count(open_ones, 'survivor')} without excuse" if open_ones else ""]
        return "; ".join(filter(None, parts)) + "."
