"""What the operations came to, beside what the rules of the model promise."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from .records import Describe, Operation, Outcome, Rule, Run


@dataclass(frozen=True)
class Coverage:
    """done of done + len(holes); nothing is a hole when it is not known what there could be."""

    done: int
    holes: tuple[str, ...]

    @property
    def total(self) -> int:
        """The denominator."""
        return self.done + len(self.holes)


@dataclass(frozen=True)
class Cell:
    """An operation and a result: in how many instances it was seen, and the rules that promise it."""

    seen: int
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Row:
    """An operation. described is false when describe.json was not given or does not have it."""

    operation: str
    described: bool
    cells: dict[str, Cell]


def result_order(word: str) -> tuple[object, ...]:
    """Success, blocks, then error and signal names by the alphabet."""
    return (word != "0", word != "blocks", word.startswith("wakes "), word.startswith("SIG"), word)


@dataclass(frozen=True)
class Table:
    """The operations of one family and every result that one of them has or could have."""

    family: str
    rows: list[Row]

    @cached_property
    def results(self) -> list[str]:
        """Success, blocks, then error and signal names by the alphabet."""
        words = {result for row in self.rows for result in row.cells}
        return sorted(words, key=result_order)


@dataclass(frozen=True)
class Outcomes:
    """Operation x result, and three coverages, whose totals are 0 when describe.json was not given.

    called    operations that some instance came to a result of
    promised  pairs of operation and errno that a rule promises, and that were seen
    rules     rules that decided a failure
    """

    tables: list[Table]
    called: Coverage
    promised: Coverage
    rules: Coverage


def coverage(things: Iterable[tuple[str, object]]) -> Coverage:
    """Of things by name and whether they were done; a name that comes twice counts once."""
    done: dict[str, object] = {}
    for name, was_done in things:
        done[name] = done.get(name) or was_done
    return Coverage(sum(1 for was_done in done.values() if was_done),
                    tuple(name for name, was_done in done.items() if not was_done))


def outcome_rows(run: Run, described: tuple[Operation, ...]) -> dict[str, list[Row]]:
    """Rows by family: what is described, in its order, then operations that only the records name."""
    seen: Counter[Outcome] = Counter()
    for case in run.cases:
        for outcome in case.outcomes if case.verdict.ran else ():
            seen[outcome] += run.times(case)
    results: dict[str, dict[str, Cell]] = {}
    for outcome, n in sorted(seen.items(), key=lambda item: (item[0].operation, item[0].result)):
        results.setdefault(outcome.operation, {})[outcome.result] = Cell(n, ())
    rows: dict[str, list[Row]] = {}
    for operation in described:
        cells = results.pop(operation.name, {})
        for rule in operation.rules:
            cell = cells.get(rule.errno, Cell(0, ()))
            cells[rule.errno] = Cell(cell.seen, (*cell.rules, rule))
        rows.setdefault(operation.family, []).append(Row(operation.name, True, cells))
    for name, cells in results.items():
        rows.setdefault("", []).append(Row(name, False, cells))
    return rows


def judge_outcomes(run: Run, describe: Describe | None) -> Outcomes:
    """What was seen, beside what describe promises."""
    described = describe.operations if describe else ()
    tables = [Table(*item) for item in outcome_rows(run, described).items()]
    rows = [row for table in tables for row in table.rows if row.described]
    decided = {rule for case in run.cases if case.verdict.ran for rule in case.rules}
    return Outcomes(
        tables,
        called=coverage((row.operation, any(cell.seen for cell in row.cells.values())) for row in rows),
        promised=coverage((f"{row.operation} {result}", cell.seen) for row in rows
                          for result, cell in row.cells.items() if cell.rules),
        rules=coverage((rule.id, rule.id in decided) for operation in described for rule in operation.rules))
