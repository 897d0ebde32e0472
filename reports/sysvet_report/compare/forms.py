"""A comparison as text, Markdown and HTML."""

from collections.abc import Callable, Iterable, Iterator

from .. import __version__, html, markdown
from ..formats.status import STATUSES
from ..groups import grouped
from ..verdicts import VERDICTS
from ..words import count, listing, number, printable
from .compare import KINDS, Comparison, Row, Way

NAMED = 60      # characters up to which columns are told by their names
HEADS = 6       # columns up to which tables of the page have their names as heads; then numbers
SHOWN = {"markdown": 200, "html": 1000}     # rows of each table; the text has them all
TONES = {"pass": "good", "known": "note", "fail": "bad", "error": "warn", "skip": "quiet"}


def verdict_words(comparison: Comparison) -> list[str]:
    """The verdicts that occur."""
    return [word for word in VERDICTS if any(column.counts[word] for column in comparison.columns)]


def table(rows: list[list[str]]) -> Iterator[str]:
    """Lines of cells, the first column to the left and all others to the right."""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]
        yield "  ".join(cells).rstrip()


def of(columns: Iterable[str], comparison: Comparison) -> str:
    """Columns in a sentence: by name, or by number where that would be too long."""
    names = list(columns)
    told = listing(names)
    if len(told) <= NAMED:
        return told
    every = [column.name for column in comparison.columns]
    return "column" + "s" * (len(names) > 1) + " " + listing([str(every.index(name) + 1) for name in names])


def columns_text(comparison: Comparison) -> Iterator[str]:
    """What is compared."""
    words = verdict_words(comparison)
    yield from table([["column", "instances", "ran", *words], *(
        [f"{n} {column.name}", number(len(column.answers)), number(len(column.ran)),
         *(number(column.counts[word]) for word in words)]
        for n, column in enumerate(comparison.columns, 1))])
    for n, column in enumerate(comparison.columns, 1):
        for note in column.made.notes:
            yield f"{n} {note}"
    for what, why in comparison.problems:
        yield f"{what}: {why}"
    for name, values in comparison.varying.items():
        told = [f"{listing([str(n) for n, _ in members])}: {value or 'none'}"
                for value, members in grouped(enumerate(values, 1), lambda one: one[1])]
        yield f"{name}: {'; '.join(told)}"


def agreement_text(comparison: Comparison) -> Iterator[str]:
    """Who agrees with whom."""
    if len(comparison.columns) < 2:
        return
    yield ""
    yield "instances that differ, of those that both ran"
    heads = [str(n) for n in range(1, len(comparison.columns) + 1)]
    yield from table([["", *heads], *(
        [head, *(f"{number(pair.differ)}/{number(pair.both)}" if pair else "-" for pair in line)]
        for head, line in zip(heads, comparison.pairs))])
    for names, said in comparison.agreement:
        yield f"{of(names, comparison)} {said}"
    for split in comparison.splits:
        groups = " | ".join(of(group, comparison) for group in split.groups)
        yield f"{count(split.cases, 'case')}, {count(split.instances, 'instance')}: {groups}"


def way_text(way: Way, comparison: Comparison) -> Iterator[str]:
    """What some columns did."""
    yield f"   {way.label or '-'}  {of(way.columns, comparison)}: {listing(list(way.words))}"
    for said in way.says:
        yield f"        {said}"


def name_text(row: Row) -> str:
    """The instances of a row."""
    more = f"  and {count(len(row.names) - 1, 'more instance')}" if len(row.names) > 1 else ""
    return f"{row.names[0]}{more}"


def rows_text(rows: list[Row], comparison: Comparison) -> Iterator[str]:
    """Rows with what they stand for, which is said once for all that have it in common."""
    for (cells, told), members in grouped(rows, lambda row: (row.cells, row.ways)):
        letters = " ".join(cell.label or "-" for cell in cells)
        yield f"{letters}  {name_text(members[0])}"
        for row in members[1:]:
            yield f"{' ' * len(letters)}  {name_text(row)}"
        for way in told:
            yield from way_text(way, comparison)


def suites_text(comparison: Comparison) -> Iterator[str]:
    """Other suites, which count for nothing."""
    if not comparison.suites:
        return
    yield ""
    yield "other suites, which are no part of the comparison"
    words = [word for word in STATUSES if any(suite.counts[word] for suite in comparison.suites)]
    yield from table([["suite", "kind", "tests", *words], *(
        [suite.name, suite.kind, number(len(suite.results)), *(number(suite.counts[word]) for word in words)]
        for suite in comparison.suites)])
    for suite in comparison.suites:
        if suite.problem:
            yield f"{suite.name} is not complete: {suite.problem}"
    for row in comparison.foreign:
        cells = [result.status if result else "-" for result in row.results]
        message = next((result.message for result in row.results if result and result.message), "")
        yield f"{', '.join(cells)}  {row.name}{': ' + message if message else ''}"


def as_text(comparison: Comparison) -> str:
    """For a terminal or a log."""
    lines = [comparison.headline, "", *columns_text(comparison), *agreement_text(comparison)]
    for kind in KINDS:
        rows = comparison.of(kind)
        if rows:
            total = sum(len(row.names) for row in rows)
            lines += ["", f"{kind.title}: {count(total, 'instance')}. {kind.meaning}"]
            lines += rows_text(rows, comparison)
    lines += suites_text(comparison)
    return "".join(printable(line) + "\n" for line in lines)


def rendered(name: str, comparison: Comparison) -> str:
    """A template of either language."""
    language = html if name.endswith("html.j2") else markdown
    words = [word for word in STATUSES if any(suite.counts[word] for suite in comparison.suites)]
    made: str = language.environment().get_template(name).render(
        c=comparison, kinds=KINDS, words=verdict_words(comparison), version=__version__, statuses=words,
        tones=TONES, listing=listing, who=of, numbered=len(comparison.columns) > HEADS,
        shown=SHOWN["html" if language is html else "markdown"])
    return made


FORMS: dict[str, Callable[[Comparison], str]] = {
    "text": as_text,
    "markdown": lambda comparison: rendered("compare.md.j2", comparison),
    "html": lambda comparison: rendered("compare.html.j2", comparison),
}
