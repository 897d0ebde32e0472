"""The subcommand html: its options, and the files that they name put together."""

import argparse
import sys

from .claims import claims
from .clauses import Clauses, judge_clauses
from .digest import digest, subject_of
from .faults import Faults
from .fold import load_folded
from .heat import heat
from .html import Extras, page
from .load import load_coverage, load_describe, load_docs, load_matrix, load_mutants, load_requirements
from .reached import Reached
from .records import Requirement

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


def beside(path: str, requirements: tuple[Requirement, ...] | None) -> tuple[str, Clauses]:
    """Another subject and what its run says of the clauses."""
    run = load_folded(path)
    return subject_of(run.begin), judge_clauses(run, requirements)


def extras(options: argparse.Namespace, requirements: tuple[Requirement, ...] | None) -> Extras:
    """All that stands beside the run."""
    mutants = tuple(mutant for path in options.mutants for mutant in load_mutants(path))
    return Extras(
        heat(load_matrix(options.matrix)) if options.matrix else None,
        claims(load_docs(options.docs)) if options.docs else None,
        Faults(mutants) if mutants else None,
        Reached(load_coverage(options.coverage)) if options.coverage else None,
        tuple(beside(path, requirements) for path in options.beside))


def html(options: argparse.Namespace) -> int:
    """Writes the page. Nothing is written unless all of it could be made."""
    requirements = load_requirements(options.requirements) if options.requirements else None
    describe = load_describe(options.describe) if options.describe else None
    made = page(digest(load_folded(options.records), requirements, describe), extras(options, requirements))
    if options.output == "-":
        sys.stdout.buffer.write(made)
        return 0
    with open(options.output, "wb") as file:
        file.write(made)
    return 0
