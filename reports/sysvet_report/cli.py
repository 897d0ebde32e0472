"""The command line.

Exit status 0: the report was written, whatever it says. 2: wrong usage, wrong records, or no way to write.
A format for a CI ends with the status of the run if it is asked to.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

from . import __version__
from .compare.columns import MOST, read_all
from .compare.compare import compare
from .compare.forms import FORMS
from .digest import digest
from .findings import Beside, findings
from .formats.cobertura import cobertura
from .formats.ctrf import ctrf
from .formats.events import UNREADABLE, Close, Event, events, write
from .formats.gather import Gathered
from .formats.github import github, markdown
from .formats.junit import junit
from .formats.ltp import ltp
from .formats.tap import ktap, tap
from .html_cli import add_options, html
from .join import join
from .layouts import layouts
from .load import LoadError, load_requirements, load_run
from .text import summary


Run = Callable[[argparse.Namespace], int]


def print_summary(options: argparse.Namespace) -> int:
    """Prints the text."""
    requirements = load_requirements(options.requirements) if options.requirements else None
    sys.stdout.buffer.write(summary(digest(load_run(options.records), requirements)).encode())
    return 0


# What a CI can read: subcommand, the function, what it is, and an example of its use.
STREAM = "sysvet run --quiet --output - | sysvet-report"
FORMATS: dict[str, tuple[Callable[..., Iterator[str]], str, str]] = {
    "tap": (tap, "TAP version 13, a line for each instance as soon as it is done.",
            f"{STREAM} tap --exit-status -"),
    "ktap": (ktap, "KTAP version 1, as kunit.py reads it, a line for each instance as soon as it is done.",
             f"{STREAM} ktap - >results.ktap"),
    "ltp": (ltp, "Lines as tests of the Linux Test Project print them. With --exit-status the status is "
            "their bits: 1 TFAIL, 2 TBROK, 4 TWARN, 32 TCONF if nothing passed.",
            f"{STREAM} ltp --exit-status -"),
    "junit": (junit, "JUnit XML, a suite for each family.",
              "sysvet-report junit results.jsonl -o junit.xml"),
    "ctrf": (ctrf, "CTRF, the common test report format, as JSON.",
             "sysvet-report ctrf results.jsonl -o ctrf-report.json"),
    "github": (github, "Annotations of GitHub Actions, at the lines of the cases; errors come first.",
               "sysvet-report github --exit-status results.jsonl"),
    "markdown": (markdown, "A summary in Markdown.",
                 'sysvet-report markdown results.jsonl >>"$GITHUB_STEP_SUMMARY"'),
    "cobertura": (cobertura, "Cobertura XML in which each line of requirements.tsv is a line of code that "
                  "instances reach, or do not.", "sysvet-report cobertura --requirements "
                  "cases/requirements.tsv results.jsonl -o clauses.xml"),
}


def export(options: argparse.Namespace) -> int:
    """Writes the records in another format."""
    last: list[Close] = []

    def seen() -> Iterator[Event]:
        for event in events(options.records, options.strict):
            if isinstance(event, Gathered) and "requirements" in options:
                raise LoadError(options.records, 1, 1, "found records of no run of cases, expected those of "
                                "one: what else there is exercises no clause")
            if isinstance(event, Close):
                last.append(event)
            yield event

    more = {"path": options.requirements} if "requirements" in options else {}
    write(FORMATS[options.command][0](seen(), **more), options.output)
    if last[0].wrong:
        raise last[0].wrong
    if not options.exit_status:
        return 0
    return last[0].bits if options.command == "ltp" else last[0].exit


def add_formats(command: Callable[[str, Run, str, str], argparse.ArgumentParser]) -> None:
    """A subcommand for each."""
    for name, (_, text, example) in FORMATS.items():
        made = command(name, export, text, example)
        made.add_argument("-o", "--output", metavar="FILE", default="-",
                          help="where to write (default: standard output)")
        made.add_argument("--strict", action="store_true",
                          help="what is permitted or stale is a failure, as in sysvet run --strict")
        made.add_argument("--exit-status", action="store_true",
                          help="end with the exit status of the run, or 99 if its records have no end")
        if name == "cobertura":
            made.add_argument("--requirements", metavar="FILE", required=True,
                              help="requirements.tsv, by the name that the report shall use")


def print_comparison(options: argparse.Namespace) -> int:
    """Puts runs side by side; the exit status is that of diff."""
    made = compare(read_all(options.files), dict(options.missing))
    write(iter([FORMS[options.format](made)]), options.output)
    return 0 if made.same else 1


def subcommand(commands: Any, name: str, run: Run, text: str, epilog: str = "",
               brief: str = "") -> argparse.ArgumentParser:
    """A subcommand without arguments; brief is what the list of all says of it, if not its text."""
    made: argparse.ArgumentParser = commands.add_parser(name, help=brief or text, description=text,
                                                        epilog=epilog)
    made.set_defaults(run=run)
    made.add_argument("--version", action="version", version=f"sysvet-report {__version__}")
    return made


def add_compare(commands: Any) -> None:
    """The subcommand that takes several files."""
    text = ("Put two to forty runs side by side: which instances differ, what was observed and expected in "
            "them, and who agrees with whom. TAP and JUnit XML of other suites are shown beside them.")
    made = subcommand(
        commands, "compare", print_comparison, text, brief="Put runs side by side.",
        epilog="exit status: 0 nothing differs, 1 something does or a file is not complete, 2 trouble. "
        "example: sysvet-report compare 6.1=a.jsonl 6.12=b.jsonl ltp=ltp.xml --format html -o compare.html")
    made.add_argument("files", metavar="[NAME=]FILE", nargs="+",
                      help="records of a run, TAP or JUnit XML; without a name it is taken from the records")
    made.add_argument("--missing", metavar="NAME=WHY", action="append", default=[],
                      type=lambda text: (text.split("=")[0], text.partition("=")[2] or "no reason is told"),
                      help="a run that should be here, and why it is not; may repeat")
    made.add_argument("--format", choices=list(FORMS), default="text", help="what to write (default: text)")
    made.add_argument("-o", "--output", metavar="FILE", default="-",
                      help="where to write (default: standard output)")


def join_pieces(options: argparse.Namespace) -> int:
    """Writes one file of records."""
    return join(options.pieces, options.models, options.ends, options.baseline, options.output)


def add_join(commands: Any) -> None:
    """The subcommand that real/targets uses."""
    made = subcommand(commands, "join", join_pieces,
                      "Join the records of several starts of one run into one file.")
    made.add_argument("pieces", metavar="RECORDS", nargs="+", help="records of a start, the first one first")
    made.add_argument("--ends", metavar="FILE", required=True,
                      help="instances that ended the target, each with a tab and what it said then")
    made.add_argument("--models", metavar="FILE", required=True, help="records of these on the model")
    made.add_argument("--baseline", metavar="FILE", default="", help="says which of these are known")
    made.add_argument("-o", "--output", metavar="FILE", required=True, help="the file to write")


def write_findings(options: argparse.Namespace) -> int:
    """Writes the root causes of a target."""
    surprises, conforming = options.surprises or ("", "")
    beside = Beside(options.notes, options.requirements, surprises, conforming, options.elsewhere,
                    options.reproducible)
    return findings(options.name, options.records, options.baseline, beside, options.output)


def add_findings(commands: Any) -> None:
    """The subcommand that writes reports/findings."""
    made = subcommand(
        commands, "findings", write_findings,
        "Write the root causes of what differs on a target, as a page of Markdown.",
        "example: sysvet-report findings gvisor gvisor.jsonl --baseline cases/known/gvisor.tsv "
        "-o reports/findings/gvisor.md")
    made.add_argument("name", metavar="TARGET", help="what the page calls it")
    made.add_argument("records", metavar="RESULTS.jsonl", nargs="+",
                      help="records of a run without a baseline, or of several on CPUs that differ")
    made.add_argument("--baseline", metavar="FILE", required=True, help="reasons: cases/known/TARGET.tsv")
    made.add_argument("--notes", metavar="FILE", default="", help="what no case can show, as Markdown")
    made.add_argument("--requirements", metavar="FILE", default="",
                      help="requirements.tsv: text of the clauses")
    made.add_argument("--surprises", metavar=("FILE", "RESULTS.jsonl"), nargs=2,
                      help="what is no deviation and surprises, and records in which its cases conform")
    made.add_argument("--elsewhere", metavar="FILE", default="",
                      help="what other versions and machines do: cases/known/machines.tsv")
    made.add_argument("--reproducible", metavar="FILE", default="",
                      help="cases that can be had as programs in C: sysvet reproduce --list")
    made.add_argument("-o", "--output", metavar="FILE", required=True, help="the page")


def write_layouts(options: argparse.Namespace) -> int:
    """Writes where structures of a C library lie."""
    return layouts(options.name, options.said, options.its, options.right, options.build, options.output)


def add_layouts(commands: Any) -> None:
    """The subcommand that writes a part of the page of a C library in reports/findings."""
    made = subcommand(
        commands, "layouts", write_layouts,
        "Write where structures of a C library lie, as real/layouts says it: part of a page of Markdown.",
        "example: sysvet-report layouts dietlibc said --its its --right right --build 'diet gcc' "
        "-o layouts.md")
    made.add_argument("name", metavar="LIBRARY", help="what the page calls it")
    made.add_argument("said", metavar="FILE", help="what ./layouts says, built with it")
    made.add_argument("--its", metavar="FILE", required=True, help="what './layouts members' says then")
    made.add_argument("--right", metavar="FILE", required=True,
                      help="what that says, built with a library that is right")
    made.add_argument("--build", metavar="COMMAND", required=True, help="the compiler that builds with it")
    made.add_argument("-o", "--output", metavar="FILE", required=True, help="the part")


def parser() -> argparse.ArgumentParser:
    """The options of every subcommand."""
    top = argparse.ArgumentParser(
        prog="sysvet-report", description="Reports from the records of a sysvet run.")
    top.add_argument("--version", action="version", version=f"sysvet-report {__version__}")
    commands = top.add_subparsers(title="subcommands", metavar="COMMAND", dest="command", required=True)

    def command(name: str, run: Run, text: str, example: str) -> argparse.ArgumentParser:
        made = subcommand(commands, name, run, text, f"example: {example}")
        made.add_argument("records", metavar="RESULTS.jsonl",
                          help="records of a run (reports/README.md); - is standard input")
        return made

    def requirements(made: argparse.ArgumentParser) -> argparse.ArgumentParser:
        made.add_argument("--requirements", metavar="FILE",
                          help="requirements.tsv: text of the clauses, and which of them no case exercised")
        return made

    requirements(command("summary", print_summary, "Print the verdict, totals and differences as text.",
                         "sysvet-report summary results.jsonl | less"))
    add_options(requirements(command(
        "html", html, "Write one self-contained page of HTML.",
        "sysvet-report html results.jsonl -o report.html --requirements cases/requirements.tsv")))
    add_compare(commands)
    add_join(commands)
    add_findings(commands)
    add_layouts(commands)
    add_formats(command)
    return top


def says_by_status(options: argparse.Namespace) -> bool:
    """Is 0 more than that something was written?"""
    return options.command == "compare" or getattr(options, "exit_status", False)


def main(arguments: list[str] | None = None) -> int:
    """Runs one subcommand and returns the exit status."""
    known = parser()
    options = known.parse_args(arguments)
    if options.command == "compare" and not 2 <= len(options.files) <= MOST:
        known.error(f"compare takes 2 to {MOST} files, and got {len(options.files)}")
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except LoadError as wrong:
        print(wrong, file=sys.stderr)
        return 2
    except BrokenPipeError:
        # the reader of the text has seen enough; keep the interpreter from complaining at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return UNREADABLE if says_by_status(options) else 0
    except OSError as wrong:
        print(f"sysvet-report: {wrong.filename or 'standard output'}: {wrong.strerror}", file=sys.stderr)
        return 2
    return status
