"""What is put together as one cause, which case stands for it, and what is counted."""

from dataclasses import replace
from typing import Any

import make
from pages import stored

from sysvet_report.causes import Causes, Symptom, causes
from sysvet_report.digest import digest
from sysvet_report.load import load_run, read_case
from sysvet_report.records import Run


def of(*records: make.Record) -> Causes:
    """The causes of the first section of a run of these records."""
    begin = replace(load_run(stored("clean")).begin, instances=len(records))
    return causes(digest(Run(begin, tuple(map(read_case, records)), None, False)).sections[0])


def deviates(name: str, *findings: dict[str, Any]) -> make.Record:
    """A case with findings that are like the one of creator-keeps-access but for what is given."""
    return make.EXCL | {"name": name, "case": name.partition("[")[0], "verdict": "deviates",
                        "findings": [make.GIVE_AWAY_FINDING | finding for finding in findings]}


def test_one_clause_is_one_cause() -> None:
    made = of(deviates("perm/a[1]", {"call": "msgsnd(q)"}), deviates("perm/a[2]", {"call": "shmat(m)"}),
              deviates("perm/b", {"call": "semop(s)"}, {"call": "semop(s)", "step": 9}),
              deviates("perm/c", {"rule": "OTHER-1"}))
    assert [(cause.rule, cause.instances, cause.cases) for cause in made.full] == [
        ("XSH-2.7-perm-9", 3, 2), ("OTHER-1", 1, 1)]
    assert made.full[0].symptoms == [
        Symptom("semop", "outcome", "EACCES", "0", 2), Symptom("msgsnd", "outcome", "EACCES", "0", 1),
        Symptom("shmat", "outcome", "EACCES", "0", 1)]


def test_without_a_clause_what_looks_the_same_is_one_cause() -> None:
    made = of(deviates("perm/a", {"rule": None}, {"rule": None, "observed": "EPERM"}),
              deviates("perm/b", {"rule": None}))
    assert [(cause.key.answer, cause.instances) for cause in made.full] == [("EACCES", 2), ("EPERM", 1)]


def test_an_errno_that_explains_more_than_a_clause_is_the_cause() -> None:
    made = of(deviates("perm/a", {"rule": "A-1"}), deviates("perm/b", {"rule": "A-1"}),
              deviates("perm/c", {"rule": "B-1", "expected": "EINVAL"}), deviates("perm/d", {"rule": None}),
              deviates("perm/e", {"rule": "A-1", "call": "semop(s)"}))
    assert [(cause.key.operation, cause.key.answer, cause.rule, cause.instances) for cause in made.full] == [
        ("msgctl_IPC_STAT", "EACCES", None, 4), ("", "", "A-1", 1)]
    assert made.full[0].rules == ["A-1", "B-1"]


def test_what_is_explained_already_does_not_count_again() -> None:
    answers = [("A-1", "EACCES")] * 8 + [(None, "EACCES")] * 4 + [("A-1", "EPERM")] + [(None, "EPERM")] * 4
    made = of(*(deviates(f"perm/{n}", {"rule": rule, "observed": answer})
                for n, (rule, answer) in enumerate(answers)),
              deviates("perm/last", {"rule": "A-1", "call": "semop(s)"}))
    assert [(cause.key.answer, cause.rule, cause.instances) for cause in made.full] == [
        ("EACCES", None, 12), ("EPERM", None, 5), ("", "A-1", 1)]


def test_a_success_explains_only_what_it_came_instead_of() -> None:
    made = of(*(deviates(f"perm/{n}", {"rule": rule, "observed": "0", "expected": error})
                for n, (rule, error) in enumerate([("A-1", "EACCES"), (None, "EACCES"), ("B-1", "EPERM")])))
    assert [(cause.key.answer, cause.rule, cause.instances) for cause in made.full] == [
        ("0 instead of EACCES", None, 2), ("", "B-1", 1)]


def test_of_two_that_explain_the_same_the_clause_is_the_cause() -> None:
    assert [cause.rule for cause in of(deviates("perm/a", {}), deviates("perm/b", {})).full] == [
        "XSH-2.7-perm-9"]


def test_what_is_known_goes_by_its_reason() -> None:
    made = of(deviates("perm/a", {"reason": "fixed", "rule": "A-1"}),
              deviates("perm/b", {"reason": "fixed", "rule": "B-1"}),
              deviates("perm/c", {"reason": "wanted"}))
    assert [(cause.key.reason, cause.instances) for cause in made.full] == [("fixed", 2), ("wanted", 1)]


def test_answers_of_many_words_are_one_symptom() -> None:
    made = of(deviates("perm/a", {"observed": "mode=0640"}), deviates("perm/b", {"observed": "mode=0600"}))
    assert [cause.symptoms for cause in made.full] == [
        [Symptom("msgctl_IPC_STAT", "outcome", "", "0", 2)]]


def test_the_smallest_case_stands_for_the_cause() -> None:
    steps = make.GIVE_AWAY_STEPS
    made = of(deviates("perm/long", {}), deviates("perm/short", {"step": 2, "steps": steps[:2]}),
              deviates("perm/wordy", {"step": 2, "steps": [steps[0], steps[2]]}))
    assert made.full[0].example.difference.first == "perm/short"
    assert [place.difference.first for place in made.full[0].others] == ["perm/long", "perm/wordy"]


def test_a_verdict_without_a_finding_is_told_by_its_reason() -> None:
    record = make.ZERO | {"verdict": "unstable", "reason": "1 of 3 runs: deviates"}
    made = of(record, record | {"name": "again"}, record | {"name": "other", "reason": None})
    assert made.total == 0
    assert [(unsaid.reason, unsaid.instances) for unsaid in made.unsaid] == [
        ("1 of 3 runs: deviates", 2), ("No finding was recorded.", 1)]


def test_what_was_seen_is_told_where_it_is_one_thing() -> None:
    words = {"rule": None, "observed": "B still sleeps", "expected": "B wakes with EAGAIN"}
    made = of(deviates("perm/a", words), deviates("perm/b", words))
    assert [cause.seen for cause in made.full] == [("B still sleeps", "B wakes with EAGAIN")]
    made = of(deviates("perm/a", words), deviates("perm/b", words | {"observed": "C still sleeps"}))
    assert [(cause.instances, cause.seen) for cause in made.full] == [(2, None)]
    made = of(deviates("perm/a", words | {"observed": "very " * 12 + "long"}))
    assert [cause.seen for cause in made.full] == [None]
