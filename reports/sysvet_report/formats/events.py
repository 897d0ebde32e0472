"""A run as it goes by: what every format is made from.

A format is a function from events to pieces of text. It may write a piece as soon as an instance is done,
so that a run that is still going on can be watched; the last event says whether the run can be trusted.
"""

import itertools
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import BinaryIO

from ..console import Console
from ..load import LoadError, Torn
from ..records import BaselineRow, Begin, Case, End, Run
from ..words import count, number
from .gather import read_any
from .status import STATUSES, Status, status_of

INTERRUPTED = 99    # exit status of a run that has no end record: what is missing could be anything
UNREADABLE = 2


@dataclass(frozen=True)
class Test:
    """An instance that was dealt with; n counts them from 1."""

    n: int
    case: Case
    status: Status


@dataclass(frozen=True)
class Close:
    """The last event.

    trouble  why the run is worse than its instances look; None if it is not
    lost     why instances are missing, which is a trouble; None if none are
    exit     the status that the run ended with
    end      the end record, if there is one
    wrong    what is wrong with the file of records; then trouble says it, too
    counts   instances by status word
    """

    trouble: str | None
    lost: str | None
    exit: int
    end: End | None
    wrong: LoadError | None
    counts: Counter[str]

    @property
    def stale(self) -> tuple[BaselineRow, ...]:
        """Rows of baselines that nothing fits any more: worth a word, and trouble for who is strict."""
        return self.end.stale if self.end else ()

    @property
    def leaks(self) -> int:
        """Objects that were left behind, which is worth a warning."""
        return self.end.leaks if self.end else 0

    @property
    def bits(self) -> int:
        """The exit status of an LTP test: the bits of all that occurred."""
        skips = sum(n for word, n in self.counts.items() if STATUSES[word].ltp == "TCONF")
        bits = (2 if self.trouble else 0) | (4 if self.leaks else 0)
        for word in self.counts:
            if STATUSES[word].ltp != "TCONF":
                bits |= STATUSES[word].bit
        return bits | (32 if skips and skips == self.counts.total() else 0)


Event = Begin | Test | Close


def missing(begin: Begin, end: End | None, counts: Counter[str]) -> str | None:
    """Why the instances are not all that were selected: a lost record could be a lost deviation."""
    done = f"{number(counts.total())} of {count(begin.instances, 'instance')}"
    if begin.refused:
        return f"nothing can be judged here: {begin.refused}"
    if end is None:
        return f"the run was interrupted: its records stop after {done}"
    if end.interrupted:
        return f"the run was interrupted: {end.interrupted} ended it after {done}"
    if counts.total() < begin.instances:
        return f"the run is not complete: it ended after {done}"
    return None


def unexplained(end: End, counts: Counter[str], strict: bool) -> str | None:
    """What made the run end as it did, and is no matter of an instance."""
    if strict and end.stale:
        return "stale in the baseline: " + "; ".join(row.text for row in end.stale)
    if end.exit in (0, 77) or any(not STATUSES[word].good for word in counts):
        return None
    hint = "; if it was run with --strict, say so here, too" if end.exit == 1 else ""
    return f"the run ended with status {end.exit}, and nothing above says why{hint}"


def events(path: str, strict: bool, file: BinaryIO | None = None) -> Iterator[Event]:
    """What the records say, as soon as they say it. path and file are as in read_run.

    OSError and LoadError as in read_run while there is no Begin; what is wrong later is told by Close.
    """
    begin: Begin | None = None
    end: End | None = None
    wrong: LoadError | None = None
    counts: Counter[str] = Counter()
    console: Console | None = None
    names = set()
    try:
        for one in read_any(path, file):
            if isinstance(one, Case):
                status = status_of(one, strict)
                counts[status.word] += 1
                names.add(one.name)
                yield Test(counts.total(), one, status)
            elif isinstance(one, End):
                end = one
            elif isinstance(one, Console):
                console = one
            elif isinstance(one, Begin):
                begin = one
                yield one
    except Torn:
        pass
    except LoadError as bad:
        if begin is None:
            raise
        end, wrong = None, bad
    assert begin, "read_run yields a Begin, or raises"
    lost = f"the records are damaged: {wrong}" if wrong else missing(begin, end, counts)
    if lost and console and not end:
        lost = "; ".join([lost, *(text.rstrip(".") for text in console.told(names))])
    said = lost or (unexplained(end, counts, strict) if end else None)
    yield Close(said, lost, UNREADABLE if wrong else end.exit if end else INTERRUPTED, end, wrong, counts)


@dataclass(frozen=True)
class Whole:
    """All events of a run, for formats that begin with a sum."""

    begin: Begin
    tests: tuple[Test, ...]
    close: Close

    @property
    def run(self) -> Run:
        """The same as one value."""
        return Run(self.begin, tuple(test.case for test in self.tests), self.close.end, False)


def whole(run: Iterable[Event]) -> Whole:
    """Waits for the end."""
    begin, *tests, close = run
    assert isinstance(begin, Begin) and isinstance(close, Close)
    return Whole(begin, tuple(test for test in tests if isinstance(test, Test)), close)


def milliseconds(date: str) -> int:
    """A date of the records as milliseconds since 1970; 0 when it is none."""
    try:
        when = datetime.fromisoformat(date)
        when = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
        return max(int(when.timestamp()), 0) * 1000
    except (ValueError, OverflowError):
        return 0


def write(pieces: Iterator[str], path: str) -> None:
    """Writes each piece when it is there, and leaves the file alone if the first fails; - is standard
    output."""
    first = next(pieces, "")
    with open(sys.stdout.fileno() if path == "-" else path, "wb", closefd=path != "-") as file:
        for piece in itertools.chain([first], pieces):
            file.write(piece.encode())
            file.flush()
