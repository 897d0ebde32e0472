"""The report as one page of HTML. All markup is in templates/; here is only what they ask for."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from . import __version__
from .claims import Claims
from .clauses import STATUSES
from .digest import Digest
from .groups import Family
from .heat import Heat
from .verdicts import VERDICTS
from .words import count, number, printable

TEMPLATES = Path(__file__).with_name("templates")
BAR = 200       # width of the widest bar, in units of the picture
SLIVER = 4      # width that even a single instance gets, so that it can be seen


@dataclass(frozen=True)
class Piece:
    """A part of a bar: the instances of a family with one verdict."""

    word: str
    x: int
    width: int


def bar(family: Family, widest: int) -> list[Piece]:
    """The verdicts of a family, side by side; widest is the number of instances that fills a bar."""
    pieces: list[Piece] = []
    for word in VERDICTS:
        if family.counts[word]:
            x = pieces[-1].x + pieces[-1].width if pieces else 0
            pieces.append(Piece(word, x, max(SLIVER, round(BAR * family.counts[word] / widest))))
    return pieces


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
    result.filters.update(n=number, count=count)
    return result


def page(digest: Digest, permissions: Heat | None = None, documents: Claims | None = None) -> bytes:
    """The page. The same digest gives the same bytes."""
    widest = max((family.instances for family in digest.families), default=1)
    text = environment().get_template("page.html.j2").render(
        d=digest, heat=permissions, docs=documents, run=digest.run, begin=digest.run.begin,
        end=digest.run.end, anchor=Anchors(), version=__version__, verdicts=VERDICTS, statuses=STATUSES,
        bar=functools.partial(bar, widest=widest), bar_width=BAR)
    return text.encode()
