"""Verdict words: the one table of what each means, how a run ends with it and how it looks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """One word of the table.

    exit      status of a run in which it occurs, as text because one of them depends on an option
    tone      colour: good, note, warn, bad or quiet; report.css gives each a light and a dark value
    severity  of several verdicts the highest speaks for all
    ran       the subject was exercised; a verdict with ran false is never evidence for anything
    agrees    the subject did what the profile predicts
    title     heading of the section that lists its cases
    status    what it is for a CI, a word of formats/status.py
    strict    the same where a run is --strict
    """

    word: str
    meaning: str
    exit: str
    tone: str
    severity: int
    ran: bool
    agrees: bool
    title: str
    status: str
    strict: str


VERDICTS: dict[str, Verdict] = {row.word: row for row in (
    Verdict("conforms", "The subject did what the profile predicts.", "0",
            "good", 0, True, True, "Conforming, with remarks", "pass", "pass"),
    Verdict("permitted", "It differs from the linux profile, and posix allows it.", "0, 1 with --strict",
            "note", 3, True, False, "Permitted differences", "permitted", "fail"),
    Verdict("known", "A difference that the baseline lists, with its reason.", "0",
            "note", 4, True, False, "Known differences", "known", "known"),
    Verdict("stale", "The baseline lists it, and it was no longer seen.", "1 with --strict",
            "warn", 5, True, True, "Stale entries of the baseline", "pass", "fail"),
    Verdict("deviates", "Neither the linux nor the posix profile allows it.", "1",
            "bad", 10, True, False, "Deviations", "fail", "fail"),
    Verdict("conflict", "The claim of the case and the model disagree, so one of the two is wrong.", "1",
            "bad", 9, True, False, "Conflicts", "fail", "fail"),
    Verdict("unstable", "Repeated runs disagree.", "1",
            "warn", 8, True, False, "Unstable", "fail", "fail"),
    Verdict("unresolved", "The system was short of something, or the search budget spent.", "99",
            "warn", 6, False, False, "Unresolved", "error", "error"),
    Verdict("broken", "The harness or an actor failed, so there is no answer.", "99",
            "warn", 7, False, False, "Broken", "error", "error"),
    Verdict("unsupported", "The system lacks the call.", "0, or 77 if nothing ran",
            "quiet", 2, False, False, "Unsupported", "skip", "skip"),
    Verdict("skipped", "A need of the case is not met.", "0, or 77 if nothing ran",
            "quiet", 1, False, False, "Skipped", "skip", "skip"),
)}

BY_SEVERITY = sorted(VERDICTS.values(), key=lambda verdict: -verdict.severity)
