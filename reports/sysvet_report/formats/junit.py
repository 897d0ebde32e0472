"""JUnit XML as Jenkins, GitLab and their like read it: a suite for each family.

There is no standard. What is written keeps to the strictest schema in use, that of the xunit plugin of
Jenkins, which has no place for file and line; they are in the text of a test.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ..groups import grouped
from ..records import Begin
from ..words import printable
from .detail import headline, leaks, line, lines, stale
from .events import Event, Test, Whole, whole

LOST = Counter(tests=1, errors=1)


def properties(suite: Element, begin: Begin) -> None:
    """Where it ran."""
    made = SubElement(suite, "properties")
    system = begin.system
    for name, value in (("sysvet", begin.sysvet), ("subject", begin.subject), ("profile", begin.profile),
                        ("abi", begin.abi), ("system", f"{system.sysname} {system.release}"),
                        ("machine", system.machine), ("libc", begin.libc)):
        if value.strip():
            SubElement(made, "property", name=name, value=printable(value))


def testcase(suite: Element, test: Test) -> None:
    """One instance. The class is the case, with dots, by which readers make a tree."""
    case = test.case
    made = SubElement(suite, "testcase", name=printable(case.name),
                      classname=printable(case.case).replace("/", "."))
    text = "\n".join(lines(case))
    if test.status.junit:
        found = SubElement(made, test.status.junit, type=case.verdict.word, message=headline(case))
        found.text = text
    elif text:
        SubElement(made, "system-out").text = f"{headline(case)}\n{text}"


def sums(tests: Iterable[Test]) -> Counter[str]:
    """What a suite says of its tests."""
    names = {"failure": "failures", "error": "errors", "skipped": "skipped"}
    found = Counter(names[test.status.junit] for test in tests if test.status.junit)
    found["tests"] = len(list(tests))
    return found


def suite_of(root: Element, name: str, counts: Counter[str], stamp: dict[str, str]) -> Element:
    """A suite with its sums."""
    totals = {key: str(counts[key]) for key in ("tests", "failures", "errors", "skipped")}
    return SubElement(root, "testsuite", {"name": printable(name), **stamp, **totals})


def lost(root: Element, run: Whole, stamp: dict[str, str]) -> None:
    """A test that stands for those that are missing."""
    made = SubElement(suite_of(root, "run", LOST, stamp), "testcase", name="the run", classname="run")
    SubElement(made, "error", type="broken", message=line(run.close.trouble or ""))


def junit(events: Iterable[Event]) -> Iterator[str]:
    """The whole document."""
    run = whole(events)
    total = sums(run.tests) + (LOST if run.close.trouble else Counter())
    found = re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", run.begin.date)
    stamp = {"timestamp": found.group()} if found else {}
    root = Element("testsuites", {
        "name": "sysvet", **{key: str(total[key]) for key in ("tests", "failures", "errors")}})
    for family, tests in grouped(run.tests, lambda test: test.case.family):
        suite = suite_of(root, family, sums(tests), stamp)
        properties(suite, run.begin)
        for test in tests:
            testcase(suite, test)
    said = [*map(stale, run.close.stale), *([leaks(run.close.leaks)] if run.close.leaks else [])]
    if said:
        SubElement(suite_of(root, "remarks", Counter(), stamp), "system-out").text = "\n".join(said)
    if run.close.trouble:
        lost(root, run, stamp)
    ElementTree.indent(root)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
