"""What stands beside the run: partitions, faults, code coverage, other subjects, a baseline."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import make
import pytest
from pages import Node, cells, digest_of, full_page, page_of, parse, stored

from sysvet_report.cli import main
from sysvet_report.faults import Faults
from sysvet_report.html import Extras, page, percent, share
from sysvet_report.html_cli import names_of
from sysvet_report.load import LoadError, load_coverage, load_mutants, load_run, read_mutant
from sysvet_report.records import CodeCoverage


@pytest.fixture(scope="module", name="full")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Node:
    """The page with all that a page can have."""
    return parse(full_page(tmp_path_factory.mktemp("full")))


def section(root: Node, name: str) -> Node:
    """The section with this heading."""
    return next(part for part in root.all("section") if part.attributes.get("aria-labelledby") == name)


def test_partitions_equal_the_records() -> None:
    shown = section(page_of("clean"), "partitions")
    told = [part.text.split() for part in shown.all("span", "part")]
    expected = [[*part["name"].split(), *(sorted(part["outcomes"]) or [
        word for word in ("not tried" if part["untried"] else "hole").split()])]
                for record in make.CALLS for argument in record["arguments"] for part in argument["parts"]]
    assert told == expected
    assert "7 of 11 parts of arguments tried, 9 outcomes" in shown.text


def test_a_part_without_outcome_is_a_hole_or_has_its_reason() -> None:
    shown = section(page_of("clean"), "partitions")
    holes = [hole.text for hole in shown.all("ul", "names")[0].all("li")]
    assert holes == ["msgget key: negative", "semctl_SETVAL val: negative"]
    assert [part.text for part in shown.all("span", "hole")][1:] == ["negative hole", "negative hole"]
    reasons = shown.all("dl", "reasons")[0]
    assert [reason.text for reason in reasons.all("dt")] == ["it is <odd> 2 parts not tried"]
    assert [part.text for part in reasons.all("li")] == ["semctl_SETVAL num: negative, beyond"]
    assert [part.attributes["title"] for part in shown.all("span", "untried")] == ["it is <odd>"] * 2


def test_partitions_are_told_by_family() -> None:
    tables = section(page_of("clean"), "partitions").all("table", "partitions")
    assert [table.all("code")[0].text for table in tables] == ["msgget", "semctl_SETVAL"]


def test_records_without_partitions_have_no_section() -> None:
    assert "Partitions" not in page_of("interrupted").text


def test_faults_that_change_nothing_do_not_count(full: Node) -> None:
    shown = section(full, "faults")
    assert "33.3 %" in shown.all("h2")[0].text
    assert "1 of 3 faults put into the model on purpose were noticed" in shown.text
    assert "were noticed; 1 need not be; 1 survivor without excuse." in shown.text
    assert [cells(row) for row in shown.all("table", "kinds")[0].all("tr")[1:]] == [
        ["rule", "1", "1", ""], ["mutant", "0", "1", ""], ["errno", "0", "1", ""]]


def test_survivors_come_first_that_have_no_excuse(full: Node) -> None:
    shown = section(full, "faults")
    assert [cells(row) for row in shown.all("table", "survivors")[0].all("tr")[1:]] == [
        ["msg.c:7:<b>", "model/msg.c:7", "", "none"],
        ["SEMOP-8=EINVAL", "EAGAIN instead of EINVAL", "NO-SUCH-1 SEMOP-8", "both are allowed"]]
    assert "order never broken together" in shown.text


def faults(*changes: dict[str, Any]) -> Faults:
    """Mutants that are noticed but for what is given."""
    return Faults(tuple(read_mutant({"name": str(n), "noticed": True} | change)
                        for n, change in enumerate(changes)))


def test_a_score_is_good_when_all_else_is_excused() -> None:
    assert faults({}, {"noticed": False, "excused": "why"}).tone == "good"
    assert faults({}, {"noticed": False}).tone == "warn"
    assert faults({}, {"noticed": False, "excluded": "why"}).noticed == 1


def test_coverage_is_told_by_folder_the_most_missing_first(full: Node) -> None:
    shown = section(full, "code")
    assert "90.0 % of lines, 82.9 % of branches" in shown.all("h2")[0].text
    assert [part.text.split(":")[0] for part in shown.all("summary")] == ["model", "real"]
    rows = [cells(row) for row in shown.all("table", "files")[0].all("tr")[1:]]
    assert rows == [["model/sem.c", "10", "200", "", "1", "80", ""],
                    ["model/msg.c", "0", "200", "", "0", "80", ""]]


def test_clauses_have_a_verdict_for_each_subject(full: Node) -> None:
    rows = {cells(row)[0]: cells(row) for table in full.all("table", "clauses") for row in table.all("tr")}
    assert rows["id"][6:] == ["model:creator-class=off", "another"]
    assert rows["XSH-2.7-perm-9"][6:] == ["violated", "held"]
    assert rows["MSGSND-ERR-EAGAIN"][6:] == ["not exercised", "not exercised"]


def test_what_is_violated_leads_to_its_cause(full: Node) -> None:
    row = next(row for table in full.all("table", "clauses") for row in table.all("tr")
               if row.text.strip().startswith("XSH-2.7-perm-9"))
    link = next(link for link in row.all("a") if link.text == "violated")
    assert "Creator and owner ids" in full.by_id(link.attributes["href"][1:]).all("h3")[0].text


def test_rows_of_a_baseline() -> None:
    shown = section(page_of("known"), "baseline")
    assert [cells(row)[:5] for row in shown.all("table", "baseline")[0].all("tr")[1:]] == [
        ["known.tsv:3", "ids/excl-*", "msgget 0", "stale", "a key could be had twice"],
        ["known.tsv:2", "perm/only-read[*]", "msgsnd 0", "3", "fixed in 6.19"]]
    assert "Baseline" not in page_of("clean").text


@pytest.mark.parametrize("done, total, full, text", [
    (0, 0, True, "none"), (999_999, 1_000_000, False, "99.9 %"), (1, 3, False, "33.3 %"),
    (5, 5, True, "100.0 %")])
def test_only_all_is_all(done: int, total: int, full: bool, text: str) -> None:
    assert (share(done, total) == share(1, 1)) is full and percent(done, total) == text


@pytest.mark.parametrize("text, error", [
    ("", "found no mutant, expected mutant records"),
    ('{"record":"end"}', "found no mutant, expected mutant records"),
    ("[]", "found no record, expected one"),
    ('{"record":"mutant","name":"x"}', 'found no "noticed", expected "noticed": true or false'),
    ('{"record":"mutant","name":"x","noticed":true,"kind":1}',
     'found 1 in "kind", expected a string or null')])
def test_wrong_mutants_are_refused(tmp_path: Path, text: str, error: str) -> None:
    (tmp_path / "m").write_text(text)
    with pytest.raises(LoadError) as found:
        load_mutants(str(tmp_path / "m"))
    assert str(found.value).startswith(f"{tmp_path}/m:1:") and error in str(found.value)


def test_wrong_coverage_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c").write_text('{"files":[{"filename":"x"}]}')
    with pytest.raises(LoadError, match='found no "line_total" in "files"'):
        load_coverage(str(tmp_path / "c"))
    assert load_coverage(write(tmp_path, '{"files":[]}')) == CodeCoverage(())


def write(folder: Path, text: str) -> str:
    """The text as a file."""
    (folder / "f").write_text(text)
    return str(folder / "f")


def test_options_of_the_command(tmp_path: Path) -> None:
    mutants = write(tmp_path, make.text(make.MUTANTS))
    target = tmp_path / "page"
    assert main(["html", stored("deviates"), "-o", str(target), "--mutants", mutants, "--mutants", mutants,
                 "--beside", stored("clean"), "--beside", stored("skipped")]) == 0
    root = parse(target.read_bytes())
    assert "2 of 6 faults" in root.text
    assert cells(root.all("table", "clauses")[0].all("tr")[0])[6:] == [
        "model:creator-class=off", "Linux 6.18.44", "Linux 6.18.44"]


def test_names_tell_subjects_apart() -> None:
    clean, other = load_run(stored("clean")), load_run(stored("deviates"))
    libc = replace(clean, begin=replace(clean.begin, abi="libc x86_64", date="x"))
    assert names_of([clean]) == ["Linux 6.18.44"]
    assert names_of([clean, other]) == ["Linux 6.18.44", "model:creator-class=off"]
    assert names_of([clean, libc]) == ["Linux 6.18.44 raw x86_64", "Linux 6.18.44 libc x86_64"]


def test_a_page_needs_none_of_it() -> None:
    assert page(digest_of("clean")) == page(digest_of("clean"), Extras())
