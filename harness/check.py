"""Runs what make check has built, counts every single check, and ends with one line of totals.

usage: check.py BUILD-FOLDER UNIT-TEST...
with the last commands in RUN_FAULTS, RUN_CASES, RUN_MATRIX, RUN_DOCS and WRITE_REPORT.

Each step prints a line; what a failed step said follows it, and stays in BUILD-FOLDER/check. A step that
ends badly without naming a failed check counts as one failed check. Steps that take long begin first, and as
many wait now and then, there is one more at a time than processors. The report, which reads what others
wrote, comes last. How long each took is in BUILD-FOLDER/check/times.
"""
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from glob import glob
from pathlib import Path
from typing import Callable

DEADLINE = 1200     # seconds for one step; only a hang takes that long, however busy the machine is
SHOWN = 60          # lines shown of what a failed step said
# Begun in this order, before all others: those that would otherwise still run when nothing else does.
LONG = ("real/emulators.bats", "lint", "harness/matrix.bats", "harness/lies.bats", "real/abis.bats",
        "harness/run.bats", "real/targets.bats", "reports/tests", "model/random_test", "permission space",
        "harness/docs.bats", "harness/ipcmk.bats", "harness/explain.bats", "harness/matrix_rule_test",
        "faults in the model's source")
PASSED = ("conforms", "permitted", "known")
SKIPPED = ("skipped", "unsupported")

Counts = Counter[str]
Count = Callable[[str], Counts]
Row = tuple[str, list[str], Count]


def count_libcheck(said: str) -> Counts:
    counts = Counter[str]()
    line = r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$"
    for checks, failures, errors in re.findall(line, said, re.M):
        counts["failed"] += int(failures) + int(errors)
        counts["passed"] += int(checks) - int(failures) - int(errors)
    return counts


def count_tap(said: str) -> Counts:
    counts = Counter[str]()
    for refused, title in re.findall(r"^(not )?ok \d+(.*)$", said, re.M):
        counts["failed" if refused else "skipped" if " # skip" in title else "passed"] += 1
    plan = re.search(r"^1\.\.(\d+)$", said, re.M)
    counts["failed"] += max(0, int(plan[1]) - sum(counts.values())) if plan else 1
    return counts


def count_totals(said: str) -> Counts:
    """Lines like "3 passed, 1 failed, 2 skipped", the last of which counts."""
    counts = Counter[str]()
    lines = [line for line in said.splitlines() if re.search(r"\d+ (passed|failed|skipped|errors?)\b", line)]
    for number, what in re.findall(r"(\d+) (passed|failed|skipped|error)", lines[-1] if lines else ""):
        counts["failed" if what == "error" else what] += int(number)
    return counts


def count_records(results: Path) -> Counts:
    counts = Counter[str]()
    try:
        end = json.loads(results.read_text(encoding="utf-8").splitlines()[-1])
        verdicts = end["verdicts"]
    except (OSError, ValueError, IndexError, KeyError):
        return Counter(failed=1)
    for verdict, number in verdicts.items():
        counts["passed" if verdict in PASSED else "skipped" if verdict in SKIPPED else "failed"] += number
    return counts


def count_rules(matrix: Path) -> Counts:
    """The permission space is one check; each rule for what differs in it is one that failed."""
    try:
        end = json.loads(matrix.read_text(encoding="utf-8").splitlines()[-1])
        failed = end["rules"] + bool(end["unexplained"]) + bool(end["verdicts"]["broken"])
        return Counter(failed=failed) if failed else Counter(passed=int(end["cells"] > 0))
    except (OSError, ValueError, IndexError, KeyError):
        return Counter(failed=1)


def count_claims(docs: Path) -> Counts:
    """A claim of a document passes when it is as true or false as is known."""
    try:
        claims = json.loads(docs.read_text(encoding="utf-8"))["claims"]
        return Counter("failed" if claim["unexpected"] else "skipped" if claim["verdict"] == "untested"
                       else "passed" for claim in claims if claim["verdict"] != "uncheckable")
    except (OSError, ValueError, KeyError):
        return Counter(failed=1)


def run(command: list[str], log: Path) -> int:
    """Runs in a process group of its own, which is killed if its first process does not come to an end."""
    with log.open("wb") as out, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                                 stderr=subprocess.STDOUT, start_new_session=True) as child:
        try:
            return child.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            out.write(f"\nno end after {DEADLINE} s\n".encode())
            return -signal.SIGKILL
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)


