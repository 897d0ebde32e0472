"""Cobertura XML of the clauses: each line of requirements.tsv is a line that cases reach or do not.

A CI that shows Cobertura beside a change shows which requirements no case exercises. A clause that nothing
can witness, as its last column says, is no line that could be reached. Coverage of code is `make coverage`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from ..clauses import HELD, VIOLATED, judge_clauses
from ..groups import grouped
from ..load import read_requirements
from ..records import Requirement
from ..words import printable
from .events import Event, Whole, milliseconds, whole

Line = tuple[int, Requirement, int]     # its number, what it says, and instances that exercise it


def lines_of(run: Whole, path: str) -> list[Line]:
    """The lines that cases can reach."""
    rows = list(read_requirements(path))
    judged = judge_clauses(run.run, tuple(row for _, row in rows)).by_id
    seen: Counter[str] = Counter()
    for test in run.tests:
        if test.case.verdict.ran:
            seen.update({*test.case.cites, *test.case.rules, *(f.rule for f in test.case.findings if f.rule)})
    return [(number, row, seen[row.id] if judged[row.id].status in (HELD, VIOLATED) else 0)
            for number, row in rows if not row.unwitnessed]


def rate(lines: list[Line]) -> str:
    """The part of lines that was reached."""
    return f"{sum(1 for *_, hits in lines if hits) / len(lines):.4f}" if lines else "1.0000"


def package(packages: Element, name: str, path: str, lines: list[Line]) -> None:
    """The clauses of one interface."""
    rates = {"line-rate": rate(lines), "branch-rate": "0", "complexity": "0"}
    made = SubElement(packages, "package", {"name": printable(name), **rates})
    one = SubElement(SubElement(made, "classes"), "class",
                     {"name": printable(name), "filename": printable(path), **rates})
    SubElement(one, "methods")
    inner = SubElement(one, "lines")
    for number, _, hits in lines:
        SubElement(inner, "line", number=str(number), hits=str(hits), branch="false")


def cobertura(events: Iterable[Event], path: str) -> Iterator[str]:
    """The whole document; path is that of requirements.tsv, as it is to be named there."""
    run = whole(events)
    lines = lines_of(run, path)
    root = Element("coverage", {
        "line-rate": rate(lines), "branch-rate": "0", "lines-valid": str(len(lines)),
        "lines-covered": str(sum(1 for *_, hits in lines if hits)), "branches-covered": "0",
        "branches-valid": "0", "complexity": "0", "version": printable(run.begin.sysvet),
        "timestamp": str(milliseconds(run.begin.date))})
    SubElement(SubElement(root, "sources"), "source").text = "."
    packages = SubElement(root, "packages")
    for name, members in grouped(lines, lambda line: line[1].interface):
        package(packages, name, path, members)
    ElementTree.indent(root)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
