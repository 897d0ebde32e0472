"""Records of the permission space, of documents and of faults in formats for a CI."""

import io
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema  # type: ignore[import]
import junitparser  # type: ignore[import]
import make
import pytest
from tap.parser import Parser  # type: ignore[import]
from test_cli import SCRIPT
from test_formats import COMMAND, CTRF_SCHEMA, SCHEMA, prove, rendered, run
from test_load import write

from sysvet_report.formats.events import Close, events
from sysvet_report.formats.events import Test as Dealt
from sysvet_report.formats.status import STATUSES
from sysvet_report.verdicts import VERDICTS

Records = list[dict[str, Any]]


def operation(name: str, relation: str, **more: int) -> dict[str, Any]:
    """An operation record of a walk."""
    sums = {"cells": 100, "granted": 50, "deviates": 0, "permitted": 0, "known": 0, "apart": 0}
    return {"record": "operation", "kind": "msg", "operation": name, "relation": relation, **sums, **more}


STALE = {"name": "matrix/msg/*", "observed": "* 0", "where": "linux", "reason": "r", "reference": "",
         "seen": "6.1", "file": "known/x.tsv", "line": 3, "times": 0}
MAPS = (make.one_map("msg", "owner", deviates=make.deviating(0o640, 3)), make.one_map("msg", "stranger"))
WALK = make.walk(
    make.RULE, make.RULE, *MAPS,
    operation("msgsnd", "owner", deviates=3), operation("msgsnd", "stranger", known=2),
    operation("msgrcv:copy", "owner", permitted=1), operation("msgrcv:copy", "stranger"),
    operation("msgget:0400", "owner", known=1), operation("msgctl_IPC_STAT", "owner"),
    rules=2, exit=1, reasons=[{"why": "needs root: uid 1003", "cells": 7}])
CLEAN = make.walk(make.one_map("msg", "owner"), operation("msgsnd", "owner"))
BEGUN = {"record": "mutate", "format": 1, "sysvet": "1", "subject": "model", "profile": "linux",
         "system": dict.fromkeys(("sysname", "release", "version", "machine"), "x"), "source": "rules"}
FAULTS: Records = [BEGUN, *make.MUTANTS[1:-1], make.MUTANTS[1] | {"name": "twice", "excused": "nobody asks"},
                   {"record": "end", "mutants": 4, "noticed": 2, "interrupted": None, "exit": 1}]
DOCS = make.documents([
    make.claim("one"), make.claim("two", "false"), make.claim("four", "untested"),
    make.claim("five", "uncheckable", uncheckable="Nothing can see it."),
    make.claim("three", unexpected=True, evidence=[{
        "subject": "this kernel", "party": "kernel", "result": "fails", "ran": "A  msgget(<x>)",
        "came": "EACCES", "unexpected": True}])]) | {"sysvet": "1", "exit": 1}
ALL: dict[str, Records] = {"walk": WALK, "clean": CLEAN, "faults": FAULTS, "docs": [DOCS]}
VERDICTS_OF = {
    "walk": ["deviates", "deviates", "deviates", "permitted", "known", "conforms", "skipped"],
    "clean": ["conforms"],
    "faults": ["conforms", "deviates", "known", "skipped", "conforms", "conflict"],
    "docs": ["conforms", "conforms", "skipped", "skipped", "deviates"]}
KNOWN = STATUSES["known"].tap[1]
BAD = {"walk": 3, "clean": 0, "faults": 2, "docs": 1}
parametrized = pytest.mark.parametrize("name", ALL)


@pytest.fixture(name="stored")
def stored_records(tmp_path: Path, name: str) -> str:
    """The file of one of them."""
    return write(tmp_path / "records", ALL[name])


def text_of(format_name: str, path: str, *more: str) -> str:
    """It in a format."""
    status, text = run(format_name, path, *more)
    assert status == 0
    return text


def statuses(name: str) -> list[str]:
    """The status words that its tests should have."""
    return [VERDICTS[word].status for word in VERDICTS_OF[name]]


