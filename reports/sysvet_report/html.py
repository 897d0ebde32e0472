"""The report as one page of HTML. All markup is in templates/; here is only what they ask for."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from . import __version__
from .causes import Causes, causes
from .claims import Claims
from .clauses import STATUSES, Clauses
from .digest import Digest, subject_of
from .faults import Faults
from .groups import Group
from .heat import Heat
from .lanes import lanes
from .outcomes import result_order
from .parts import partitions
from .reached import Reached
from .records import Case
from .verdicts import BY_SEVERITY, VERDICTS
from .words import count, number, printable

TEMPLATES = Path(__file__).with_name("templates")
BAR = 1000          # width of a full bar, in units of the picture
SLIVER = 6          # width that even a single instance gets, so that it can be seen
SHADES = 5          # of a cell by its number, from a few to very many
NAMES = 40          # names in one list; the rest is counted
CASES = 3000        # rows of the table of cases; the rest is counted
STEPS = 10_000      # steps of cases, and
TEXT = 600_000      # characters of them; what does not fit is in the records


@dataclass(frozen=True)
class Extras:
    """What can stand beside the run; beside has the clauses of other runs by their names, and then name is
    that of the run itself."""

    permissions: Heat | None = None
    documents: Claims | None = None
    faults: Faults | None = None
    reached: Reached | None = None
    name: str = ""
    beside: tuple[tuple[str, Clauses], ...] = ()


@dataclass(frozen=True)
class Piece:
    """A part of a bar: the instances with one verdict."""

    word: str
    x: int
    width: int
    count: int


def bar(counts: Mapping[str, int], total: int) -> list[Piece]:
    """Verdicts side by side; total is the number of instances that fills a bar."""
    pieces: list[Piece] = []
    for verdict in reversed(BY_SEVERITY):
        if counts[verdict.word]:
            x = pieces[-1].x + pieces[-1].width if pieces else 0
            width = max(SLIVER, round(BAR * counts[verdict.word] / max(total, 1)))
            pieces.append(Piece(verdict.word, x, width, counts[verdict.word]))
    return pieces


def share(done: int, total: int) -> int:
    """How much of a bar is full. Only all is all."""
    return BAR if done >= total else min(BAR - SLIVER, BAR * done // total)


def shade(seen: int) -> int:
    """How dark the cell of a number is: one step for each power of about five."""
    return next((step for step in range(1, SHADES) if seen < 5 ** step), SHADES)


def percent(done: int, total: int) -> str:
    """Rounded down, so that only all is 100 %."""
    return f"{1000 * done // total / 10:.1f} %" if total else "none"


class Anchors:
    """Ids of the page: one for each thing that can be linked to, made of its name, never twice the same."""

    def __init__(self) -> None:
        self.ids: dict[tuple[str, str], str] = {}
        self.taken: set[str] = set()

    def __call__(self, kind: str, name: str) -> str:
        """The id of the thing of this kind that has this name."""
        key = (kind, name)
        if key not in self.ids:
            self.ids[key] = self.free(kind + "-" + re.sub("[^A-Za-z0-9._-]+", "-", name)[:100])
        return self.ids[key]

    def free(self, wanted: str) -> str:
        """wanted, with a number behind it if it is taken."""
        result, n = wanted, 1
        while result in self.taken:
            n += 1
            result = f"{wanted}~{n}"
        self.taken.add(result)
        return result


def shown(value: Any) -> Any:
    """What the templates print in place of a value: text loses its unseen characters."""
    return printable(value) if type(value) is str else value


@functools.cache
def environment() -> jinja2.Environment:
    """Where the templates live. What they print is escaped, and a name that they misspell is an error."""
    result = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, finalize=shown)
    result.filters.update(n=number, count=count, by_result=functools.partial(sorted, key=result_order))
    result.globals.update(bar=bar, share=share, shade=shade, percent=percent, lanes=lanes, bar_width=BAR,
                          names_most=NAMES, version=__version__, verdicts=VERDICTS, statuses=STATUSES)
    return result


def cases_shown(digest: Digest) -> set[str]:
    """The cases that have a row: all, or as many as there is room for, those that differ first."""
    def rank(group: Group) -> int:
        return -max(verdict.severity for verdict in group.verdicts)
    return {group.case for group in sorted(digest.groups, key=rank)[:CASES]}


def scripts_shown(digest: Digest) -> dict[str, Case]:
    """For each case whose steps are told, the instance that has them. Where there is no room for all, those
    in which several actors take part come first."""
    told = {case.case: case for group in digest.groups for case in group.instances if case.script}
    found, steps, text = {}, STEPS, TEXT
    for name, case in sorted(told.items(), key=lambda item: lanes(item[1].script) is None):
        steps -= len(case.script)
        text -= sum(map(len, case.script))
        if steps >= 0 and text >= 0:
            found[name] = case
    return found


def blamed(told: Mapping[str, Causes]) -> dict[str, str]:
    """For each clause that a cause told in full names, the first of these, as its card is called."""
    found: dict[str, str] = {}
    for word, made in told.items():
        for place, cause in enumerate(made.full, 1):
            for rule in cause.rules:
                found.setdefault(rule, f"{word}-{place}")
    return found


def page(digest: Digest, extras: Extras = Extras()) -> bytes:
    """The page. The same digest gives the same bytes."""
    told = {section.verdict.word: causes(section) for section in digest.sections}
    widest = max((family.instances for family in digest.families), default=1)
    walk = extras.permissions.matrix.end if extras.permissions else None
    ends = [end for end in (digest.run.end, walk) if end]
    text = environment().get_template("page.html.j2").render(
        d=digest, run=digest.run, begin=digest.run.begin, end=digest.run.end,
        subject=extras.name or subject_of(digest.run.begin), heat=extras.permissions, docs=extras.documents,
        faults=extras.faults, reached=extras.reached, beside=extras.beside, causes=told, blamed=blamed(told),
        widest=widest, parts=partitions(digest.run.calls, digest.describe), rows=cases_shown(digest),
        scripts=scripts_shown(digest),
        known=[row for end in ends for row in end.known], stale=[row for end in ends for row in end.stale],
        anchor=Anchors())
    return text.encode()
