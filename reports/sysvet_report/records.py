"""The run as values: what one file of records says, and the two files that can stand beside it.

The classes are the format. load.py reads exactly what they declare: a field that has no default and is
missing, or is of another type, is an error; a field that is not declared is ignored. A default is what files
mean that were written before there was the field. README.md says what each means.
"""

from dataclasses import dataclass, field
from typing import Literal

from .console import Console
from .verdicts import Verdict

Format = Literal[1]     # the versions that are read here
MODES = 512             # of an object in the permission space


@dataclass(frozen=True, slots=True)
class System:
    """What uname says of the system under test."""

    sysname: str
    release: str
    version: str
    machine: str


@dataclass(frozen=True, slots=True)
class Header:
    """What the first record says of faults, and those of other files too."""

    format: Format
    sysvet: str
    subject: str
    profile: str
    system: System
    abi: str = ""
    libc: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Begin:
    """First record: what was to be run, and on what. cases and instances are those selected."""

    format: Format
    sysvet: str
    subject: str
    profile: str
    abi: str
    system: System
    libc: str
    lsm: str
    cpus: int
    root: bool
    caps: tuple[str, ...]
    limits: dict[str, int]
    date: str
    cases: int
    instances: int
    target: str = ""
    refused: str | None = None
    unprotected: tuple[str, ...] = ()
    facts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation came to: result is 0 for any success, an errno, a signal or "blocks";
    of a call that slept also each of these after "wakes"."""

    operation: str
    result: str

    @classmethod
    def parse(cls, text: str) -> "Outcome":
        """From "msgsnd EACCES". ValueError when one of the two words is missing."""
        operation, blank, result = text.partition(" ")
        if not (operation and blank and result):
            raise ValueError(text)
        return cls(operation, result)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to be said about one step of an instance. sign is what a baseline knows it by; reason and
    reference are those of the row that does."""

    verdict: Verdict
    aspect: str
    step: int
    line: int
    actor: str
    call: str
    observed: str
    expected: str
    linux: str
    posix: str
    because: tuple[str, ...]
    rule: str | None
    replay: str
    steps: tuple[str, ...]
    sign: str = ""
    reason: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One instance of a case, with its verdict. script: the text of its steps, in one instance of a case."""

    name: str
    case: str
    instance: str | None
    family: str
    file: str
    line: int
    claim: str
    cites: tuple[str, ...]
    verdict: Verdict
    reason: str | None
    how: Literal["solo", "processes", "timed", "model"] | None
    steps: int
    outcomes: tuple[Outcome, ...]
    rules: tuple[str, ...]
    findings: tuple[Finding, ...]
    reference: str | None = None
    script: tuple[str, ...] = ()
    left: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """Values of an argument that should behave alike, and the results of calls that had one of them. untried
    says why no case has such a call."""

    name: str
    outcomes: tuple[str, ...]
    untried: str | None = None

    @property
    def hole(self) -> bool:
        """Nobody tried it, and nobody knows why."""
        return not self.outcomes and self.untried is None


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of an operation, by the parts of its kind."""

    name: str
    kind: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Calls:
    """What calls of one operation came to, by parts of their arguments."""

    operation: str
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """A row of a baseline: patterns, on which systems, and how many differences it explained."""

    name: str
    observed: str
    where: str
    reason: str
    reference: str
    seen: str
    file: str
    line: int
    times: int

    @property
    def text(self) -> str:
        """The row in few words."""
        return f"{self.name} ({self.observed}), {self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class End:
    """Last record. known are the rows of baselines that explained something, stale those that should have.
    exit is the status that the runner ended with; outcomes and deaths are None where nobody counted
    them."""

    verdicts: dict[str, int]
    cases: int
    instances: int
    steps: int
    leaks: int
    interrupted: str | None
    exit: int
    outcomes: int | None = None
    deaths: int | None = None
    known: tuple[BaselineRow, ...] = ()
    stale: tuple[BaselineRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """A file of records. end is None when the run was cut off; torn says that its last line was, too.
    calls is empty when the records do not say; console is None when they did not come by one. more counts, by
    the name of an instance, those that came out just like it and are not in cases themselves; see fold.py."""

    begin: Begin
    cases: tuple[Case, ...]
    end: End | None
    torn: bool
    calls: tuple[Calls, ...] = ()
    console: Console | None = None
    more: dict[str, int] = field(default_factory=dict)

    def times(self, case: Case) -> int:
        """How many instances a case of this run stands for."""
        return 1 + self.more.get(case.name, 0)

    @property
    def instances(self) -> int:
        """How many have a record."""
        return len(self.cases) + sum(self.more.values())


@dataclass(frozen=True, slots=True)
class Requirement:
    """A row of requirements.tsv. unwitnessed says why no case can show it; empty when one can."""

    id: str
    interface: str
    strength: str
    source: str
    paraphrase: str
    unwitnessed: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A reason for which an operation fails, as the model declares it. posix is shall, may or empty."""

    id: str
    errno: str
    posix: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation and the rules by which it may fail."""

    name: str
    family: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Describe:
    """What the report needs of `sysvet describe --json`."""

    operations: tuple[Operation, ...]


# ---- the permission space: what sysvet matrix writes ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class MatrixBegin:
    """First record. meanings say what the relations of the caller to the object are, in the same order."""

    format: Format
    sysvet: str
    subject: str
    profile: str
    system: System
    cells: int
    relations: tuple[str, ...]
    meanings: tuple[str, ...]
    capsets: tuple[str, ...]
    abi: str = ""
    libc: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class MatrixDifference:
    """What differs in some cells of a rule."""

    what: str
    verdict: Literal["deviates", "permitted"]
    cells: int


@dataclass(frozen=True, slots=True)
class MatrixRule:
    """The smallest rule for wrong cells; text is what was said of the example when it was run alone."""

    verdict: Literal["deviates", "permitted", "unstable"]
    rule: str
    cells: int
    differences: tuple[MatrixDifference, ...]
    example: str
    text: str


@dataclass(frozen=True, slots=True)
class MatrixMap:
    """For one kind of object and one relation, what came of the cells of each of the 512 modes."""

    kind: str
    relation: str
    cells: tuple[int, ...]
    granted: tuple[int, ...]
    deviates: tuple[int, ...]
    permitted: tuple[int, ...]
    apart: tuple[int, ...]
    known: tuple[int, ...] = (0,) * MODES


@dataclass(frozen=True, slots=True)
class MatrixOperation:
    """For one operation and one relation, what came of all cells."""

    kind: str
    operation: str
    relation: str
    cells: int
    granted: int
    deviates: int
    permitted: int
    apart: int
    known: int = 0


@dataclass(frozen=True, slots=True)
class MatrixReason:
    """Why cells were not run."""

    why: str
    cells: int


@dataclass(frozen=True, slots=True)
class MatrixEnd:
    """Last record."""

    cells: int
    verdicts: dict[str, int]
    rules: int
    unexplained: int
    reasons: tuple[MatrixReason, ...]
    interrupted: str | None
    exit: int
    known: tuple[BaselineRow, ...] = ()
    stale: tuple[BaselineRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """A walk through the permission space. end is None when it was cut off."""

    begin: MatrixBegin
    rules: tuple[MatrixRule, ...]
    maps: tuple[MatrixMap, ...]
    operations: tuple[MatrixOperation, ...]
    end: MatrixEnd | None


# ---- claims of documents: what sysvet docs --json prints -------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """What came of the test of a claim for one subject."""

    subject: str
    party: str
    result: Literal["holds", "fails", "not tested"]
    ran: str
    came: str
    unexpected: bool


@dataclass(frozen=True, slots=True)
class DocumentClaim:
    """A sentence of a document in our words, and whether it is true."""

    id: str
    document: str
    place: str
    claim: str
    verdict: Literal["true", "false", "version-dependent", "untested", "uncheckable"]
    unexpected: bool
    against: str | None
    varies: str | None
    uncheckable: str | None
    note: str | None
    contradicts: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A document that claims something."""

    name: str
    seed: str
    title: str


@dataclass(frozen=True, slots=True)
class Docs:
    """All that was claimed, and tested."""

    documents: tuple[Document, ...]
    claims: tuple[DocumentClaim, ...]
    sysvet: str = ""
    exit: int = 0


# ---- faults put in on purpose: what sysvet mutate writes -------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault, and the cases that noticed it. excluded says why it changes nothing, excused why nobody need
    notice it; file and line are where it is in the source."""

    name: str
    noticed: bool
    cases: tuple[str, ...] = ()
    kind: str | None = None
    clause: str | None = None
    what: str | None = None
    excluded: str | None = None
    excused: str | None = None
    file: str | None = None
    line: int | None = None

    @property
    def place(self) -> str:
        """Where in the source it is; empty when it is in none."""
        return f"{self.file}:{self.line}" if self.file and self.line else ""


@dataclass(frozen=True, slots=True)
class FaultEnd:
    """Last record."""

    mutants: int
    noticed: int
    interrupted: str | None
    exit: int


@dataclass(frozen=True, slots=True)
class FaultRun:
    """The records of all faults. end is None when they were cut off."""

    begin: Header
    faults: tuple[Mutant, ...]
    end: FaultEnd | None


# ---- code coverage: what gcovr --json-summary writes -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceFile:
    """How much of a file was reached."""

    filename: str
    line_total: int
    line_covered: int
    branch_total: int
    branch_covered: int


@dataclass(frozen=True, slots=True)
class CodeCoverage:
    """All files."""

    files: tuple[SourceFile, ...]
