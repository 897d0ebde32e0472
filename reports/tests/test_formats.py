"""Other formats: what becomes of each verdict, and that readers which we did not write see the same."""

import html
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema  # type: ignore[import]
import junitparser  # type: ignore[import]
import pytest
from pages import REQUIREMENTS, STORED, raw, stored
from tap.parser import Parser  # type: ignore[import]
from test_cli import SCRIPT, report
from test_load import write

from sysvet_report.cli import main
from sysvet_report.formats.events import milliseconds
from sysvet_report.formats.status import STATUSES
from sysvet_report.markdown import escape
from sysvet_report.verdicts import VERDICTS
from sysvet_report.words import printable

FORMATS = ("tap", "ktap", "ltp", "junit", "ctrf", "github", "markdown", "cobertura")
COMPLETE = [name for name in STORED if name not in ("interrupted", "sigint")]
BROKEN_OFF = ["interrupted", "sigint"]
CTRF_SCHEMA = Path(__file__).parents[2] / "build/npm/ctrf/package/dist/ctrf-schema-0.0.json"
Records = list[dict[str, Any]]


def run(name: str, records: str, *more: str) -> tuple[int, str]:
    """The command in this process, which is faster: its exit status, and what it wrote."""
    extra = ["--requirements", REQUIREMENTS] if name == "cobertura" else []
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "out")
        status = main([name, records, *extra, *more, "-o", str(target)])
        return status, target.read_text() if target.exists() else ""


def made(name: str, records: str, *more: str) -> str:
    """A run in another format."""
    status, text = run(name, records, *more)
    assert status == 0
    return text


def cases(name: str) -> Records:
    """The case records of a stored run."""
    return [record for record in raw(name) if record["record"] == "case"]


def statuses(name: str, strict: bool = False) -> Counter[str]:
    """How many instances have which status."""
    verdicts = (VERDICTS[record["verdict"]] for record in cases(name))
    return Counter(verdict.strict if strict else verdict.status for verdict in verdicts)


def prove(path: Path) -> str:
    """What prove says last; it is part of perl."""
    done = subprocess.run(["prove", str(path)], capture_output=True, check=False, text=True, errors="replace")
    last = done.stdout.splitlines()[-1]
    assert last in ("Result: PASS", "Result: FAIL", "Result: NOTESTS")
    assert (done.returncode == 0) == (last != "Result: FAIL")
    return done.stdout


# ---- the table ---------------------------------------------------------------------------------------


def test_every_verdict_has_a_status() -> None:
    used = {word for verdict in VERDICTS.values() for word in (verdict.status, verdict.strict)}
    assert used == set(STATUSES)


def test_nothing_that_ends_a_run_badly_is_good() -> None:
    for verdict in VERDICTS.values():
        assert STATUSES[verdict.status].good == (verdict.exit[0] == "0" or verdict.word == "stale")
        strict = verdict.exit.startswith("0") and "strict" not in verdict.exit
        assert STATUSES[verdict.strict].good == strict, verdict.word


def test_every_format_agrees_on_what_is_good() -> None:
    for status in STATUSES.values():
        word, directive = status.tap
        assert status.good == (word == "ok" or directive == "TODO")
        assert status.good == (status.ktap[0] == "ok")
        assert status.good == (status.junit in ("", "skipped"))
        assert status.good == (status.ctrf != "failed")
        assert status.good == (status.github != "error")
        assert status.good == (status.bit in (0, 32)) == (status.ltp in ("TPASS", "TCONF"))


# ---- TAP ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMPLETE)
def test_prove_accepts_tap(tmp_path: Path, name: str) -> None:
    target = tmp_path / "run.tap"
    target.write_text(made("tap", stored(name)))
    said, counts = prove(target), statuses(name)
    bad = counts["fail"] + counts["error"]
    assert ("Result: FAIL" in said) == bool(bad)
    assert "Parse errors" not in said
    assert f"Tests: {len(cases(name))} Failed: {bad})" in said or not bad
    assert "TODO passed" not in said


