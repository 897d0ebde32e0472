"""The command line.

Exit status 0: the report was written, whatever it says. 2: wrong usage, wrong records, or no way to write.
"""

import argparse
import os
import sys
from collections.abc import Callable

from . import __version__
from .claims import claims
from .digest import digest
from .html import page
from .heat import heat
from .load import LoadError, load_describe, load_docs, load_matrix, load_requirements, load_run
from .text import summary


def html(options: argparse.Namespace) -> None:
    """Writes the page. Nothing is written unless all of it could be made."""
    made = page(digest(
        load_run(options.records),
        load_requirements(options.requirements) if options.requirements else None,
        load_describe(options.describe) if options.describe else None),
        heat(load_matrix(options.matrix)) if options.matrix else None,
        claims(load_docs(options.docs)) if options.docs else None)
    if options.output == "-":
        sys.stdout.buffer.write(made)
        return
    with open(options.output, "wb") as file:
        file.write(made)


def print_summary(options: argparse.Namespace) -> None:
    """Prints the text."""
    requirements = load_requirements(options.requirements) if options.requirements else None
    sys.stdout.buffer.write(summary(digest(load_run(options.records), requirements)).encode())


def parser() -> argparse.ArgumentParser:
    """The options of every subcommand."""
    top = argparse.ArgumentParser(
        prog="sysvet-report", description="Reports from the records of a sysvet run.")
    version = f"sysvet-report {__version__}"
    top.add_argument("--version", action="version", version=version)
    commands = top.add_subparsers(title="subcommands", metavar="COMMAND", required=True)

    def command(name: str, run: Callable[[argparse.Namespace], None], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        made.add_argument("--version", action="version", version=version)
        made.add_argument("records", metavar="RESULTS.jsonl", help="records of a run (reports/README.md)")
        made.add_argument("--requirements", metavar="FILE",
                          help="requirements.tsv: text of the clauses, and which of them no case exercised")
        return made

    command("summary", print_summary, "Print the verdict, totals and differences as text.")
    made = command("html", html, "Write one self-contained page of HTML.")
    made.add_argument("-o", "--output", metavar="FILE", required=True,
                      help="the page to write; - for standard output")
    made.add_argument("--matrix", metavar="FILE",
                      help="records of sysvet matrix: the permission space as heat maps")
    made.add_argument("--docs", metavar="FILE",
                      help="output of `sysvet docs --json`: what documents claim, and whether it is true")
    made.add_argument("--describe", metavar="FILE",
                      help="output of `sysvet describe --json`: which outcomes rules promise that nobody saw")
    return top


def main(arguments: list[str] | None = None) -> int:
    """Runs one subcommand and returns the exit status."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
        sys.stdout.flush()
    except LoadError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # the reader of the text has seen enough; keep the interpreter from complaining at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as wrong:
        print(f"sysvet-report: {wrong.filename or 'standard output'}: {wrong.strerror}", file=sys.stderr)
        return 2
    return 0
