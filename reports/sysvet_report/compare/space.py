"""The permission space of `sysvet matrix`, so that it can stand beside others.

An instance is all cells of one operation and one relation of the caller to the object, or all cells of one
kind of object and one relation, by mode.
"""

from itertools import groupby
from typing import BinaryIO

from ..load import load_matrix
from ..records import Matrix, MatrixMap, MatrixOperation
from ..verdicts import VERDICTS
from ..words import count, number
from .answers import Answer, Answers

Sums = tuple[int, int, int]     # cells that ran, that deviate, that POSIX permits to differ
WORDS = ("deviate", "differ as POSIX permits")
SHOWN = 12      # ranges of modes that are told
CLAIM = "Who may do what is what the model says."


def answer(name: str, one: MatrixOperation | MatrixMap, sums: Sums, exact: list[str],
           told: list[str]) -> Answer:
    """Many cells as one instance, with the verdict of the worst; exact is all that can differ in them."""
    cells, deviates, permitted = sums
    word = "deviates" if deviates else "permitted" if permitted else "conforms" if cells else "skipped"
    return Answer(f"matrix/{one.kind}{name}", f"matrix/{one.kind}{name}", CLAIM, "sysvet matrix",
                  VERDICTS[word], None if cells else "no cell of it ran", frozenset(exact), tuple(told))


def of_operation(one: MatrixOperation) -> Answer:
    """The cells of an operation and a relation."""
    found = [f"{number(cells)} of {count(one.cells, 'cell')} {word}"
             for cells, word in zip((one.deviates, one.permitted), WORDS) if cells]
    return answer(f"/{one.operation}[as={one.relation}]", one, (one.cells, one.deviates, one.permitted), [],
                  found)


def ranges(counts: tuple[int, ...]) -> list[str]:
    """Modes that have a count, neighbours together: 0400-0477."""
    found = []
    for some, group in groupby(enumerate(counts), lambda one: one[1] > 0):
        modes = [mode for mode, _ in group]
        if some:
            found.append(f"{modes[0]:04o}" + (f"-{modes[-1]:04o}" if len(modes) > 1 else ""))
    return found


def of_map(one: MatrixMap) -> Answer:
    """The cells of a kind and a relation, by mode."""
    exact, told = [], []
    for counts, word in zip((one.deviates, one.permitted), WORDS):
        exact += [f"{mode:04o} {cells} {word}" for mode, cells in enumerate(counts) if cells]
        modes = ranges(counts)
        if modes:
            told.append(f"some {word} in mode {', '.join(modes[:SHOWN])}{', ...' * (len(modes) > SHOWN)}")
    sums = (sum(one.cells), sum(one.deviates), sum(one.permitted))
    return answer(f"[as={one.relation},by=mode]", one, sums, exact, told)


def problem_of(matrix: Matrix) -> str | None:
    """Why its cells are not all that there is to say."""
    if matrix.end is None:
        return "the walk was interrupted: its records have no end"
    if matrix.end.interrupted:
        done = count(matrix.end.cells, "cell")
        return f"the walk was interrupted: {matrix.end.interrupted} ended it after {done}"
    broken = matrix.end.verdicts.get("broken", 0)
    return f"{count(broken, 'cell')} of {number(matrix.begin.cells)} are broken" if broken else None


def notes_of(matrix: Matrix) -> tuple[str, ...]:
    """How many cells ran, why others did not, and by which rules they differ."""
    ran = f"{number(sum(sum(one.cells) for one in matrix.maps))} of {count(matrix.begin.cells, 'cell')} ran"
    reasons = matrix.end.reasons if matrix.end else ()
    return (ran, *(f"skipped {count(reason.cells, 'cell')}: {reason.why}" for reason in reasons),
            *(f"{rule.verdict} in {count(rule.cells, 'cell')}: {rule.rule}" for rule in matrix.rules))


def read_matrix(path: str, file: BinaryIO) -> Answers:
    """A walk with the rules that it found. OSError and LoadError as in load_matrix."""
    matrix = load_matrix(path, file)
    begin = matrix.begin
    facts = {"subject": begin.subject, "kernel": f"{begin.system.sysname} {begin.system.release}",
             "kernel version": begin.system.version, "machine": begin.system.machine,
             "profile": begin.profile, "sysvet": begin.sysvet}
    every = [*map(of_operation, matrix.operations), *map(of_map, matrix.maps)]
    return Answers(facts, {one.name: one for one in every}, problem_of(matrix), notes_of(matrix))
