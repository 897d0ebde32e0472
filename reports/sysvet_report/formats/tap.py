"""TAP version 13 and KTAP version 1: a line for each instance, as soon as it is done."""

from collections.abc import Iterable, Iterator

from ..records import Begin
from ..words import printable
from .detail import context, headline, leaks, line, lines, stale
from .events import Close, Event, Test


def description(name: str) -> str:
    """A name in which no reader finds a directive; some look for # even behind a backslash."""
    return printable(name).replace("#", r"\x23")


def result(test: Test, said: tuple[str, str]) -> str:
    """The line of a test."""
    word, directive = said
    text = f"{word} {test.n} - {description(test.case.name)}"
    if directive:
        text += f" # {directive} {description(headline(test.case))}"
    return text + "\n"


def block(test: Test) -> Iterator[str]:
    """What is known of a test, in the little YAML that all readers of TAP understand."""
    told = lines(test.case)
    if told:
        message = headline(test.case).replace("'", "''")
        yield f"  ---\n  verdict: {test.case.verdict.word}\n  message: '{message}'\n  detail: |\n"
        yield "".join([*(f"    {text}\n" for text in told), "  ...\n"])


def tap(run: Iterable[Event]) -> Iterator[str]:
    """TAP version 13."""
    for event in run:
        if isinstance(event, Begin):
            yield f"TAP version 13\n# {context(event)}\n{plan(event)}"
        elif isinstance(event, Test):
            yield "".join([result(event, event.status.tap), *block(event)])
        else:
            yield from remarks(event)
            if event.trouble:
                yield f"Bail out! {description(line(event.trouble))}\n"


def remarks(close: Close) -> Iterator[str]:
    """What is no test, as comments."""
    for row in close.stale:
        yield f"# {stale(row)}\n"
    if close.leaks:
        yield f"# {leaks(close.leaks)}\n"


def plan(begin: Begin) -> str:
    """How many tests are to come, so that a run that was cut off is no pass."""
    return f"1..{begin.instances}\n" if begin.instances else "1..0 # SKIP nothing was selected\n"


def ktap(run: Iterable[Event]) -> Iterator[str]:
    """KTAP version 1. It cannot bail out, and readers pass over tests that were not planned, so there is one
    more test: the run as a whole."""
    for event in run:
        if isinstance(event, Begin):
            yield f"KTAP version 1\n1..{event.instances + 1}\n# {context(event)}\n"
        elif isinstance(event, Test):
            yield "".join([*(f"# {text}\n" for text in lines(event.case)), result(event, event.status.ktap)])
        else:
            yield from remarks(event)
            yield as_a_whole(event)


def as_a_whole(close: Close) -> str:
    """The last test."""
    number = close.counts.total() + 1
    if close.trouble:
        return f"# {line(close.trouble)}\nnot ok {number} - the run # ERROR\n"
    return f"ok {number} - the run\n"
