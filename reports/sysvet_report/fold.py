"""A run read for a report in little memory: of instances that came out alike few are kept, all are counted.

What differs between two instances that are alike is their name and what their findings quote: nothing that a
report adds up. Most lines of a large file are equal to one before but for the name, and are not even parsed.
"""

import re
import sys
from array import array
from collections import Counter
from dataclasses import dataclass, field

from .console import Console
from .load import (LoadError, Source, Tally, Torn, kind_of, read_begin, read_calls, read_case, read_end,
                   read_run, value_of)
from .records import Begin, Calls, Case, End, Finding, Run

KEPT = 40       # instances that are alike and have something to tell: so many are kept, and named
MOST = 4000     # of these in all; from then on one of each sort
# A case record up to what instances share. Names with other characters take the long way, which checks them.
HEAD = re.compile(rb'\{"record":"case","name":"([ !#-\[\]-~]+)","case":"([ !#-\[\]-~]+)",'
                  rb'"instance":(?:null|"[ !#-\[\]-~]*"),')


def sort_of_finding(finding: Finding) -> object:
    """What findings have in common when one fault makes them."""
    return (finding.verdict.word, finding.aspect, finding.step, finding.call.partition("(")[0],
            finding.observed, finding.expected, finding.rule, finding.reason, finding.reference)


def sort_of(case: Case) -> object:
    """All that a report adds up."""
    return (case.case, case.verdict.word, case.reason, case.reference, case.how, case.steps, case.left,
            case.cites, case.outcomes, case.rules, tuple(map(sort_of_finding, case.findings)))


def plain(case: Case) -> bool:
    """Nothing is to be told of it but that it is there."""
    return case.verdict.word == "conforms" and not case.findings


@dataclass
class Fold:
    """The case records read so far. A sort is known by its first instance, and by what its lines are like.
    Of each sort so many are kept."""

    plain: int = 1
    telling: int = KEPT
    cases: list[Case] = field(default_factory=list)
    first: dict[object, str] = field(default_factory=dict)
    kept: Counter[str] = field(default_factory=Counter)
    more: Counter[str] = field(default_factory=Counter)
    lines: dict[tuple[bytes, bytes], str] = field(default_factory=dict)
    told: int = 0

    def add(self, case: Case) -> str | None:
        """Keeps the instance, or counts it and returns the name of that which stands for it."""
        sort = sort_of(case)
        name = self.first.setdefault(sort, case.name)
        most = self.plain if plain(case) else self.telling if self.told < MOST else 1
        if self.kept[name] >= most:
            self.more[name] += 1
            return name
        self.kept[name] += 1
        self.told += not plain(case)
        self.cases.append(case)
        return name if plain(case) and self.plain == 1 else None

    def tally(self) -> Tally:
        """What they add up to, names aside."""
        sums = Tally()
        for case in self.cases:
            times = 1 + self.more[case.name]
            sums.instances += times
            sums.cases.add(case.case)
            sums.verdicts[case.verdict.word] += times
            if case.verdict.ran:
                sums.outcomes.update(case.outcomes)
        return sums


@dataclass
class Reading:
    """A file that is being read."""

    path: str
    console: Console | None = None
    begin: Begin | None = None
    fold: Fold = field(default_factory=Fold)
    names: "array[int]" = field(default_factory=lambda: array("q"))
    calls: list[Calls] = field(default_factory=list)
    end: End | None = None

    def line(self, number: int, raw: bytes) -> None:
        """Takes a line, the short way if there was one like it before."""
        head = HEAD.match(raw)
        like = (head[2], raw[head.end():]) if head else None
        stands = self.fold.lines.get(like) if like and self.begin and not self.end else None
        if head and stands:
            self.names.append(hash(head[1]))
            self.fold.more[stands] += 1
            return
        stands = self.long_way(number, raw)
        if like and stands and b'"findings":[]' in like[1]:     # others quote their name
            self.fold.lines[like] = stands

    def long_way(self, number: int, raw: bytes) -> str | None:
        """Parses and checks a line; the name of the instance that stands for it, if any can."""
        if self.end:
            raise LoadError(self.path, number, 1, "found a line after the end record, expected nothing")
        line, value = value_of(raw, self.path, number, self.begin is not None)
        kind = kind_of(line, value, ("case", "operation", "end") if self.begin else ("begin",))
        if kind == "begin":
            self.begin = read_begin(line, value)
        elif kind == "operation":
            self.calls.append(line.read(read_calls, value))
        elif kind == "end" and self.console and self.console.lost:
            pass        # it could not be checked
        elif kind == "end":
            self.end = self.fold.tally().check(line, line.read(read_end, value))
        else:
            case: Case = line.read(read_case, value)
            self.names.append(hash(case.name.encode(errors="surrogatepass")))
            return self.fold.add(case)
        return None

    def check_names(self) -> None:
        """Every name must be new. Should two look alike, the slow reader tells them, or clears them."""
        if len(set(self.names)) == len(self.names):
            return
        if self.path == "standard input":
            raise LoadError(self.path, len(self.names), 1, "found a name again, expected names that are new")
        for _ in read_run(self.path):
            pass


def load_folded(path: str) -> Run:
    """The run with like instances folded: Run.times says for how many each stands. Errors as in load_run."""
    source = Source(path, "begin")
    reading = Reading("standard input" if path == "-" else path, source.console)
    if source.console:      # of a guest that died it is to be told which instances have no record
        reading.fold.plain = reading.fold.telling = sys.maxsize
    torn = False
    try:
        for number, raw in source.lines:
            reading.line(number, raw)
    except Torn:
        torn = True
    if not reading.begin:
        raise LoadError(reading.path, 1, 1, "found nothing, expected a begin record")
    reading.check_names()
    fold = reading.fold
    return Run(reading.begin, tuple(fold.cases), reading.end, torn, tuple(reading.calls),
               source.console, dict(fold.more))
