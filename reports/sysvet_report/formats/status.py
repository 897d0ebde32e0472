"""Status words: the one table of how each format says what became of an instance.

verdicts.py gives each verdict a status, one for a run that is strict and one for any other.
"""

from dataclasses import dataclass

from ..records import Case


@dataclass(frozen=True)
class Status:
    """One row: what each format writes.

    good   nobody needs to act, and a CI stays green
    tap    "ok" or "not ok", and the directive behind it
    ktap   the same for KTAP, whose readers take "not ok" for a failure whatever follows it
    junit  the element within the test case; empty for a test that passed
    ctrf   the status of the test
    github the level of the annotation; empty for none
    ltp    the word of the line
    bit    what it adds to the exit status of an LTP test; that of a skip counts only if nothing passed
    """

    word: str
    meaning: str
    good: bool
    tap: tuple[str, str]
    ktap: tuple[str, str]
    junit: str
    ctrf: str
    github: str
    ltp: str
    bit: int


STATUSES: dict[str, Status] = {row.word: row for row in (
    Status("pass", "As predicted.", True,
           ("ok", ""), ("ok", ""), "", "passed", "", "TPASS", 0),
    Status("permitted", "It differs, and POSIX allows it.", True,
           ("ok", ""), ("ok", ""), "", "passed", "notice", "TPASS", 0),
    Status("known", "It differs as the baseline says.", True,
           ("not ok", "TODO"), ("ok", "XFAIL"), "skipped", "other", "notice", "TCONF", 32),
    Status("fail", "It differs.", False,
           ("not ok", ""), ("not ok", ""), "failure", "failed", "error", "TFAIL", 1),
    Status("error", "There is no answer.", False,
           ("not ok", ""), ("not ok", "ERROR"), "error", "failed", "error", "TBROK", 2),
    Status("skip", "It could not be run here.", True,
           ("ok", "SKIP"), ("ok", "SKIP"), "skipped", "skipped", "", "TCONF", 32),
)}


def status_of(case: Case, strict: bool) -> Status:
    """The status of an instance."""
    return STATUSES[case.verdict.strict if strict else case.verdict.status]
