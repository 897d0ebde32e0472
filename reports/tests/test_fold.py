"""Folding: what is added up stays the same, what is told stays told, and wrong files are still refused."""

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import make
import million
import pytest
from pages import DESCRIBE, REQUIREMENTS, STORED, stored
from test_console import frames, log

from sysvet_report.digest import Digest, digest
from sysvet_report.fold import KEPT, MOST, load_folded
from sysvet_report.html import page
from sysvet_report.load import LoadError, load_describe, load_requirements, load_run
from sysvet_report.records import Run
from sysvet_report.text import summary

MANY = 12_000


def digest_of(run: Run) -> Digest:
    """With both other files."""
    return digest(run, load_requirements(REQUIREMENTS), load_describe(DESCRIBE))


def write(path: Path, records: list[make.Record]) -> str:
    """The records as a file."""
    path.write_text(make.text(records))
    return str(path)


@pytest.mark.parametrize("name", STORED)
def test_a_folded_run_says_the_same(name: str) -> None:
    whole, folded = load_run(stored(name)), load_folded(stored(name))
    assert folded.instances == len(whole.cases)
    assert (folded.begin, folded.end, folded.torn, folded.calls) == (
        whole.begin, whole.end, whole.torn, whole.calls)
    assert summary(digest_of(folded)) == summary(digest_of(whole))
    told = [case for case in whole.cases if case.verdict.word != "conforms" or case.findings]
    assert [case for case in folded.cases if case in told] == told


@pytest.fixture(scope="module", name="large")
def a_large_run(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Records of many instances, one in a hundred of which deviates."""
    path = str(tmp_path_factory.mktemp("large") / "r.jsonl")
    million.write(path, MANY, 10)
    return path


def test_a_large_run_says_the_same(large: str) -> None:
    whole, folded = digest_of(load_run(large)), digest_of(load_folded(large))
    assert folded.run.instances == MANY and len(folded.run.cases) < MANY / 10
    assert folded.conclusion == whole.conclusion and folded.remarks == whole.remarks
    assert folded.counts == whole.counts and folded.steps == whole.steps and folded.ran == whole.ran
    assert folded.clauses == whole.clauses and folded.outcomes == whole.outcomes
    assert [family.counts for family in folded.families] == [family.counts for family in whole.families]
    assert [(section.verdict, section.instances) for section in folded.sections] == [
        (section.verdict, section.instances) for section in whole.sections]
    assert replace(folded.run, cases=(), more={}) == replace(whole.run, cases=(), more={})


def test_a_page_of_a_large_run_counts_all(large: str) -> None:
    made = page(digest_of(load_folded(large)))
    assert b"108 of 12,000 instances deviate" in made and b"needs CAP_SYS_RESOURCE" in made


@pytest.mark.parametrize("deviating", [0, 1000])
def test_memory_does_not_grow_with_what_is_alike(tmp_path: Path, deviating: int) -> None:
    peaks = []
    for instances in (3000, 9000):
        million.write(str(tmp_path / "r"), instances, deviating)
        tracemalloc.start()
        load_folded(str(tmp_path / "r"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 6000 * 200     # a number for each name, and what finds equal ones


def deviating(total: int) -> list[make.Record]:
    """A run of one case that always deviates in the same way."""
    records = [make.modes("0400")[0] | {
        "name": f"perm/only-read[{n}]", "instance": str(n), "verdict": "deviates",
        "findings": [make.GIVE_AWAY_FINDING | {"replay": f"replay {n}"}]} for n in range(total)]
    return make.run(records, exit=1)


def test_of_what_is_alike_some_are_kept_and_named(tmp_path: Path) -> None:
    run = load_folded(write(tmp_path / "r", deviating(KEPT + 7)))
    assert [case.instance for case in run.cases] == [str(n) for n in range(KEPT)]
    assert run.instances == KEPT + 7 and run.times(run.cases[0]) == 8
    made = page(digest(run)).decode()
    assert f"{KEPT + 7} instances in 1 case" in made


def test_another_difference_is_kept(tmp_path: Path) -> None:
    records = deviating(KEPT + 7)[1:KEPT + 8]
    other = records[0] | {"name": "perm/only-read[other]", "findings": [make.GIVE_AWAY_FINDING | {"step": 1}]}
    run = load_folded(write(tmp_path / "r", make.run([*records, other], exit=1)))
    assert [case.name for case in run.cases][KEPT:] == ["perm/only-read[other]"]
    assert run.times(run.cases[-1]) == 1


def test_not_more_are_kept_than_a_page_can_use(tmp_path: Path) -> None:
    records = [make.modes("0400")[0] | {
        "name": f"perm/{n}", "case": f"perm/{n % 1000}", "verdict": "deviates",
        "findings": [make.GIVE_AWAY_FINDING]} for n in range(2 * MOST)]
    run = load_folded(write(tmp_path / "r", make.run(records, exit=1)))
    assert run.instances == 2 * MOST and len(run.cases) <= MOST + 1000


@pytest.mark.parametrize("second", ["perm/twice[1]", "perm/tw\\u0069ce[1]"])
def test_a_name_that_comes_twice_is_refused(tmp_path: Path, second: str) -> None:
    record = make.modes("0400")[0]
    records = [record | {"name": "perm/other"}, record | {"name": "perm/third"},
               record | {"name": "perm/twice[1]"}, record | {"name": "SECOND"}]
    text = make.text(make.run(records)).replace("SECOND", second)
    (tmp_path / "r").write_text(text)
    with pytest.raises(LoadError, match=r'r:5:\d+: found "perm/twice\[1\]" again, expected a name'):
        load_folded(str(tmp_path / "r"))


@pytest.mark.parametrize("old, new", [
    ('"instances":40', '"instances":41'), ('"conforms":40', '"conforms":39'),
    ('"outcomes":3,', '"outcomes":4,'),
    ('"name":"perm/7"', '"name":7'), ('{"record":"end"', '{"record":"case"')])
def test_what_load_run_refuses_is_refused(tmp_path: Path, old: str, new: str) -> None:
    records = [make.modes("0400")[0] | {"name": f"perm/{n}"} for n in range(40)]
    text = make.text(make.run(records))
    assert old in text
    at = text.rindex(old)
    (tmp_path / "r").write_text(text[:at] + new + text[at + len(old):])
    errors = []
    for load in (load_run, load_folded):
        with pytest.raises(LoadError) as error:
            load(str(tmp_path / "r"))
        errors.append(str(error.value))
    assert errors[0] == errors[1]


@pytest.mark.parametrize("lost", [0, 2])
def test_the_log_of_a_console_is_not_folded(tmp_path: Path, lost: int) -> None:
    records = [make.modes("0400")[0] | {"name": f"perm/{n}"} for n in range(40)]
    parts = frames(make.text(make.run(records)).encode())
    del parts[9:9 + lost]
    path = log(tmp_path / "log", parts)
    whole, folded = load_run(path), load_folded(path)
    assert folded == whole and folded.console and folded.console.lost == lost
    assert not folded.more and (folded.end is None) is (lost > 0)


def test_a_torn_line_is_no_record(tmp_path: Path) -> None:
    records = [make.modes("0400")[0] | {"name": f"perm/{n}"} for n in range(40)]
    text = make.text(make.run(records)[:-4])
    (tmp_path / "r").write_text(text[:-40])
    run = load_folded(str(tmp_path / "r"))
    assert run.torn and run.instances == 38
    assert run == load_folded(str(tmp_path / "r")) and json.dumps(run.more) == '{"perm/0": 37}'