@pytest.mark.parametrize("name", BROKEN_OFF)
def test_prove_refuses_tap_of_a_run_that_was_cut_off(tmp_path: Path, name: str) -> None:
    target = tmp_path / "run.tap"
    target.write_text(made("tap", stored(name)))
    assert "Bad plan" in prove(target) and "Bail out! the run was interrupted" in target.read_text()


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("format_name", ["tap", "ktap"])
def test_tap_py_reads_every_line(name: str, format_name: str) -> None:
    lines = list(Parser().parse_text(made(format_name, stored(name))))
    tests = [line for line in lines if line.category == "test"]
    assert [line.category for line in lines if line.category in ("plan", "version", "bail", "unknown")] == (
        ["version", "plan"] if format_name == "tap" else ["unknown", "plan"])
    assert len(tests) == len(cases(name)) + (format_name == "ktap")
    for line, record in zip(tests, cases(name)):
        status = STATUSES[VERDICTS[record["verdict"]].status]
        word, directive = status.tap if format_name == "tap" else status.ktap
        assert line.description.strip() == "- " + printable(record["name"]).replace("#", r"\x23").strip()
        assert (line.ok, line.skip) == (word == "ok", directive == "SKIP")
        assert line.todo == (directive == "TODO")


@pytest.mark.parametrize("format_name", ["tap", "ktap"])
def test_a_name_cannot_pass_for_a_directive(tmp_path: Path, format_name: str) -> None:
    records = raw("deviates")
    records[1]["name"] = r"x # SKIP y \# TODO z" + "\nok 2 - forged\r\n"
    text = made(format_name, write(tmp_path / "r", records))
    test = next(line for line in Parser().parse_text(text) if line.category == "test")
    assert not test.ok and not test.skip and not test.todo and "forged" in test.description
    assert len(re.findall(r"^(not )?ok ", text, re.M)) == (8 if format_name == "ktap" else 7)


def test_ktap_of_a_run_that_was_cut_off_has_a_test_that_failed() -> None:
    text = made("ktap", stored("interrupted"))
    assert text.startswith("KTAP version 1\n1..8\n") and text.endswith("\nnot ok 4 - the run # ERROR\n")


def test_ktap_has_planned_the_test_that_tells_of_the_run_as_a_whole(tmp_path: Path) -> None:
    records = raw("clean")
    assert made("ktap", write(tmp_path / "r", records)).endswith("\nok 8 - the run\n")
    records[-1] |= {"exit": 99}
    text = made("ktap", write(tmp_path / "s", records))
    assert "\n1..8\n" in text and text.endswith("\nnot ok 8 - the run # ERROR\n")


def test_ktap_says_ok_where_nobody_needs_to_act() -> None:
    text = made("ktap", stored("known"))
    assert "ok 1 - perm/only-read[mode=0400] # XFAIL known: fixed in 6.19\n" in text and "not ok" not in text


# ---- LTP ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name, bits", [
    ("clean", 0), ("permitted", 0), ("known", 0), ("deviates", 1), ("conflict", 1), ("unstable", 1),
    ("broken", 6), ("skipped", 0), ("unsupported", 32), ("interrupted", 2), ("sigint", 2), ("hostile", 1)])
def test_ltp_bits(name: str, bits: int) -> None:
    assert run("ltp", stored(name), "--exit-status")[0] == bits


@pytest.mark.parametrize("name", STORED)
def test_ltp_sums_and_lines(name: str) -> None:
    text = made("ltp", stored(name))
    sums = dict(re.findall(r"^(passed|failed|broken|skipped|warnings) +(\d+)$", text, re.M))
    words = Counter(re.findall(r": (TPASS|TFAIL|TBROK|TCONF|TWARN): ", text))
    assert sums == {"passed": str(words["TPASS"]), "failed": str(words["TFAIL"]),
                    "broken": str(words["TBROK"]), "skipped": str(words["TCONF"]),
                    "warnings": str(words["TWARN"])}
    assert words["TWARN"] == (name == "broken")
    assert sum(words.values()) == len(cases(name)) + (name in BROKEN_OFF) + words["TWARN"]


