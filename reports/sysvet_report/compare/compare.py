"""What differs between columns, and who agrees with whom.

Columns agree on an instance when the subject did the same in both: the same outcomes, and where it was found
to differ, the same observations in the same steps. What the run made of it, its verdict, can differ all the
same, as another profile or baseline makes other verdicts.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

from ..groups import grouped
from ..words import count
from .answers import Answer
from .columns import Column, Inputs, facts
from .foreign import Result, Suite

LETTERS = ascii_uppercase + ascii_lowercase     # one for each column that there can be


@dataclass(frozen=True)
class Kind:
    """In what an instance can differ, from the gravest on."""

    word: str
    title: str
    meaning: str


BEHAVIOUR = Kind("behaviour", "The subjects behave differently",
                 "What they did is not the same, whatever the runs made of it.")
VERDICT = Kind("verdict", "Same behaviour, another verdict",
               "They did the same; the runs judged it by another profile or baseline.")
PRESENCE = Kind("presence", "Not everywhere",
                "Those that ran it did the same; others could not, or have no record of it.")
KINDS = (BEHAVIOUR, VERDICT, PRESENCE)


@dataclass(frozen=True)
class Cell:
    """One instance in one column. label is the same where the behaviour is; empty where it did not run."""

    word: str
    tone: str
    label: str


@dataclass(frozen=True)
class Way:
    """What columns of one label did: says is a line for each step that tells."""

    label: str
    columns: tuple[str, ...]
    words: tuple[str, ...]
    says: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """Instances of one case that differ between the columns in the same way; ways are those of the first."""

    case: str
    claim: str
    place: str
    kind: Kind
    names: tuple[str, ...]
    cells: tuple[Cell, ...]
    ways: tuple[Way, ...]


Found = tuple[list[Answer | None], tuple[Cell, ...], Kind]     # an instance that differs


def cell(answer: Answer | None, column: Column, labels: dict[object, str]) -> Cell:
    """An instance in a column; labels knows the behaviours that came before."""
    if answer is None:
        return Cell("not reached" if column.problem else "absent", "quiet", "")
    verdict = answer.verdict
    label = labels.setdefault(answer.behaviour, LETTERS[len(labels)]) if verdict.ran else ""
    return Cell(verdict.word, verdict.tone, label)


def kind_of(cells: Iterable[Cell]) -> Kind | None:
    """In what the cells differ; None when they do not."""
    cells = list(cells)
    if len({one.label for one in cells if one.label}) > 1:
        return BEHAVIOUR
    if len({one.word for one in cells if one.label}) > 1:
        return VERDICT
    return PRESENCE if len({one.word for one in cells}) > 1 else None


def saying(answer: Answer | None, common: frozenset[str]) -> tuple[str, ...]:
    """What tells an instance from others; common are the outcomes that all have that ran it."""
    if answer is None:
        return ()
    if not answer.verdict.ran:
        return (answer.reason,) if answer.reason else ()
    here = sorted(answer.outcomes - common)
    return (*answer.told, *answer.other, *answer.why) or ((f"only here: {', '.join(here)}",) if here else ())


def ways(cells: tuple[Cell, ...], answers: list[Answer | None], columns: list[Column]) -> tuple[Way, ...]:
    """What each label, and each word of those that did not run, stands for."""
    ran = [answer.outcomes for answer in answers if answer and answer.verdict.ran]
    common = frozenset.intersection(*ran) if ran else frozenset()
    return tuple(
        Way(cells[members[0]].label, tuple(columns[n].name for n in members),
            tuple(dict.fromkeys(cells[n].word for n in members)),
            tuple(dict.fromkeys(said for n in members for said in saying(answers[n], common))))
        for _, members in grouped(range(len(cells)), lambda n: cells[n].label or cells[n].word))


@dataclass(frozen=True)
class Pair:
    """Two columns: instances that both ran, and in how many of them their behaviour differs."""

    both: int
    differ: int


@dataclass(frozen=True)
class Split:
    """A way in which columns fall apart, and how often: groups of names that agree with one another."""

    groups: tuple[tuple[str, ...], ...]
    cases: int
    instances: int


@dataclass(frozen=True)
class ForeignRow:
    """A test of other suites that is not the same everywhere, or passed nowhere."""

    name: str
    results: tuple[Result | None, ...]


@dataclass(frozen=True)
class Comparison:
    """Everything that is said of the columns."""

    columns: list[Column]
    suites: list[Suite]
    facts: dict[str, list[str]]
    rows: list[Row]
    pairs: list[list[Pair | None]]
    clusters: list[list[str]]
    splits: list[Split]
    foreign: list[ForeignRow]
    total: int
    missing: dict[str, str]

    @property
    def problems(self) -> list[tuple[str, str]]:
        """Names of columns that are not whole, or not there, and why."""
        return [(f"{column.name} is not complete", column.problem) for column in self.columns
                if column.problem] + [(f"{name} is missing", why) for name, why in self.missing.items()]

    @property
    def same(self) -> bool:
        """Nothing differs, and nothing is missing. What other suites say does not count."""
        return not self.rows and not self.problems

    @property
    def deviates(self) -> bool:
        """In some row a column does what neither its profile allows nor its baseline knows, or no verdict is
        to be had."""
        return any(one.tone in ("bad", "warn") for row in self.rows for one in row.cells)

    def of(self, kind: Kind) -> list[Row]:
        """The rows of one kind."""
        return [row for row in self.rows if row.kind is kind]

    @property
    def varying(self) -> dict[str, list[str]]:
        """The facts in which columns differ."""
        return {name: values for name, values in self.facts.items() if len(set(values)) > 1}

    @property
    def shared(self) -> dict[str, str]:
        """The facts that are the same in all."""
        return {name: values[0] for name, values in self.facts.items() if len(set(values)) == 1 and values[0]}

    @property
    def agreement(self) -> list[tuple[list[str], str]]:
        """Names of columns, and what is to be said of them: who agrees with whom."""
        if len(self.columns) < 2:
            return []
        if len(self.clusters) == len(self.columns):
            return [([column.name for column in self.columns], "do not agree, no two of them")]
        alone = [members[0] for members in self.clusters if len(members) == 1]
        told = [(members, "agree in all that they ran") for members in self.clusters if len(members) > 1]
        if alone:
            told.append((alone, f"agree{'s' if len(alone) == 1 else ''} fully with no other"))
        return told

    @property
    def headline(self) -> str:
        """All in one sentence."""
        if len(self.columns) == 1:
            return f"{self.columns[0].name}, beside other suites"
        cases = {row.case for row in self.of(BEHAVIOUR)}
        if cases:
            verb = "differs" if len(cases) == 1 else "differ"
            return (f"{count(len(cases), 'case')} {verb} between the {count(len(self.columns), 'column')}"
                    f"{'' if self.deviates else ', and none deviates'}")
        if not self.same:
            return f"The {count(len(self.columns), 'column')} behave the same in all that they ran"
        return f"The {count(len(self.columns), 'column')} agree in all of {count(self.total, 'instance')}"


def compare(inputs: Inputs, missing: dict[str, str] | None = None) -> Comparison:
    """Columns side by side; missing are those that should be there, and why they are not."""
    columns = inputs.columns
    names = list(dict.fromkeys(name for column in columns for name in column.answers))
    found: list[Found] = []
    for name in names:
        answers = [column.answers.get(name) for column in columns]
        labels: dict[object, str] = {}
        cells = tuple(cell(answer, column, labels) for answer, column in zip(answers, columns))
        kind = kind_of(cells)
        if kind:
            found.append((answers, cells, kind))
    rows = rows_of(found, columns)
    pairs = pairs_of(columns, rows)
    return Comparison(columns, inputs.suites, facts([column.made for column in columns]), rows, pairs,
                      clusters_of(columns, pairs), splits_of(columns, rows), foreign_of(inputs.suites),
                      len(names), missing or {})


def first_of(answers: list[Answer | None]) -> Answer:
    """The first that there is."""
    return next(answer for answer in answers if answer)


def rows_of(found: list[Found], columns: list[Column]) -> list[Row]:
    """Instances of a case that differ in the same way are one row."""
    rows = []
    for (_, cells, kind), members in grouped(found, lambda one: (first_of(one[0]).case, one[1], one[2])):
        answers = members[0][0]
        first = first_of(answers)
        rows.append(Row(first.case, first.claim, first.place, kind,
                        tuple(first_of(member[0]).name for member in members), cells,
                        ways(cells, answers, columns)))
    return sorted(rows, key=lambda row: KINDS.index(row.kind))


def pairs_of(columns: list[Column], rows: list[Row]) -> list[list[Pair | None]]:
    """For each two columns, how often they differ; None for a column and itself."""
    differ: Counter[tuple[int, int]] = Counter()
    for row in rows:
        for a, one in enumerate(row.cells):
            for b, other in enumerate(row.cells):
                if one.label and other.label and one.label != other.label:
                    differ[a, b] += len(row.names)
    return [[None if a is b else Pair(len(a.ran & b.ran), differ[n, m]) for m, b in enumerate(columns)]
            for n, a in enumerate(columns)]


def clusters_of(columns: list[Column], pairs: list[list[Pair | None]]) -> list[list[str]]:
    """Columns that agree with one another in all that both ran; each goes to the first that it fits."""
    clusters: list[list[int]] = []

    def agree(a: int, b: int) -> bool:
        pair = pairs[a][b]
        return pair is not None and pair.both > 0 and not pair.differ

    for n in range(len(columns)):
        home = next((members for members in clusters if all(agree(n, m) for m in members)), None)
        if home is None:
            clusters.append([n])
        else:
            home.append(n)
    return [[columns[n].name for n in members] for members in clusters]


def splits_of(columns: list[Column], rows: list[Row]) -> list[Split]:
    """How columns fall apart, the most frequent first."""
    made = []
    for labels, members in grouped((row for row in rows if row.kind is BEHAVIOUR),
                                   lambda row: tuple(one.label for one in row.cells)):
        groups = grouped((n for n, label in enumerate(labels) if label), lambda n: labels[n])
        made.append(Split(tuple(tuple(columns[n].name for n in group) for _, group in groups),
                          len({row.case for row in members}), sum(len(row.names) for row in members)))
    return sorted(made, key=lambda split: -split.instances)


def foreign_of(suites: list[Suite]) -> list[ForeignRow]:
    """What is worth showing of other suites: what failed somewhere, or differs between two of them."""
    names = dict.fromkeys(name for suite in suites for name in suite.results)
    rows = [ForeignRow(name, tuple(suite.results.get(name) for suite in suites)) for name in names]

    def told(row: ForeignRow) -> bool:
        words = {result.status for result in row.results if result}
        return bool(words & {"fail", "error"}) or len(words) > 1
    return [row for row in rows if told(row)]
