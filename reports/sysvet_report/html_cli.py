"""The subcommand html: its options, and the files that they name put together."""

import argparse
import sys

from .claims import claims
from .clauses import judge_clauses
from .compare.answers import FACTS
from .digest import digest, subject_of
from .faults import Faults
from .fold import load_folded
from .heat import heat
from .html import Extras, page
from .load import load_coverage, load_describe, load_docs, load_matrix, load_mutants, load_requirements
from .reached import Reached
from .records import Requirement, Run

OPTIONS = (
    ("--matrix", "store", "records of sysvet matrix: the permission space as heat maps"),
    ("--docs", "store", "output of `sysvet docs --json`: what documents claim, and whether it is true"),
    ("--describe", "store",
     "output of `sysvet describe --json`: which outcomes rules promise that nobody saw"),
    ("--mutants", "append", "records of sysvet mutate: which faults the cases notice; can be repeated"),
    ("--coverage", "store", "output of `gcovr --json-summary`: which code is reached"),
    ("--beside", "append",
     "records of another run, whose verdict on each clause stands beside; can be repeated"),
)


def add_options(made: argparse.ArgumentParser) -> None:
    """What the subcommand takes."""
    made.add_argument("-o", "--output", metavar="FILE", required=True,
                      help="the page to write; - for standard output")
    for name, action, text in OPTIONS:
        made.add_argument(name, metavar="FILE", action=action, help=text,
                          default=[] if action == "append" else None)


def names_of(runs: list[Run]) -> list[str]:
    """The subject of each, with as much more as tells them apart."""
    told = [[subject_of(run.begin)] for run in runs]
    for fact in ("target", "abi", "libc", "profile", "date"):
        values = [FACTS[fact](run.begin) for run in runs]
        if len({*map(" ".join, told)}) < len(runs) and len(set(values)) > 1:
            told = [[*words, value] for words, value in zip(told, values)]
    return [" ".join(filter(None, words)) for words in told]


def extras(options: argparse.Namespace, run: Run, requirements: tuple[Requirement, ...] | None) -> Extras:
    """All that stands beside the run."""
    others = [load_folded(path) for path in options.beside]
    name, *names = names_of([run, *others])
    clauses = [judge_clauses(other, requirements) for other in others]
    mutants = tuple(mutant for path in options.mutants for mutant in load_mutants(path))
    return Extras(
        heat(load_matrix(options.matrix)) if options.matrix else None,
        claims(load_docs(options.docs)) if options.docs else None,
        Faults(mutants) if mutants else None,
        Reached(load_coverage(options.coverage)) if options.coverage else None,
        name, tuple(zip(names, clauses)))


def html(options: argparse.Namespace) -> int:
    """Writes the page. Nothing is written unless all of it could be made."""
    requirements = load_requirements(options.requirements) if options.requirements else None
    describe = load_describe(options.describe) if options.describe else None
    run = load_folded(options.records)
    made = page(digest(run, requirements, describe), extras(options, run, requirements))
    if options.output == "-":
        sys.stdout.buffer.write(made)
        return 0
    with open(options.output, "wb") as file:
        file.write(made)
    return 0