# ---- JUnit -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STORED)
def test_junitparser_sees_every_test(tmp_path: Path, name: str) -> None:
    target = tmp_path / "junit.xml"
    target.write_text(made("junit", stored(name)))
    found = junitparser.JUnitXml.fromfile(str(target))
    suites, counts = list(found), statuses(name)
    lost = name in BROKEN_OFF
    assert (found.tests, found.failures, found.errors) == (
        len(cases(name)) + lost, counts["fail"], counts["error"] + lost)
    for suite in suites:
        before = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()
        assert before == (suite.tests, suite.failures, suite.errors, suite.skipped)
    tests = {test.name: test for suite in suites for test in suite}
    assert len(tests) == len(cases(name)) + lost
    for record in cases(name):
        test = tests[printable(record["name"])]
        element = STATUSES[VERDICTS[record["verdict"]].status].junit
        assert [type(result).__name__.lower() for result in test.result] == ([element] if element else [])
        if element:
            assert test.result[0].type == record["verdict"]


# What the schema of Jenkins' xunit plugin has: element, its attributes, its children.
SCHEMA: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "timestamp", "time"},
                  {"properties", "testcase", "system-out"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname", "time"}, {"skipped", "error", "failure", "system-out"}),
    "skipped": ({"type", "message"}, set()), "error": ({"type", "message"}, set()),
    "failure": ({"type", "message"}, set()), "system-out": (set(), set()),
}


@pytest.mark.parametrize("name", STORED)
def test_junit_has_nothing_that_a_strict_reader_refuses(name: str) -> None:
    root = ElementTree.fromstring(made("junit", stored(name)))
    for element in root.iter():
        attributes, children = SCHEMA[element.tag]
        assert set(element.attrib) <= attributes
        assert {child.tag for child in element} <= children


def test_junit_says_that_a_run_was_cut_off() -> None:
    last = ElementTree.fromstring(made("junit", stored("sigint"))).findall("testsuite/testcase/error")[-1]
    assert last.attrib["message"] == "the run was interrupted: SIGINT ended it after 4 of 7 instances"


# ---- CTRF --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STORED)
def test_ctrf(name: str) -> None:
    document = json.loads(made("ctrf", stored(name)))
    results = document["results"]
    assert (document["reportFormat"], results["tool"]["name"]) == ("CTRF", "sysvet")
    summary = results["summary"]
    counts = Counter(test["status"] for test in results["tests"])
    for state in ("passed", "failed", "skipped", "pending", "other"):
        assert summary[state] == counts[state]
    assert summary["tests"] == sum(counts.values()) == len(cases(name)) + (name in BROKEN_OFF)
    for test, record in zip(results["tests"], cases(name)):
        assert test["rawStatus"] == record["verdict"] and test["name"]
        assert test["status"] == STATUSES[VERDICTS[record["verdict"]].status].ctrf
    assert summary["start"] == (0 if name == "hostile" else 1795255200000)


@pytest.mark.skipif(not CTRF_SCHEMA.exists(), reason="npm could not bring the schema of CTRF")
@pytest.mark.parametrize("name", STORED)
def test_ctrf_keeps_to_its_schema(name: str) -> None:
    schema, document = json.loads(CTRF_SCHEMA.read_text()), json.loads(made("ctrf", stored(name)))
    jsonschema.validate(document, schema)
    document["results"]["tests"][0]["status"] = "deviates"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


# ---- GitHub ------------------------------------------------------------------------------------------

COMMAND = re.compile(r"::(error|warning|notice) (?:file=([^,:]*),line=(\d+),)?title=([^,:]*)::(.*)")


def unescaped(text: str) -> str:
    """As the runner of GitHub reads it."""
    for escaped, plain in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escaped, plain)
    return text


@pytest.mark.parametrize("name", STORED)
def test_annotations(name: str) -> None:
    found = [COMMAND.fullmatch(line) for line in made("github", stored(name)).splitlines()]
    levels = [match[1] for match in found if match]
    assert len(levels) == len(found)
    assert levels == sorted(levels, key=("error", "warning", "notice").index)
    wanted = {STATUSES[word].github for word in statuses(name)} - {""}
    assert set(levels) == wanted.union(["error"] if name in BROKEN_OFF else [],
                                       ["warning"] if name in ("known", "broken") else [])


