"""README.md documents every field and every word that the code knows."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from sysvet_report.clauses import STATUSES
from sysvet_report.formats.status import STATUSES as CI
from sysvet_report.records import Begin, Case, End, Finding
from sysvet_report.verdicts import VERDICTS

README = (Path(__file__).parents[1] / "README.md").read_text()


def section(title: str) -> str:
    """The text below a heading, up to the next."""
    return re.sub(r"^#+ .*", "", README.split(f"# {title}\n", 1)[1], count=1, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("record", [Begin, Case, Finding, End])
def test_every_field_is_documented(record: type) -> None:
    rows = re.findall(r"^\| (`.*?) \|", section(record.__name__), re.MULTILINE)
    documented = re.findall(r"`(\w+)`", " ".join(rows))
    assert set(documented) - {"record"} == {field.name for field in fields(record)}


def test_verdict_words() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \|$", section("Verdict words"), re.MULTILINE)
    assert [(word, exit_status) for word, _, exit_status in rows] == [
        (verdict.word, verdict.exit) for verdict in VERDICTS.values()]


def test_clause_words() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \|", section("How clauses are judged"), re.MULTILINE)
    assert set(rows) - {"word"} == {status.word for status in STATUSES}


def test_words_of_formats() -> None:
    rows = re.findall(r"^\| (`\w+` \|.*) \|$", section("Formats for a CI"), re.MULTILINE)
    table = [[cell.strip(" `") for cell in row.split("|")] for row in rows]
    assert table == [
        [verdict.word, *(" # ".join(filter(None, said)) for said in (status.tap, status.ktap)),
         status.junit, status.ctrf, status.github, status.ltp]
        for verdict in VERDICTS.values() if verdict.word != "stale" for status in [CI[verdict.status]]]
    assert {verdict.word for verdict in VERDICTS.values() if verdict.strict != verdict.status} == {
        "permitted", "stale"}
