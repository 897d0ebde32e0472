"""Lines as tests of the Linux Test Project print them; the exit status is their bits (events.Close.bits)."""

from collections import Counter
from collections.abc import Iterable, Iterator

from ..records import Begin
from ..words import printable
from .detail import context, headline, leaks, line, lines, stale
from .events import Close, Event, Test

SUMS = {"passed": "TPASS", "failed": "TFAIL", "broken": "TBROK", "skipped": "TCONF", "warnings": "TWARN"}


def said(test: Test) -> Iterator[str]:
    """The line of an instance, and what is known of one that is worth a word."""
    case = test.case
    place = "sysvet"
    if case.file:
        place = printable(f"{case.file}:{case.findings[0].line if case.findings else case.line}")
    told = lines(case)
    yield f"{place}: {test.status.ltp}: {printable(case.name)}{': ' + headline(case) if told else ''}\n"
    for text in told:
        yield f"{place}: TINFO: {text}\n"


def ltp(run: Iterable[Event]) -> Iterator[str]:
    """A line for each instance, and the sums."""
    counts: Counter[str] = Counter()
    for event in run:
        if isinstance(event, Begin):
            yield f"sysvet: TINFO: {context(event)}\n"
        elif isinstance(event, Test):
            counts[event.status.ltp] += 1
            yield "".join(said(event))
        else:
            yield ending(event, counts)


def ending(close: Close, counts: Counter[str]) -> str:
    """The sums, to which a run that is in trouble adds."""
    text = "".join(f"{printable(row.file)}:{row.line}: TINFO: {stale(row)}\n" for row in close.stale)
    if close.leaks:
        counts["TWARN"] += 1
        text += f"sysvet: TWARN: {leaks(close.leaks)}\n"
    if close.trouble:
        counts["TBROK"] += 1
        text += f"sysvet: TBROK: {line(close.trouble)}\n"
    sums = [f"{name:<8} {counts[word]}\n" for name, word in SUMS.items()]
    return "".join([text, "\nSummary:\n", *sums])