def test_annotation_of_a_difference() -> None:
    last = made("github", stored("deviates")).splitlines()[-1]
    match = COMMAND.fullmatch(last)
    assert match and (match[1], match[2], match[3]) == (
        "error", "cases/perm/creator-keeps-access-after-give-away.case", "8")
    assert unescaped(match[4]) == "deviates: perm/creator-keeps-access-after-give-away"
    assert unescaped(match[5]).splitlines()[:2] == [
        "The creator stays in the owner class after ownership is given away.",
        "step 3: A msgctl_IPC_STAT(q): observed EACCES, expected 0"]


def test_annotation_cannot_be_forged(tmp_path: Path) -> None:
    records = raw("deviates")
    evil = "x,line=1,title=y::z\n::error title=forged::\r\n%0A"
    records[1] |= {"name": evil, "file": evil, "claim": evil}
    lines = made("github", write(tmp_path / "r", records)).split("\n")[:-1]
    assert len(lines) == 4 and all(COMMAND.fullmatch(line) for line in lines)
    match = COMMAND.fullmatch(lines[0])
    assert match and unescaped(match[2]) == printable(evil)


def rendered(text: str) -> ElementTree.Element:
    """Markdown as GitHub's own program renders it, with HTML let through."""
    done = subprocess.run(
        ["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough", "--to", "xml"],
        input=text.encode(), capture_output=True, check=True)
    return ElementTree.fromstring(re.sub(rb' xmlns="[^"]*"', b"", done.stdout))


def text_of(element: ElementTree.Element) -> str:
    """All text within."""
    return "".join(part.text or "" for part in element.iter("text"))


@pytest.mark.parametrize("name", STORED)
def test_summary_is_one_table_of_families(name: str) -> None:
    root = rendered(made("markdown", stored(name)))
    table = root.find("table")
    assert table is not None and len(list(table.iter("table_row"))) == (
        len({record["family"] for record in cases(name)}) + 1)
    width = len(list(table[0]))
    assert all(len(list(row)) == width for row in table)
    assert root.find(".//link") is None and root.find(".//strikethrough") is None
    blocks = "".join(block.text or "" for block in [*root.iter("html_block"), *root.iter("html_inline")])
    tags = set(re.findall(r"</?([a-z!][a-z0-9]*)", html.unescape(re.sub("&[^;]*;", "", blocks)), re.I))
    assert tags <= {"details", "summary", "b", "sub"}


@pytest.mark.parametrize("text", [
    "a|b", "a\\|b", "`x`", "*x* _y_ __z__ a_b_c", "<b>x</b>", "&amp;", "[x](http://y)", "http://x.y www.x.y",
    "@user #12 :tada: $x$ ~~y~~ !z", "\\", "|", "- x", "1. x", "# x", "a\nb", "", "<!-- x", "`` ` ``",
    "msgctl_IPC_STAT(q)"])
def test_markdown_shows_what_was_written(text: str) -> None:
    shown = escape(printable(text))
    root = rendered(f"| a | b |\n|---|---|\n| {shown} | end |\n\nx {shown} x\n")
    cells = [text_of(cell) for cell in root.iter("table_cell")]
    assert cells == ["a", "b", printable(text).strip(), "end"]
    paragraph = root.find("paragraph")
    assert paragraph is not None and text_of(paragraph).split() == f"x {printable(text)} x".split()
    assert {element.tag for element in root.iter()} <= {
        "document", "table", "table_header", "table_row", "table_cell", "text", "paragraph"}


def test_summary_fits(tmp_path: Path) -> None:
    records = raw("deviates")
    one = records[1]
    wide = [one | {"name": f"perm/only-read[{n}]", "findings": [one["findings"][0] | {
        "because": [f"{n} " + "b" * 9000] * 40, "call": f"{n} " + "|" * 9000}]} for n in range(300)]
    path = write(tmp_path / "r", [records[0] | {"instances": 300}, *wide])
    text = made("markdown", path)
    assert len(text.encode()) < 1 << 20 and "\n250 more differences in the records.\n" in text


