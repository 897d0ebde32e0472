"""What is concluded from each stored run, and what is not."""

from dataclasses import replace
from typing import Any

import make
import pytest
from pages import DESCRIBE, REQUIREMENTS, STORED, digest_of, raw, stored

from sysvet_report.clauses import HELD, UNCLEAR, UNEXERCISED, VIOLATED, Status, judge_clauses
from sysvet_report.digest import Digest, digest
from sysvet_report.groups import group
from sysvet_report.load import load_describe, load_requirements, load_run, read_case, read_end
from sysvet_report.outcomes import Cell, Coverage, Row, Table, coverage
from sysvet_report.records import Run
from sysvet_report.verdicts import VERDICTS
from sysvet_report.words import count, listing, printable

CONCLUSIONS = {
    "clean": ("Linux 6.18.44 conforms to profile linux", "good"),
    "permitted": ("Linux 6.18.44 conforms to profile linux, but for 1 permitted difference", "note"),
    "known": ("Linux 6.18.44 conforms to profile linux, but for 3 known differences", "note"),
    "skipped": ("Linux 6.18.44 conforms to profile linux", "good"),
    "deviates": ("model:creator-class=off does not conform to profile linux", "bad"),
    "hostile": ("Linux 6.18.44 does not conform to profile linux", "bad"),
    "conflict": ("No verdict on Linux 6.18.44: claims and model disagree", "warn"),
    "unstable": ("No verdict on Linux 6.18.44: answers change from run to run", "warn"),
    "broken": ("No verdict on Linux 6.18.44: the run is broken", "warn"),
    "unsupported": ("No verdict on Linux 6.18.44: nothing ran", "warn"),
    "interrupted": ("No verdict on Linux 6.18.44: the run was interrupted", "warn"),
    "sigint": ("No verdict on Linux 6.18.44: the run was interrupted", "warn"),
}


def test_every_run_has_an_expected_conclusion() -> None:
    assert sorted(CONCLUSIONS) == STORED


@pytest.mark.parametrize("name", STORED)
def test_conclusion(name: str) -> None:
    conclusion = digest_of(name).conclusion
    assert (conclusion.headline, conclusion.tone) == CONCLUSIONS[name]


def test_another_kernel_that_calls_itself_linux_is_named() -> None:
    run = load_run(stored("clean"))
    foreign = replace(run, begin=replace(run.begin, target="gvisor"))
    assert digest(foreign).conclusion.headline == "gvisor as Linux 6.18.44 conforms to profile linux"


def test_details() -> None:
    assert digest_of("deviates").conclusion.detail == "4 of 7 instances deviate, in 2 of 5 cases."
    assert digest_of("sigint").conclusion.detail == "SIGINT ended it after 4 of 7 instances."
    assert "after 3 of 7 instances and have no end record" in digest_of("interrupted").conclusion.detail
    assert digest_of("broken").conclusion.detail == "1 broken and 1 unresolved of 9 instances."
    assert digest_of("deviates").evidence == ("5 of 5 cases and 7 of 7 instances ran, 33 steps in all; "
                                              "8 of 22 clauses were exercised.")


def test_remarks() -> None:
    assert digest_of("clean").remarks == []
    assert digest_of("skipped").remarks == ["Not run, and counted as nothing: 3 skipped."]
    assert digest_of("known").remarks == ["Stale in the baseline, 1: ids/excl-* (msgget 0), known.tsv:3."]
    assert digest_of("broken").remarks == ["Left behind in the namespace of the run: 1 object."]


def made_of(*cases: dict[str, Any], **end: object) -> Digest:
    """A complete run of these case records."""
    footer = read_end(make.end([*cases], **end))
    first = replace(load_run(stored("clean")).begin, cases=footer.cases, instances=footer.instances)
    return digest(Run(first, tuple(map(read_case, cases)), footer, torn=False))


def test_strict_run_with_stale_entries() -> None:
    assert made_of(make.EXCL, stale=[make.GONE]).conclusion.tone == "good"
    strict = made_of(make.EXCL, stale=[make.GONE], exit=1).conclusion
    assert (strict.headline, strict.tone) == ("Linux 6.18.44 conforms to profile linux", "warn")


def test_strict_run_with_permitted_differences() -> None:
    run = load_run(stored("permitted"))
    assert run.end
    strict = digest(replace(run, end=replace(run.end, exit=1))).conclusion
    assert strict.headline == "Linux 6.18.44 conforms to profile linux, but for 1 permitted difference"
    assert strict.tone == "warn"
    assert altered("permitted", exit=99).startswith("No verdict")