def step(row: Row, logs: Path) -> tuple[Counts, str]:
    """What one step counted, and what is printed of it."""
    name, command, count = row
    log = logs / (name.replace("/", "-") + ".log")
    began = time.monotonic()
    status = run(command, log)
    with (logs / "times").open("a", encoding="utf-8") as times:
        print(f"{time.monotonic() - began:.1f}\t{name}", file=times)
    said = log.read_text(encoding="utf-8", errors="replace")
    counts = count(said)
    if not counts["failed"] and (status or not sum(counts.values())):
        counts["failed"] = 1
    word = "FAILED" if counts["failed"] else "ok"
    lines = [f"{word:8}{name:32}{totals(counts, sparse=True)}"]
    if counts["failed"]:
        told = [line for line in said.splitlines() if not re.match(r"(ok|passed) ", line)]
        lines += [f"        {line}" for line in told[-SHOWN:]]
        lines.append(f"        exit status {status}; all of it is in {log}")
    return counts, "\n".join(lines)


def totals(counts: Counts, sparse: bool = False) -> str:
    return ", ".join(f"{counts[what]} {what}" for what in ("passed", "failed", "skipped")
                     if counts[what] or not sparse)


def steps(build: Path, tests: list[str]) -> list[Row]:
    results, report = build / "conformance/results.jsonl", build / "conformance/index.html"
    rows: list[Row] = []
    for test in tests:
        rows.append((os.path.relpath(test, build / "san"), [test], count_libcheck))
    rows.append(("lint", [sys.executable, "harness/lint/lint.py"], count_totals))
    for script in sorted(glob("harness/*.bats") + glob("real/*.bats") + glob("cases/*.bats")):
        rows.append((script, ["bats", "--formatter", "tap", script], count_tap))
    if os.path.isdir("reports/tests"):
        pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "reports/tests"]
        rows.append(("reports/tests", ["env", "PYTHONPATH=reports", *pytest], count_totals))
    alone = build / "check/model.jsonl"
    on_model = [str(build / "san/sysvet"), "run", "--subject", "model", "--quiet", "--output", str(alone)]
    posix = build / "check/posix.jsonl"
    by_standard = [str(build / "sysvet"), "run", "--profile", "posix", "--strict", "--quiet",
                   "--baseline", "cases/known/linux-posix.tsv", "--output", str(posix)]
    space = build / "check/matrix-posix.jsonl"
    space_by_standard = [str(build / "sysvet"), "matrix", "--profile", "posix", "--strict", "--caps", "none",
                         "--baseline", "cases/known/linux-posix.tsv", "--output", str(space)]
    rows.append(("cases, by the standard alone", by_standard, lambda _: count_records(posix)))
    rows.append(("permission space, by the standard", space_by_standard, lambda _: count_rules(space)))
    rows.append(("cases on two models, sanitized", on_model, lambda _: count_records(alone)))
    faults = [*shlex.split(os.environ["RUN_FAULTS"]), "--quiet"]
    rows.append(("faults in the model's source", faults, lambda _: Counter(passed=1)))
    run_cases, run_matrix, run_docs, write_report = (
        ["sh", "-c", os.environ[name]] for name in ("RUN_CASES", "RUN_MATRIX", "RUN_DOCS", "WRITE_REPORT"))
    matrix, docs = build / "conformance/matrix.jsonl", build / "conformance/docs.json"
    rows.append(("conformance", run_cases, lambda _: count_records(results)))
    rows.append(("permission space", run_matrix, lambda _: count_rules(matrix)))
    rows.append(("claims of documents", run_docs, lambda _: count_claims(docs)))
    rows.append(("report", write_report, lambda _: Counter(passed=int(report.is_file()))))
    return rows


def tell(counts: Counts, told: str) -> Counts:
    print(told, flush=True)
    return counts


def main() -> int:
    build, tests = Path(sys.argv[1]), sys.argv[2:]
    logs = build / "check"
    logs.mkdir(parents=True, exist_ok=True)
    os.environ.pop("MAKEFLAGS", None)   # names descriptors of make's that no step is given
    os.environ["CK_DEFAULT_TIMEOUT"] = str(DEADLINE // 2)
    sums = Counter[str]()
    (logs / "times").write_text("", encoding="utf-8")
    *rows, report = steps(build, tests)
    rows.sort(key=lambda row: LONG.index(row[0]) if row[0] in LONG else len(LONG))
    with ThreadPoolExecutor(len(os.sched_getaffinity(0)) + 1) as pool:
        for done in as_completed([pool.submit(step, row, logs) for row in rows]):
            sums += tell(*done.result())
    sums += tell(*step(report, logs))
    print(totals(sums))
    return 1 if sums["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