# ---- Cobertura ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STORED)
def test_cobertura_counts_clauses(name: str) -> None:
    root = ElementTree.fromstring(made("cobertura", stored(name)))
    lines = list(root.iter("line"))
    hit = [int(line.attrib["number"]) for line in lines if line.attrib["hits"] != "0"]
    assert (root.attrib["lines-valid"], root.attrib["lines-covered"]) == (str(len(lines)), str(len(hit)))
    rows = Path(REQUIREMENTS).read_text().splitlines()
    named = {clause for record in cases(name) for clause in [
        *record["cites"], *record["rules"], *(finding["rule"] for finding in record["findings"])]}
    for number in hit:
        assert rows[number - 1].split("\t")[0] in named
    witnessed = [n for n, row in enumerate(rows[1:], 2) if row.split("\t")[5] == ""]
    assert sorted(int(line.attrib["number"]) for line in lines) == witnessed
    assert {one.attrib["filename"] for one in root.iter("class")} == {REQUIREMENTS}


def clause_hits(name: str) -> dict[str, str]:
    """How often which clause was exercised."""
    root = ElementTree.fromstring(made("cobertura", stored(name)))
    rows = [row.split("\t")[0] for row in Path(REQUIREMENTS).read_text().splitlines()]
    return {rows[int(line.attrib["number"]) - 1]: line.attrib["hits"] for line in root.iter("line")}


def test_cobertura_counts_instances() -> None:
    hits = clause_hits("deviates")
    assert (hits["MSGSND-ERR-EACCES"], hits["SEMCTL-ERR-ERANGE"]) == ("3", "1")
    assert (clause_hits("clean")["SEMOP-8"], clause_hits("unstable")["SEMOP-8"]) == ("1", "0")


def test_diff_cover_tells_which_clauses_of_a_change_no_case_exercises(tmp_path: Path) -> None:
    lines = Path(REQUIREMENTS).read_text().splitlines(keepends=True)
    table = tmp_path / "requirements.tsv"

    def git(*command: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path), *command],
                       check=True, capture_output=True)

    table.write_text(lines[0])
    git("init", "-b", "main")
    git("add", ".")
    git("commit", "-m", "x")
    table.write_text("".join(lines))
    records, report_file = Path(stored("deviates")).read_bytes(), tmp_path / "clauses.xml"
    subprocess.run([sys.executable, str(SCRIPT), "cobertura", "-", "--requirements", "requirements.tsv", "-o",
                    "clauses.xml"], input=records, check=True, cwd=tmp_path)
    subprocess.run(["diff-cover", str(report_file), "--compare-branch", "main", "--json-report",
                    str(tmp_path / "json")], check=True, cwd=tmp_path, capture_output=True)
    found = json.loads((tmp_path / "json").read_text())["src_stats"]["requirements.tsv"]
    coverage = ElementTree.parse(report_file).getroot()
    assert found["violation_lines"] == sorted(
        int(line.attrib["number"]) for line in coverage.iter("line") if line.attrib["hits"] == "0")
    assert round(found["percent_covered"]) == round(float(coverage.attrib["line-rate"]) * 100)


# ---- all formats -------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_name", FORMATS)
def test_same_records_same_bytes(format_name: str) -> None:
    extra = ["--requirements", REQUIREMENTS] if format_name == "cobertura" else []
    first, second = (report(format_name, *extra, stored("hostile"), PYTHONHASHSEED=seed, LC_ALL=locale,
                            TZ=zone).stdout.decode()
                     for seed, locale, zone in (("1", "C", "UTC"), ("2", "C.UTF-8", "Asia/Tokyo")))
    assert first == second == made(format_name, stored("hostile"))


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("name", STORED)
def test_no_unseen_character(format_name: str, name: str) -> None:
    text = made(format_name, stored(name))
    assert printable(text.replace("\n", "")) == text.replace("\n", "")


def test_stale_rows_are_trouble_for_a_strict_reader() -> None:
    said = "Bail out! stale in the baseline: ids/excl-* (msgget 0), known.tsv:3\n"
    assert made("tap", stored("known"), "--strict").endswith(said)
    assert "Bail out!" not in made("tap", stored("known"))