def test_sections_come_by_severity() -> None:
    remark = make.COPY | {"findings": [make.GIVE_AWAY_FINDING | {"verdict": "permitted"}]}
    skipped = make.not_run(make.ZERO, "skipped", "no need")
    made = made_of(make.ORDER, remark, skipped, make.CLAIM, *make.write_permission_ignored("deviates"),
                   make.SETVAL | {"name": "again"})
    assert [section.verdict.word for section in made.sections] == [
        "deviates", "conflict", "permitted", "skipped", "conforms"]
    assert [verdict.word for verdict in group(made.run.cases[:1] + made.run.cases[-1:])[0].verdicts] == [
        "permitted", "conforms"]
    assert made.remarks == ["Also: 1 conflict.", "Not run, and counted as nothing: 1 skipped."]


def test_what_was_not_looked_at_is_told() -> None:
    made = made_of(make.ORDER | {"left": 2}, make.CLAIM | {"left": 1}, make.ZERO)
    assert made.remarks[-1] == "Not run after what was found: 3 steps of 2 instances."
    run = load_run(stored("deviates"))
    assert run.end
    assert digest(replace(run, end=replace(run.end, deaths=1))).remarks == [
        "Jobs of the runner, or starts of the target, that died and were begun again: 1."]


def test_what_is_unprotected_is_told() -> None:
    run = load_run(stored("clean"))
    begin = replace(run.begin, unprotected=("no filters", "no namespace"))
    assert digest(replace(run, begin=begin)).remarks == ["Unprotected: no filters; no namespace."]


def test_torn_run_says_so() -> None:
    run = replace(load_run(stored("interrupted")), torn=True)
    assert digest(run).remarks == ["The last line of the records was cut off in the middle."]


def test_one_violation_outweighs_any_number_of_witnesses() -> None:
    made = made_of(*make.modes("0400"), make.write_permission_ignored("deviates")[1], exit=1)
    assert made.clauses.by_id["MSGSND-ERR-EACCES"].status == VIOLATED
    assert made.clauses.by_id["XSH-2.7-perm-2"].status == HELD


def test_what_did_not_run_decides_nothing() -> None:
    broken = make.CRASH | {"rules": ["MSGSND-ERR-EACCES"], "outcomes": ["msgsnd EACCES"]}
    made = digest(made_of(broken).run, None, load_describe(DESCRIBE))
    assert made.outcomes.rules.done == made.outcomes.promised.done == made.outcomes.called.done == 0


def test_coverage_counts_a_name_once() -> None:
    assert coverage([("a", True), ("a", False), ("b", False), ("b", False)]) == Coverage(1, ("b",))


def test_order_of_results() -> None:
    words = ["SIGBUS", "EACCES", "blocks", "ZEBRA", "0"]
    table = Table("", [Row("msgsnd", False, {word: Cell(1, ()) for word in words})])
    assert table.results == ["0", "blocks", "EACCES", "ZEBRA", "SIGBUS"]


def altered(name: str, **end: Any) -> str:
    """The headline of a stored run whose footer says something else."""
    run = load_run(stored(name))
    assert run.end
    return digest(replace(run, end=replace(run.end, **end))).conclusion.headline


def test_no_run_with_a_bad_footer_passes() -> None:
    assert altered("clean", exit=1).startswith("No verdict")
    assert altered("clean", interrupted="SIGTERM").startswith("No verdict")
    assert altered("deviates", interrupted="SIGTERM").startswith("No verdict")


def test_deviations_before_an_interruption_are_told() -> None:
    run = replace(load_run(stored("deviates")), end=None)
    assert digest(run).remarks == ["Up to there: 4 deviates."]


def test_a_lost_record_is_no_pass() -> None:
    run = load_run(stored("clean"))
    headline = digest(replace(run, cases=run.cases[1:])).conclusion.headline
    assert headline == "No verdict on Linux 6.18.44: the run is not complete"


@pytest.mark.parametrize("name", STORED)
def test_skipped_is_never_evidence(name: str) -> None:
    made = digest_of(name)
    ran = [record for record in raw(name) if record["record"] == "case" and VERDICTS[record["verdict"]].ran]
    assert made.ran == len(ran)
    assert made.cases_ran == len({record["case"] for record in ran})


