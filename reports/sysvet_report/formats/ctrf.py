"""CTRF JSON, the common test report format, version 0.0.0.

Records say nothing of time but when the run began, so durations are 0 and the run stops when it starts.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ..words import printable
from .detail import headline, line, lines, stale
from .events import Event, Test, Whole, milliseconds, whole

STATES = ("passed", "failed", "skipped", "pending", "other")


def test_of(test: Test) -> dict[str, Any]:
    """One instance. An empty name, which the format has no place for, is told apart by its number."""
    case = test.case
    made: dict[str, Any] = {
        "name": printable(case.name) or f"#{test.n}", "status": test.status.ctrf, "duration": 0,
        "suite": [printable(case.family)], "rawStatus": case.verdict.word}
    if case.file:
        made |= {"filePath": printable(case.file), "line": case.line}
    if told := lines(case):
        made |= {"message": headline(case), "trace": "\n".join(told)}
    return made


def environment(run: Whole) -> dict[str, Any]:
    """Where it ran."""
    begin = run.begin
    known = {"appName": printable(begin.subject), "osPlatform": printable(begin.system.sysname).lower(),
             "osRelease": printable(begin.system.release), "osVersion": printable(begin.system.version)}
    more = {"profile": printable(begin.profile), "abi": printable(begin.abi),
            "libc": printable(begin.libc), "machine": printable(begin.system.machine)}
    return {**{key: value for key, value in known.items() if value},
            "extra": {key: value for key, value in more.items() if value}}


def ctrf(events: Iterable[Event]) -> Iterator[str]:
    """The whole document."""
    run = whole(events)
    tests = [test_of(test) for test in run.tests]
    if run.close.trouble:
        tests.append({"name": "the run", "status": "failed", "duration": 0, "suite": ["run"],
                      "rawStatus": "broken", "message": line(run.close.trouble)})
    counts = Counter(test["status"] for test in tests)
    start = milliseconds(run.begin.date)
    summary = {"tests": len(tests), **{state: counts[state] for state in STATES},
               "suites": len({test["suite"][0] for test in tests}), "start": start, "stop": start}
    yield json.dumps({
        "reportFormat": "CTRF", "specVersion": "0.0.0",
        "results": {"tool": {"name": "sysvet", "version": printable(run.begin.sysvet)}, "summary": summary,
                    "tests": tests, "environment": environment(run),
                    "extra": {"stale": [stale(row) for row in run.close.stale], "leaks": run.close.leaks}}},
        ensure_ascii=False, indent=1) + "\n"