@parametrized
def test_each_test_has_a_name_of_its_own_and_a_verdict(name: str, stored: str) -> None:
    tests = [one for one in events(stored, False) if isinstance(one, Dealt)]
    assert [one.case.verdict.word for one in tests] == VERDICTS_OF[name]
    assert len({one.case.name for one in tests}) == len(tests)
    *_, close = events(stored, False)
    assert isinstance(close, Close) and close.trouble is None and close.exit == (BAD[name] > 0)


@parametrized
def test_prove_and_tap_py_read_them(tmp_path: Path, name: str, stored: str) -> None:
    target = tmp_path / "out.tap"
    target.write_text(text_of("tap", stored))
    said = prove(target)
    assert ("Result: FAIL" in said) == bool(BAD[name]) and "Parse errors" not in said
    assert f"Tests: {len(VERDICTS_OF[name])} Failed: {BAD[name]})" in said or not BAD[name]
    for format_name in ("tap", "ktap"):
        lines = list(Parser().parse_text(text_of(format_name, stored)))
        tests = [line for line in lines if line.category == "test"]
        wanted = [STATUSES[word] for word in statuses(name)]
        directives = [one.tap if format_name == "tap" else one.ktap for one in wanted]
        assert [(line.ok, line.skip, line.todo) for line in tests[:len(wanted)]] == [
            (word == "ok", directive == "SKIP", directive == KNOWN) for word, directive in directives]
        assert len(tests) == len(wanted) + (format_name == "ktap")


@parametrized
def test_junitparser_and_a_strict_reader_read_them(tmp_path: Path, name: str, stored: str) -> None:
    target = tmp_path / "junit.xml"
    target.write_text(text_of("junit", stored))
    found, counts = junitparser.JUnitXml.fromfile(str(target)), Counter(statuses(name))
    assert (found.tests, found.failures, found.errors) == (len(VERDICTS_OF[name]), counts["fail"], 0)
    assert sum(suite.skipped for suite in found) == counts["skip"] + counts["known"]
    for element in ElementTree.fromstring(target.read_text()).iter():
        attributes, children = SCHEMA[element.tag]
        assert set(element.attrib) <= attributes and {child.tag for child in element} <= children


@parametrized
def test_ctrf_has_them(name: str, stored: str) -> None:
    document = json.loads(text_of("ctrf", stored))
    tests = document["results"]["tests"]
    assert [test["status"] for test in tests] == [STATUSES[word].ctrf for word in statuses(name)]
    assert all("filePath" not in test or test["filePath"] for test in tests)
    if CTRF_SCHEMA.exists():
        jsonschema.validate(document, json.loads(CTRF_SCHEMA.read_text()))


@parametrized
def test_ltp_has_them(name: str, stored: str) -> None:
    status, text = run("ltp", stored, "--exit-status")
    assert status == (1 if BAD[name] else 0)
    assert [text.count(f": {STATUSES[word].ltp}: ") for word in ("fail", "pass")] == [
        BAD[name], sum(word in ("pass", "permitted") for word in statuses(name))]
    assert "\n:0" not in text


@parametrized
def test_annotations_have_them(name: str, stored: str) -> None:
    found = [COMMAND.fullmatch(line) for line in text_of("github", stored).splitlines()]
    assert all(found)
    levels = Counter(match[1] for match in found if match)
    assert levels["error"] == BAD[name]
    assert levels["notice"] == sum(word in ("known", "permitted") for word in statuses(name))
    places = [match[2] for match in found if match and match[2]]
    assert places == (["model/msg.c"] if name == "faults" else [])


@parametrized
def test_markdown_has_them(name: str, stored: str) -> None:
    text = text_of("markdown", stored)
    assert (f": {BAD[name]} test" in text.splitlines()[0]) == bool(BAD[name])
    table = rendered(text).find("table")
    assert table is not None
    rows = [[cell.findtext("text") or cell.findtext("strong/text") for cell in row] for row in table]
    assert rows[0][:2] == ["part", "tests"] and rows[-1][1] == str(len(VERDICTS_OF[name]))
    assert all(len(row) == len(rows[0]) for row in rows)
    assert text.count("<details>") == BAD[name]


