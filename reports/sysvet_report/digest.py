"""What is to be concluded from a run, and all that a report says about it.

Both forms of the report print a digest. Nothing in it depends on anything but the three files.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from .clauses import Clauses, judge_clauses
from .groups import Family, Group, Section, families, group, sections
from .outcomes import Outcomes, judge_outcomes
from .records import Begin, Describe, Requirement, Run
from .verdicts import BY_SEVERITY, VERDICTS
from .words import count, listing, number, printable


@dataclass(frozen=True)
class Conclusion:
    """What the run says as a whole; told are the verdict words that detail speaks about.

    The tone is good or note only for a complete run that found nothing wrong.
    """

    headline: str
    detail: str
    tone: str
    told: tuple[str, ...] = ()


def subject_of(begin: Begin) -> str:
    """What was tested, in few words."""
    if begin.subject != "kernel":
        return begin.subject
    kernel = f"{begin.system.sysname} {begin.system.release}"
    return f"{begin.target} as {kernel}" if begin.target else kernel


def affected(counts: Counter[str], words: Iterable[str]) -> str:
    """Such as "2 broken and 1 unresolved"; empty when none of the words occurs."""
    return listing([f"{number(counts[word])} {word}" for word in words if counts[word]])


def cut_short(run: Run) -> tuple[str, str] | None:
    """What to say of a run that did not reach its end: a lost record could be a lost deviation."""
    done = f"{number(run.instances)} of {count(run.begin.instances, 'instance')}"
    if run.begin.refused:
        return "it cannot be judged", f"{printable(run.begin.refused)}."
    if run.console and run.console.lost:
        return "records were lost", f"{done} have a record that is whole."
    if run.end is None:
        return "the run was interrupted", (
            f"The records stop after {done} and have no end record, so the runner or the system died.")
    if run.end.interrupted:
        return "the run was interrupted", f"{run.end.interrupted} ended it after {done}."
    if run.instances < run.begin.instances and not run.end.verdicts["deviates"]:
        return "the run is not complete", f"It ended after {done}."
    return None


# Verdicts that leave no verdict on the subject, and how that is said.
TROUBLES = (
    (("broken", "unresolved"), "the run is broken"),
    (("conflict",), "claims and model disagree"),
    (("unstable",), "answers change from run to run"),
)


def conclude(run: Run, groups: list[Group], counts: Counter[str]) -> Conclusion:
    """The verdict on the subject; counts are instances by verdict word."""
    subject, profile = subject_of(run.begin), run.begin.profile
    total = count(run.instances, "instance")
    no_verdict = f"No verdict on {subject}: "
    short = cut_short(run)
    if short:
        return Conclusion(no_verdict + short[0], short[1], "warn")
    if counts["deviates"]:
        verb = "deviates" if counts["deviates"] == 1 else "deviate"
        cases = sum(1 for group in groups if group.counts["deviates"])
        return Conclusion(f"{subject} does not conform to profile {profile}",
                          f"{number(counts['deviates'])} of {total} {verb}, in {number(cases)} of "
                          f"{count(len(groups), 'case')}.", "bad", ("deviates",))
    for words, trouble in TROUBLES:
        if affected(counts, words):
            return Conclusion(no_verdict + trouble, f"{affected(counts, words)} of {total}.", "warn", words)
    if not any(case.verdict.ran for case in run.cases):
        return Conclusion(no_verdict + "nothing ran", f"None of {total} could be run here.", "warn")
    strict = run.end and run.end.exit == 1 and (run.end.verdicts["stale"] or counts["permitted"])
    if run.end and run.end.exit and not strict:
        return Conclusion(no_verdict + "the runner failed", f"It ended with status {run.end.exit}.", "warn")
    conclusion = conforming(f"{subject} conforms to profile {profile}", counts)
    return replace(conclusion, tone="warn") if run.end and run.end.exit else conclusion


def conforming(headline: str, counts: Counter[str]) -> Conclusion:
    """The conclusion when nothing is wrong; differences that are allowed are part of the sentence."""
    ran = number(sum(n for word, n in counts.items() if VERDICTS[word].ran))
    ran += f" of {count(counts.total(), 'instance')}"
    allowed = affected(counts, ("permitted", "known"))
    if not allowed:
        return Conclusion(headline, f"{ran} ran, and all did what it predicts.", "good")
    noun = "difference" if counts["permitted"] + counts["known"] == 1 else "differences"
    return Conclusion(f"{headline}, but for {allowed} {noun}",
                      f"{ran} ran, and all others did what it predicts.", "note")


def remarks(run: Run, conclusion: Conclusion, counts: Counter[str]) -> list[str]:
    """What else a reader must know before believing the conclusion."""
    told = (*conclusion.told, "stale")
    others = affected(counts, (verdict.word for verdict in BY_SEVERITY
                               if verdict.tone in ("bad", "warn") and verdict.word not in told))
    stale = [row.text for row in (run.end.stale if run.end else ())]
    idle = affected(counts, (word for word, verdict in VERDICTS.items() if verdict.tone == "quiet"))
    leaks = run.end.leaks if run.end else 0
    stopped = [case for case in run.cases if case.left]
    left = sum(run.times(case) * case.left for case in stopped)
    deaths = run.end and run.end.deaths or 0
    names, status = {case.name for case in run.cases}, run.end.exit if run.end else 0
    console = run.console.told(names, status) if run.console else []
    return console + [text for text in (
        others and f"Also: {others}." if conclusion.told else others and f"Up to there: {others}.",
        idle and f"Not run, and counted as nothing: {idle}.",
        stale and f"Stale in the baseline, {number(len(stale))}: {'; '.join(stale)}.",
        leaks and f"Left behind in the namespace of the run: {count(leaks, 'object')}.",
        left and f"Not run after what was found: {count(left, 'step')} of "
                 f"{count(sum(map(run.times, stopped)), 'instance')}.",
        deaths and "Jobs of the runner, or starts of the target, that died and were begun again: "
        f"{number(deaths)}.",
        run.begin.unprotected and f"Unprotected: {'; '.join(run.begin.unprotected)}.",
        run.torn and "The last line of the records was cut off in the middle.",
    ) if text]


@dataclass(frozen=True)
class Digest:
    """A run and what follows from it."""

    run: Run
    groups: list[Group]
    families: list[Family]
    sections: list[Section]
    counts: Counter[str]
    clauses: Clauses
    outcomes: Outcomes
    conclusion: Conclusion
    remarks: list[str]
    describe: Describe | None

    @property
    def ran(self) -> int:
        """Instances that were run to an answer."""
        return sum(n for word, n in self.counts.items() if VERDICTS[word].ran)

    @property
    def cases_ran(self) -> int:
        """Cases with at least one such instance."""
        return sum(1 for group in self.groups if any(verdict.ran for verdict in group.verdicts))

    @property
    def evidence(self) -> str:
        """On how much the conclusion rests, as a sentence."""
        begin, clauses = self.run.begin, number(self.clauses.exercised)
        if self.clauses.complete:
            clauses += f" of {number(len(self.clauses.by_id))}"
        return (f"{number(self.cases_ran)} of {count(begin.cases, 'case')} and {number(self.ran)} of "
                f"{count(begin.instances, 'instance')} ran, {count(self.steps, 'step')} in all; "
                f"{clauses} clauses were exercised.")

    @property
    def steps(self) -> int:
        """Steps carried out, by the footer or, when it is missing, by the records."""
        return self.run.end.steps if self.run.end else sum(
            case.steps * self.run.times(case) for case in self.run.cases)


def digest(run: Run, requirements: tuple[Requirement, ...] | None = None,
           describe: Describe | None = None) -> Digest:
    """Everything that the report says. Without the two other files it says what the records alone can."""
    groups = group(run.cases, run.more)
    counts: Counter[str] = sum((one.counts for one in groups), Counter())
    conclusion = conclude(run, groups, counts)
    return Digest(run, groups, families(groups), sections(run.cases, run.more), counts,
                  judge_clauses(run, requirements), judge_outcomes(run, describe),
                  conclusion, remarks(run, conclusion, counts), describe)