def test_stale_rows_are_told_to_who_is_not_strict() -> None:
    said = "stale in the baseline: ids/excl-* (msgget 0), known.tsv:3: "
    assert f"\n# {said}" in made("tap", stored("known")) and f"\n# {said}" in made("ktap", stored("known"))
    assert f"\nknown.tsv:3: TINFO: {said}" in made("ltp", stored("known"))
    root = ElementTree.fromstring(made("junit", stored("known")))
    assert (root.findtext("testsuite[@name='remarks']/system-out") or "").startswith(said)
    extra = json.loads(made("ctrf", stored("known")))["results"]["extra"]
    assert extra["stale"][0].startswith(said)
    warning = made("github", stored("known")).splitlines()[0]
    assert warning.startswith("::warning file=known.tsv,line=3,title=stale in the baseline::" + said)
    assert "Stale in the baseline" in made("markdown", stored("known"))


def test_what_was_left_behind_is_told() -> None:
    said = "1 object left behind in the namespace of the run"
    for format_name in ("tap", "ktap"):
        assert f"\n# {said}\n" in made(format_name, stored("broken"))
    assert f"\nsysvet: TWARN: {said}\n" in made("ltp", stored("broken"))
    assert f"::warning title=sysvet%3A the run::{said}\n" in made("github", stored("broken"))
    assert f">{said}</system-out>" in made("junit", stored("broken"))
    assert json.loads(made("ctrf", stored("broken")))["results"]["extra"]["leaks"] == 1


@pytest.mark.parametrize("name", ["permitted"])
def test_strict(name: str) -> None:
    counts = statuses(name, strict=True)
    assert counts["fail"]
    assert made("tap", stored(name), "--strict").count("not ok") == counts["fail"] + counts["known"]
    document = json.loads(made("ctrf", stored(name), "--strict"))
    assert document["results"]["summary"]["failed"] == counts["fail"]


@pytest.mark.parametrize("name, status", [
    ("clean", 0), ("deviates", 1), ("broken", 99), ("unsupported", 77), ("interrupted", 99), ("sigint", 1)])
@pytest.mark.parametrize("format_name", ["tap", "junit", "github"])
def test_exit_status_of_the_run(format_name: str, name: str, status: int) -> None:
    assert run(format_name, stored(name), "--exit-status")[0] == status
    assert run(format_name, stored(name))[0] == 0


def test_a_status_that_nothing_explains_is_no_pass(tmp_path: Path) -> None:
    records = raw("clean")
    records[-1] |= {"exit": 99, "leaks": 3}
    path = write(tmp_path / "r", records)
    assert "Bail out! the run ended with status 99, and nothing above says why\n" in made("tap", path)
    assert junitparser.JUnitXml.fromstring(made("junit", path).encode()).errors == 1
    records[-1] |= {"exit": 1}
    assert "--strict" in made("tap", write(tmp_path / "s", records))


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("damage", ["{", "[]", '{"record":"case"}', "\udcff", '{"record":"end"}'])
def test_damaged_records_keep_what_is_good_and_are_never_a_pass(
        tmp_path: Path, capsys: pytest.CaptureFixture[str], format_name: str, damage: str) -> None:
    lines = Path(stored("clean")).read_text().splitlines(keepends=True)
    path = tmp_path / "r"
    path.write_text("".join([*lines[:4], damage + "\n", *lines[4:]]), errors="surrogateescape")
    status, text = run(format_name, str(path))
    assert status == 2 and capsys.readouterr().err.startswith(f"{path}:5:")
    if format_name == "tap":
        assert "\nok 3 - " in text and "\nBail out! the records are damaged: " in text
    if format_name == "ltp":
        assert "sysvet: TBROK: the records are damaged: " in text
    if format_name == "ktap":
        assert text.endswith("\nnot ok 4 - the run # ERROR\n")
    if format_name in ("junit", "ctrf", "github", "markdown"):
        assert "the records are damaged: " in text


@pytest.mark.parametrize("format_name", FORMATS)
def test_nothing_is_written_from_nothing(tmp_path: Path, format_name: str) -> None:
    target, empty = tmp_path / "out", tmp_path / "empty"
    target.write_text("old")
    empty.write_text("")
    extra = ["--requirements", REQUIREMENTS] if format_name == "cobertura" else []
    for records in (empty, tmp_path / "none"):
        assert main([format_name, *extra, str(records), "-o", str(target)]) == 2
        assert target.read_text() == "old"