def status(name: str, clause: str) -> Status:
    """What a stored run says of a clause."""
    return digest_of(name).clauses.by_id[clause].status


@pytest.mark.parametrize("name, clause, expected", [
    ("clean", "XSH-2.7-perm-9", HELD),
    ("clean", "MSGSND-ERR-EAGAIN", UNEXERCISED),
    ("deviates", "XSH-2.7-perm-9", VIOLATED),           # named by the finding
    ("deviates", "MSGCTL-SET-1", UNCLEAR),              # cited by a case that deviates on another clause
    ("deviates", "XSH-2.7-perm-2", VIOLATED),           # cited by a case whose finding names no clause
    ("known", "MSGSND-ERR-EACCES", VIOLATED),
    ("permitted", "LINUX-SEMCTL-SETVAL-1", UNEXERCISED),
    ("permitted", "SEMCTL-SETVAL-1", UNCLEAR),
    ("skipped", "SEMCTL-GETZCNT-1", UNEXERCISED),       # cited, but its case did not run
    ("unstable", "SEMCTL-GETZCNT-1", UNCLEAR),
    ("broken", "LINUX-MSG-COPY-4", UNEXERCISED),
])
def test_clause(name: str, clause: str, expected: Status) -> None:
    assert status(name, clause) == expected


def test_clause_numbers() -> None:
    clauses = digest_of("clean").clauses
    assert clauses.by_id["MSGSND-ERR-EACCES"].cases == ("perm/only-read",)
    assert clauses.by_id["MSGSND-ERR-EACCES"].refusals == 3
    assert set(clauses.by_id) == {row.id for row in load_requirements(REQUIREMENTS)}
    assert clauses.unlisted == ()
    assert len(digest_of("hostile").clauses.unlisted) == 2


def test_without_requirements_only_named_clauses_are_known() -> None:
    clauses = judge_clauses(load_run(stored("deviates")), None)
    assert not clauses.complete and clauses.unlisted == ()
    assert clauses.by_id["XSH-2.7-perm-9"].status == VIOLATED
    assert "MSGSND-ERR-EAGAIN" not in clauses.by_id


def test_outcomes() -> None:
    outcomes = digest_of("clean").outcomes
    assert outcomes.promised.holes == (
        "msgget ENOENT", "msgget EACCES", "msgsnd EFAULT", "msgsnd EAGAIN", "msgctl_IPC_SET EPERM",
        "msgctl_IPC_STAT EACCES", "semctl_SETVAL EINVAL")
    assert (outcomes.promised.done, outcomes.promised.total) == (3, 10)
    assert outcomes.rules.done == 3 and "MSGSND-ERR-EAGAIN" in outcomes.rules.holes
    assert outcomes.called.holes == ()
    assert [table.family for table in outcomes.tables] == ["MSG", "SEM", ""]
    assert outcomes.tables[0].results == [
        "0", "blocks", "EACCES", "EAGAIN", "EEXIST", "EFAULT", "ENOENT", "EPERM"]
    assert [row.operation for row in outcomes.tables[2].rows] == ["semctl_GETVAL", "semctl_GETZCNT", "semop"]


def test_outcomes_without_describe() -> None:
    outcomes = digest(load_run(stored("clean"))).outcomes
    assert len(outcomes.tables) == 1 and outcomes.promised.total == outcomes.called.total == 0


def test_same_findings_are_told_once() -> None:
    run = load_run(stored("deviates"))
    same = tuple(replace(case, findings=run.cases[0].findings) for case in run.cases[:3])
    differences = digest(replace(run, cases=same)).sections[0].groups[0].differences
    assert len(differences) == 1
    assert differences[0].instances == tuple(case.name for case in run.cases[:3])


def test_words() -> None:
    assert (count(0, "case"), count(1, "case"), count(1200, "case")) == ("0 cases", "1 case", "1,200 cases")
    assert (listing([]), listing(["a"]), listing(["a", "b", "c"])) == ("", "a", "a, b and c")
    assert printable("a\nb\x1b\u202e\ud800\u00e9") == "a\\x0ab\\x1b\\u202e\\ud800\u00e9"


def test_a_system_that_fakes_is_not_judged() -> None:
    run = load_run(stored("clean"))
    refused = replace(run.begin, refused="credentials are faked\x07")
    made = digest(replace(run, begin=refused, cases=())).conclusion
    assert made.headline.endswith("it cannot be judged")
    assert made.detail == "credentials are faked\\x07." and made.tone == "warn"
