"""The permission space as heat maps: for each kind of object, relations by the digits of the mode.

A map of all 512 modes would show the same 64 times: what a caller may do follows from one digit. So a spot
stands for the modes with one value of one digit, and a difference in a single mode shows in three spots.
"""

from dataclasses import dataclass

from .records import Matrix, MatrixMap, MatrixOperation
from .words import count, number

DIGITS = (("owner", 6), ("group", 3), ("others", 0))
SHADES = 5      # from 0, nothing is granted, to this, everything is


@dataclass(frozen=True)
class Spot:
    """Some cells taken together."""

    what: str
    cells: int
    granted: int
    deviates: int
    permitted: int
    known: int
    apart: int

    @property
    def shade(self) -> int:
        """How much is granted. Only all is all, and only nothing is nothing."""
        if self.granted in (0, self.cells):
            return SHADES if self.granted else 0
        return 1 + (SHADES - 1) * self.granted // self.cells

    @property
    def tone(self) -> str:
        """How the spot stands out."""
        return "bad" if self.deviates else "warn" if self.permitted else "note" if self.known else ""

    @property
    def mark(self) -> str:
        """What is printed in the spot: how many cells differ, or else the part that is granted."""
        differ = self.deviates + self.permitted + self.known
        return number(differ) if differ else f"{100 * self.granted // max(self.cells, 1)}%"

    @property
    def explanation(self) -> str:
        """The spot as a sentence."""
        parts = [f"{self.what}: {number(self.granted)} of {count(self.cells, 'cell')} granted"]
        if self.deviates:
            parts.append(f"{number(self.deviates)} deviate")
        if self.permitted:
            parts.append(f"{number(self.permitted)} differ as POSIX permits")
        if self.known:
            parts.append(f"{number(self.known)} differ as is known")
        if self.apart:
            parts.append(f"in {number(self.apart)} Linux does what POSIX does not allow")
        return ", ".join(parts) + "."


@dataclass(frozen=True)
class Row:
    """A relation, or an operation, with its spots."""

    name: str
    meaning: str
    spots: tuple[Spot, ...]


@dataclass(frozen=True)
class KindMap:
    """The maps of one kind of object."""

    kind: str
    modes: tuple[Row, ...]          # a row for each relation, 24 spots: three digits of eight values
    operations: tuple[Row, ...]     # a row for each operation, a spot for each relation
    relations: tuple[str, ...]
    deviates: int


@dataclass(frozen=True)
class Heat:
    """The permission space, ready to be shown."""

    matrix: Matrix
    kinds: tuple[KindMap, ...]

    @property
    def tone(self) -> str:
        """How bad it is."""
        end = self.matrix.end
        if not end or end.interrupted or end.verdicts.get("broken"):
            return "warn"
        if end.verdicts["deviates"]:
            return "bad"
        return "note" if end.verdicts["permitted"] or end.verdicts["known"] else "good"

    @property
    def sentence(self) -> str:
        """What came of it all."""
        end = self.matrix.end
        if not end:
            return "The walk through the permission space was cut off."
        words = ("deviates", "permitted", "known", "broken")
        differ = [f"{number(end.verdicts[word])} {word}" for word in words if end.verdicts.get(word)]
        ran = f"{count(end.cells, 'cell')} of {number(self.matrix.begin.cells)} of the permission space ran"
        return f"{ran}: " + (", ".join(differ) if differ else "all do what the model predicts") + "."


def digit_spots(one: MatrixMap) -> tuple[Spot, ...]:
    """The modes of a map, taken together by the value of each digit."""
    spots = []
    for name, shift in DIGITS:
        for value in range(8):
            modes = [mode for mode in range(512) if mode >> shift & 7 == value]
            spots.append(Spot(f"{one.kind}, as={one.relation}, {name} digit {value}",
                              *(sum(column[mode] for mode in modes) for column in
                                (one.cells, one.granted, one.deviates, one.permitted, one.known,
                                 one.apart))))
    return tuple(spots)


def operation_rows(found: list[MatrixOperation], relations: tuple[str, ...]) -> tuple[Row, ...]:
    """A row for each operation, in the order of the records. Where nothing ran a spot has no cells."""
    by_name: dict[str, dict[str, MatrixOperation]] = {}
    for one in found:
        by_name.setdefault(one.operation, {})[one.relation] = one

    def spot(name: str, relation: str) -> Spot:
        one = by_name[name].get(relation)
        numbers = ((one.cells, one.granted, one.deviates, one.permitted, one.known, one.apart) if one
                   else (0,) * 6)
        return Spot(f"{name}, as={relation}", *numbers)

    return tuple(Row(name, "", tuple(spot(name, relation) for relation in relations)) for name in by_name)


def heat(matrix: Matrix) -> Heat:
    """The maps of a walk."""
    meanings = dict(zip(matrix.begin.relations, matrix.begin.meanings))
    kinds = []
    for kind in dict.fromkeys(one.kind for one in matrix.maps):
        maps = [one for one in matrix.maps if one.kind == kind]
        relations = tuple(one.relation for one in maps)
        kinds.append(KindMap(
            kind, tuple(Row(one.relation, meanings.get(one.relation, ""), digit_spots(one)) for one in maps),
            operation_rows([one for one in matrix.operations if one.kind == kind], relations), relations,
            sum(sum(one.deviates) for one in maps)))
    return Heat(matrix, tuple(kinds))