def test_a_run_that_stopped_at_the_first_difference_is_not_complete(tmp_path: Path) -> None:
    records = raw("clean")
    records[0] |= {"instances": 8}
    text = made("tap", write(tmp_path / "r", records))
    assert text.endswith("\nBail out! the run is not complete: it ended after 7 of 8 instances\n")


def test_quotes_and_empty_names(tmp_path: Path) -> None:
    records = raw("skipped")
    one = next(record for record in records if record.get("verdict") == "skipped")
    one |= {"name": "", "case": "", "reason": "it's not \"here\""}
    path = write(tmp_path / "r", records)
    assert "\n  message: 'skipped: it''s not \"here\"'\n" in made("tap", path)
    tests = json.loads(made("ctrf", path))["results"]["tests"]
    assert [test["name"] for test in tests if test["status"] == "skipped"][0] == "#4"
    for format_name in FORMATS:
        made(format_name, path)


@pytest.mark.parametrize("date, expected", [
    ("1970-01-01T00:00:10Z", 10_000), ("1970-01-01T00:00:10", 10_000), ("1970-01-01T02:00:10+02:00", 10_000),
    ("", 0), ("yesterday", 0), ("0001-01-01T00:00:00+23:59", 0)])
def test_dates(date: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert milliseconds(date) == expected
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_selection_of_nothing(tmp_path: Path) -> None:
    records = raw("clean")
    zero = records[-1] | {"cases": 0, "instances": 0, "steps": 0, "outcomes": 0, "exit": 77,
                          "verdicts": dict.fromkeys(VERDICTS, 0)}
    path = write(tmp_path / "r", [records[0] | {"cases": 0, "instances": 0}, zero])
    target = tmp_path / "run.tap"
    target.write_text(made("tap", path))
    assert "Result: NOTESTS" in prove(target)
    for format_name in FORMATS:
        made(format_name, path)


def test_names_of_a_million_characters(tmp_path: Path) -> None:
    records = raw("deviates")
    name = "x" * 1_000_000 + "#]]>\x00"
    records[1]["name"] = records[1]["findings"][0]["call"] = name
    path = write(tmp_path / "r", records)
    for format_name in FORMATS:
        text = made(format_name, path)
        assert text.count("x" * 1_000_000) <= 1
    assert junitparser.JUnitXml.fromstring(made("junit", path).encode()).failures == 4


def test_instances_are_written_as_soon_as_they_are_done() -> None:
    lines = Path(stored("clean")).read_bytes().splitlines(keepends=True)
    command = [sys.executable, str(SCRIPT), "tap", "--exit-status", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        for line, answer in zip(lines, (b"1..7", b"ok 1 - ", b"ok 2 - ")):
            process.stdin.write(line)
            process.stdin.flush()
            while not process.stdout.readline().startswith(answer):
                assert process.poll() is None
        process.stdin.write(b"".join(lines[3:]))
        process.stdin.close()
        assert process.stdout.read().count(b"ok ") == 5
        assert process.wait() == 0


def test_a_pipe_has_the_status_of_the_run() -> None:
    with open(stored("deviates"), "rb") as records:
        done = subprocess.run([sys.executable, str(SCRIPT), "junit", "--exit-status", "-"], stdin=records,
                              capture_output=True, check=False)
    assert done.returncode == 1 and done.stdout.decode() == made("junit", stored("deviates"))


@pytest.mark.parametrize("name", [*FORMATS, "summary", "html", "compare"])
def test_help_has_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([name, "--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert f"sysvet-report {name} " in said.split("example: ")[1]


@pytest.mark.parametrize("command, status", [
    (["tap", stored("deviates")], 0), (["tap", "--exit-status", stored("deviates")], 2),
    (["compare", stored("clean"), stored("clean")], 2)])
def test_a_reader_that_leaves_early_makes_no_pass(command: list[str], status: int) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, str(SCRIPT), *command], stdout=writing, stderr=subprocess.PIPE,
                          check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (status, b"")
