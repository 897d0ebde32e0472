"""What GitHub Actions show: annotations at the lines of cases, and a summary of the job in Markdown."""

from collections import Counter
from collections.abc import Iterable, Iterator

from ..digest import digest
from ..groups import group, grouped
from ..markdown import environment
from ..records import Case
from ..words import count
from .detail import context, finding_lines, headline, leaks, line, stale
from .events import Close, Event, Test, Whole, whole
from .gather import Gathered

LEVELS = ("error", "warning", "notice")     # the most important first: only ten of each are shown
SHOWN = 50                                  # differences of a summary


def data(text: str) -> str:
    """The message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value(text: str) -> str:
    """A property of a workflow command."""
    return data(line(text)).replace(":", "%3A").replace(",", "%2C")


def annotation(level: str, title: str, message: list[str], place: tuple[str, int] | None = None) -> str:
    """A workflow command on a line of its own."""
    where = f"file={value(place[0])},line={place[1]}," if place else ""
    return f"::{level} {where}title={value(title)}::{data(chr(10).join(map(line, message)))}\n"


def place(case: Case, number: int) -> tuple[str, int] | None:
    """A line of a case; what is in no file has none."""
    return (case.file, number) if case.file else None


def of_cases(level: str, word: str, tests: list[Test]) -> Iterator[str]:
    """An annotation for each difference, however many instances have it, and for each case that has none.

    All tests have the verdict word.
    """
    for one in group(test.case for test in tests):
        for found in one.differences:
            finding, more = found.finding, len(found.instances) - 1
            message = [*finding_lines(finding), *([f"and in {count(more, 'more instance')}"] if more else [])]
            yield annotation(level, f"{word}: {found.first}",
                             [one.first.claim, *message], place(one.first, finding.line))
        if not one.differences:
            yield annotation(level, f"{word}: {one.case}",
                             [one.first.claim, headline(one.first)], place(one.first, one.first.line))


def github(events: Iterable[Event]) -> Iterator[str]:
    """Annotations, errors first."""
    run = whole(events)
    if run.close.trouble:
        yield annotation("error", "sysvet: the run", [run.close.trouble])
    for level in LEVELS:
        told = (test for test in run.tests if test.status.github == level)
        for word, tests in grouped(told, lambda test: test.case.verdict.word):
            yield from of_cases(level, word, tests)
        if level == "warning":
            yield from warnings(run.close)


def warnings(close: Close) -> Iterator[str]:
    """What is worth a warning and no matter of an instance."""
    for row in close.stale:
        yield annotation("warning", "stale in the baseline", [stale(row)], (row.file, row.line))
    if close.leaks:
        yield annotation("warning", "sysvet: the run", [leaks(close.leaks)])


def markdown(events: Iterable[Event]) -> Iterator[str]:
    """A summary for $GITHUB_STEP_SUMMARY, or for anybody who reads Markdown."""
    run = whole(events)
    if isinstance(run.begin, Gathered):
        yield of_tests(run, run.begin)
        return
    made = digest(run.run)
    differences = [(section, one, found) for section in made.sections for one in section.groups
                   for found in one.differences]
    yield environment().get_template("summary.md.j2").render(
        d=made, trouble=run.close.trouble, differences=differences[:SHOWN], all=len(differences),
        words=[word for word in made.counts if made.counts[word]])


def of_tests(run: Whole, begin: Gathered) -> str:
    """The summary of what is no run of cases."""
    bad = [test for test in run.tests if not test.status.good]
    words = dict.fromkeys(test.case.verdict.word for test in run.tests)
    families = [(name, tests, Counter(test.case.verdict.word for test in tests))
                for name, tests in grouped(run.tests, lambda test: test.case.family)]
    skipped = Counter(test.case.reason or "" for test in run.tests if not test.case.verdict.ran)
    return environment().get_template("tests.md.j2").render(
        title=begin.title, bad=bad, run=run, words=list(words), families=families,
        counts=Counter(test.case.verdict.word for test in run.tests), skipped=skipped.most_common(SHOWN),
        shown=bad[:SHOWN], said={test.n: headline(test.case) for test in bad[:SHOWN]},
        lines={test.n: [text for f in test.case.findings for text in finding_lines(f)][:12]
               for test in bad[:SHOWN]}, context=context(begin))
