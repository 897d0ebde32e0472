"""Runs tests and cases on programs that count, and says how much of each layer they reach.

usage: coverage.py BUILD-FOLDER UNIT-TEST...

Leaves in the folder: summary.json, coverage.json and cobertura.xml of gcovr, lcov.info and html/ of lcov,
and in log/ what each step said. The exit status is 1 when a step failed or a layer is below its bar. The
side of a branch that nothing can reach is marked LCOV_EXCL_BR_LINE, a line LCOV_EXCL_LINE, which both
programs obey, with the reason beside it.
"""
import json
import os
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from glob import glob
from pathlib import Path

JOBS = 2
DEADLINE = 600      # seconds for one step; only a hang takes that long
SHOWN = 30          # lines shown of what a failed step said


@dataclass
class Bar:
    """What a layer must reach, in per cent; folders below it belong to it."""
    layer: str
    lines: float
    branches: float


BARS = (Bar("model", 100, 100), Bar("real", 90, 0), Bar("harness", 90, 0))

# Functions of processes that come to no orderly end: an actor, what it becomes by exec, another user who
# starts another program. Where these have no count, counters were lost, and no rate means much.
LOST_FIRST = (("real/serve.c", "serve"), ("real/cred.c", "cred_resume"),
              ("real/program.c", "become_ordinary"))

# Tests that would only show again, at length, what others show, are left out: every lie, every mutant, and
# walks through the whole permission space; so is the script of a program that does not count.
ONLY = {"harness/lies.bats": "^(without|what|a) ", "harness/mutate.bats": "^[^e]", "harness/static.bats": "",
        "harness/matrix.bats": "^([^at]|a[^ ]|a [^m]|t[^h]|th[^e])"}

# Of the commands, beside the scripts that test them.
RUNS = (
    "run --quiet",
    "run --quiet --profile posix",
    "run --quiet --subject model",
    "matrix",
    "docs --json",
    "precedence --holes",
    "requirements --holes",
    "describe --json",
    "bench --rounds 1",
)
FINE = {"run --quiet --profile posix": (0, 1)}      # where an exit status other than 0 is no failure
# Tests are no part of what is to be reached.
TESTS = {"gcovr": (r".*test\.[ch]", "harness/lies/.*"), "lcov": ("*test.[ch]", "*/harness/lies/*")}


@dataclass
class Step:
    name: str
    command: list[str]
    fine: tuple[int, ...] = (0,)


def steps(build: Path, tests: list[str]) -> list[Step]:
    sysvet = str(build / "sysvet")
    rows = [Step(os.path.relpath(test, build), [test]) for test in tests]
    rows += [Step(f"sysvet {args}", [sysvet, *args.split()], FINE.get(args, (0,))) for args in RUNS]
    rows += [Step(script, ["bats", "--formatter", "tap", "--filter", ONLY.get(script, "."), script])
             for script in sorted(glob("harness/*.bats")) if ONLY.get(script, ".")]
    return rows


def open_counters(program: str) -> None:
    """The file that all processes of the program share, whoever they are by then."""
    path = Path(f"{program}.counters")
    path.write_bytes(b"")
    path.chmod(0o666)


def run(step: Step, build: Path) -> bool:
    begun = time.monotonic()
    log = build / "log" / (step.name.replace("/", "-").replace(" ", "-") + ".log")
    with log.open("wb") as out, subprocess.Popen(step.command, stdin=subprocess.DEVNULL, stdout=out,
                                                 stderr=subprocess.STDOUT, start_new_session=True) as child:
        try:
            status = child.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            status = -signal.SIGKILL
    took = time.monotonic() - begun
    print(f"{'ok' if status in step.fine else 'FAILED':8}{step.name:40}{took:6.1f} s", flush=True)
    if status in step.fine:
        return True
    said = [line for line in log.read_text(errors="replace").splitlines() if not line.startswith("ok ")]
    print("".join(f"        {line}\n" for line in said[-SHOWN:])
          + f"        exit status {status}: {log}", flush=True)
    return False


def without_tests(program: str) -> list[str]:
    return [word for pattern in TESTS[program] for word in ("--exclude", pattern)]


def gather(build: Path, programs: list[str]) -> None:
    for program in programs:
        subprocess.run([program], env={**os.environ, "GCOV_WRITE": "1"}, check=True)
    subprocess.run(["gcovr", "-j", str(JOBS), "--root", ".", *without_tests("gcovr"),
                    "--json", f"{build}/coverage.json", "--json-summary", f"{build}/summary.json",
                    "--cobertura", f"{build}/cobertura.xml", str(build)], check=True)


def picture(build: Path) -> None:
    info = f"{build}/lcov.info"
    branches = ["--rc", "lcov_branch_coverage=1", "--quiet"]
    here = os.getcwd()
    # Of itself lcov 1.16 warns of functions that it defines twice.
    with (build / "log/lcov.log").open("wb") as log:
        subprocess.run(["lcov", *branches, "--capture", "--directory", str(build), "--base-directory", here,
                        "--no-external", *without_tests("lcov"), "--output-file", info],
                       stderr=log, check=True)
    subprocess.run(["genhtml", "--quiet", "--branch-coverage", "--prefix", here, "--title", "sysvet",
                    "--output-directory", f"{build}/html", info], check=True)


def nothing_lost(build: Path) -> bool:
    files = json.loads((build / "coverage.json").read_text())["files"]
    counts = {(f["file"], function["name"]): function["execution_count"]
              for f in files for function in f["functions"]}
    lost = [f"{name} of {path}" for path, name in LOST_FIRST if not counts.get((path, name))]
    if lost:
        print(f"not counted, though it runs: {', '.join(lost)}")
    return not lost


def judge(build: Path) -> bool:
    files = json.loads((build / "summary.json").read_text())["files"]
    good = True
    for bar in BARS:
        mine = [f for f in files if f["filename"].startswith(bar.layer + "/")]
        rates = []
        for what, wanted in (("line", bar.lines), ("branch", bar.branches)):
            total = sum(f[f"{what}_total"] for f in mine)
            covered = sum(f[f"{what}_covered"] for f in mine)
            rate = 100 * covered / total if total else 0.0
            below = rate < wanted
            good = good and not below
            rates.append(f"{what:>8} {covered:6} of {total:6}  {rate:6.2f} %"
                         + (f"  below {wanted:g} %" if below else ""))
        print(f"{bar.layer:8}" + "  ".join(rates))
    return good


def main() -> int:
    begun = time.monotonic()
    build, tests = Path(sys.argv[1]), sys.argv[2:]
    programs = [str(build / "sysvet"), str(build / "ipcmk"), *tests]
    (build / "log").mkdir(exist_ok=True)
    os.environ["SYSVET"] = str((build / "sysvet").absolute())
    os.environ["CK_DEFAULT_TIMEOUT"] = str(DEADLINE // 2)
    for program in programs:
        open_counters(program)
    with ThreadPoolExecutor(JOBS) as pool:
        passed = list(pool.map(lambda step: run(step, build), steps(build, tests)))
    gather(build, programs)
    picture(build)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{time.monotonic() - begun:.0f} s, {used.ru_utime + used.ru_stime:.0f} s of CPU; "
          f"report: {build}/html/index.html")
    return 0 if judge(build) and nothing_lost(build) and all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