def test_what_differs_is_told_with_its_rule_and_who_calls() -> None:
    first, second, third, *_ = [one.case for one in events("walk", False, io.BytesIO(
        "".join(json.dumps(record) + "\n" for record in WALK).encode())) if isinstance(one, Dealt)]
    assert (first.name, second.name, third.name) == ("matrix/rule/1", "matrix/rule/2", "matrix/msg/msgsnd")
    assert first.findings[0].because[0] == "every cell where as=<owner>"
    assert first.findings[0].observed == "EACCES instead of success: 3 cells"
    assert third.reason == "5 of 200 cells differ, where the caller is owner"
    assert third.findings[0].replay == "sysvet matrix --kind msg --operation msgsnd"


@pytest.mark.parametrize("name", ["walk", "faults"])
@pytest.mark.parametrize("format_name", ["tap", "ktap", "ltp", "junit", "ctrf", "github", "markdown"])
def test_what_was_cut_off_is_never_a_pass(tmp_path: Path, name: str, format_name: str) -> None:
    records = write(tmp_path / "r", ALL[name][:-1])
    status, text = run(format_name, records, "--exit-status")
    assert status & 2 if format_name == "ltp" else status == 99
    assert "the run was interrupted" in text
    stopped = CLEAN[:-1] + [CLEAN[-1] | {"interrupted": "SIGTERM", "exit": 143}]
    status, text = run(format_name, write(tmp_path / "s", stopped), "--exit-status")
    assert status == (2 if format_name == "ltp" else 143) and "SIGTERM ended it after 1 of 2 " in text


def test_cells_that_came_to_no_end_are_trouble(tmp_path: Path) -> None:
    end = CLEAN[-1] | {"exit": 99, "verdicts": CLEAN[-1]["verdicts"] | {"broken": 5}}
    records = write(tmp_path / "r", CLEAN[:-1] + [end])
    assert run("ltp", records, "--exit-status")[0] == 2
    assert "matrix/broken" in text_of("tap", records)


def test_what_is_permitted_or_stale_fails_for_who_is_strict(tmp_path: Path) -> None:
    known = make.one_map("msg", "owner", permitted=make.deviating(0o640, 3))
    walk = make.walk(known, operation("msgsnd", "owner", permitted=3), exit=1)
    records = write(tmp_path / "r", walk)
    assert "\nnot ok 1 - matrix/msg/msgsnd" in text_of("tap", records, "--strict")
    stale = CLEAN[:-1] + [CLEAN[-1] | {"exit": 1, "stale": [STALE]}]
    assert "Bail out! stale in the baseline" in text_of("tap", write(tmp_path / "s", stale), "--strict")


@pytest.mark.parametrize("records, found", [
    ([FAULTS[1]], 'found "mutant" in "record", expected "begin"'),
    ([BEGUN, {"record": "end", "mutants": 1, "noticed": 0, "interrupted": None, "exit": 0}],
     'found 1 in "mutants", expected 0'),
    ([BEGUN, FAULTS[-1] | {"mutants": 0, "noticed": 0}, FAULTS[1]], "found a line after the end record"),
    ([WALK[0], *CLEAN[1:-1], CLEAN[-1] | {"cells": 1}], 'found 1 in "cells"'),
    ([DOCS | {"claims": [make.claim("x", document="c")]}], 'found "c" in "document"')])
def test_records_that_cannot_be_are_refused(tmp_path: Path, records: Records, found: str,
                                            capsys: pytest.CaptureFixture[str]) -> None:
    assert run("tap", write(tmp_path / "r", records)) == (2, "")
    assert found in capsys.readouterr().err


@parametrized
def test_no_clause_is_exercised_by_them(stored: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("cobertura", stored) == (2, "")
    assert "found records of no run of cases, expected those of one" in capsys.readouterr().err


@parametrized
def test_a_pipe_is_read_as_a_file_is(name: str, stored: str) -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "tap", "--exit-status", "-"], check=False,
                          capture_output=True, input=Path(stored).read_bytes())
    assert (done.returncode, done.stderr) == (1 if BAD[name] else 0, b"")
    assert done.stdout.decode() == text_of("tap", stored)
