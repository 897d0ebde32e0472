#!/usr/bin/env python3
"""Writes the stored runs beside this file: one for each way in which a run can end or a case can be judged.

The runs are what the runner would have written; test_stored.py checks that the files are up to date.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Record = dict[str, Any]
WORDS = ("conforms", "permitted", "deviates", "known", "stale", "conflict", "unstable", "unsupported",
         "skipped", "unresolved", "broken")

FACTS = {"page": 4096, "shmlba": 4096, "checkpoint_restore": 1, "initial_userns": 1}
PLAIN = FACTS | {"checkpoint_restore": 0, "initial_userns": 0}


def case(case: str, claim: str, cites: str, outcomes: str, *, instance: str | None = None,
         **more: Any) -> Record:
    """A case record that conforms, unless more says otherwise. cites and outcomes are comma separated."""
    record: Record = {
        "record": "case", "name": case + (f"[{instance}]" if instance else ""), "case": case,
        "instance": instance, "family": case.split("/")[0], "file": f"cases/{case}.case", "line": 2,
        "claim": claim, "cites": cites.split(","), "verdict": "conforms", "reason": None, "reference": None,
        "how": "solo", "steps": 4, "left": 0, "outcomes": sorted(outcomes.split(",")), "rules": [],
        "findings": [], "script": [],
    }
    return record | more


def finding(verdict: str, name: str, *, call: str, observed: str, expected: str, rule: str | None,
            steps: list[str], because: list[str], **more: Any) -> Record:
    """A finding about the last of steps."""
    record: Record = {
        "verdict": verdict, "sign": f"{call.partition('(')[0]} {observed}", "reason": None, "reference": None,
        "aspect": "outcome", "step": len(steps), "line": 5 + len(steps),
        "actor": steps[-1][0], "call": call, "observed": observed, "expected": expected,
        "linux": "exactly", "posix": "the only allowed outcome", "because": because, "rule": rule,
        "replay": f"sysvet run --filter '{name}'", "steps": steps,
    }
    return record | more


def not_run(record: Record, verdict: str, reason: str) -> Record:
    """The same case, which could not be run."""
    return record | {"verdict": verdict, "reason": reason, "how": None, "steps": 0, "outcomes": [],
                     "rules": []}


GIVE_AWAY_STEPS = ["A  q = msgget(IPC_PRIVATE, 0600) = 0", "A  msgctl_IPC_SET(q, uid=1001) = 0",
                   "A  msgctl_IPC_STAT(q) = 0 {uid=1001 cuid=1000 mode=0600}"]
ZERO_STEPS = ["A  s = semget(IPC_PRIVATE, 1, 0600) = 0", "A  semctl_SETVAL(s, 0, 1) = 0",
              "B  semop(s, [0:0]) blocks", "A  semop(s, [0:-1]) = 0", "B  wakes = 0"]
GIVE_AWAY = case(
    "perm/creator-keeps-access-after-give-away",
    "The creator stays in the owner class after ownership is given away.", "XSH-2.7-perm-9,MSGCTL-SET-1",
    "msgget 0,msgctl_IPC_SET 0,msgctl_IPC_STAT 0,msgrcv blocks,msgrcv 0,msgsnd 0", how="processes", steps=6,
    script=GIVE_AWAY_STEPS)
EXCL = case(
    "ids/excl-fails-on-existing-queue", "IPC_CREAT with IPC_EXCL fails when the key has a queue.",
    "MSGGET-ERR-EEXIST", "msgget 0,msgget EEXIST", rules=["MSGGET-ERR-EEXIST"])
SETVAL = case(
    "sem/setval-above-limit-is-refused", "A value above SEMVMX is refused and the old one stays.",
    "SEMCTL-ERR-ERANGE,SEMCTL-SETVAL-1", "semget 0,semctl_SETVAL ERANGE,semctl_GETVAL 0",
    rules=["SEMCTL-ERR-ERANGE"])
ZERO = case(
    "sem/wait-for-zero-is-released-by-decrement",
    "A call that waits for zero sleeps until the value is zero.",
    "SEMOP-8,SEMCTL-GETZCNT-1", "semget 0,semctl_SETVAL 0,semop blocks,semop 0,semctl_GETZCNT 0",
    how="processes", steps=7, script=ZERO_STEPS)
STAT_ANY = case(
    "msg/stat-any-needs-no-permission", "MSG_STAT_ANY reads the record without read permission.",
    "LINUX-PERM-ANY-1", "msgget 0,msgctl_MSG_STAT_ANY 0")
COPY = case(
    "msg/copy-leaves-the-message", "MSG_COPY leaves the message in the queue.", "LINUX-MSG-COPY-4",
    "msgget 0,msgsnd 0,msgrcv 0")


def modes(*wanted: str) -> list[Record]:
    """A case with an instance for each mode."""
    return [case("perm/only-read", "Read permission alone does not allow sending.",
                 "XSH-2.7-perm-2,MSGSND-ERR-EACCES", "msgget 0,msgctl_IPC_STAT 0,msgsnd EACCES",
                 instance=f"mode={mode}", rules=["MSGSND-ERR-EACCES"]) for mode in wanted]


CLEAN = [*modes("0400", "0440", "0444"), GIVE_AWAY, EXCL, SETVAL, ZERO]
CLEAN[0] |= {"script": ["A  q = msgget(IPC_PRIVATE, 0400)", 'A  msgsnd(q, 1:"x", IPC_NOWAIT) = EACCES']}
GIVE_AWAY_FINDING = finding(
    "deviates", GIVE_AWAY["name"], call="msgctl_IPC_STAT(q)", observed="EACCES", expected="0",
    rule="XSH-2.7-perm-9",
    because=["euid 1000 = cuid 1000, so the owner class decides", "0600 gives it rw-; the call asks r--"],
    steps=GIVE_AWAY_STEPS)


def sent(name: str, mode: str, verdict: str, rule: str | None) -> Record:
    """A send that should have been refused."""
    return finding(
        verdict, name, call='msgsnd(q, 1:"x", IPC_NOWAIT)', observed="0", expected="EACCES", rule=rule,
        because=["euid 1000 = uid 1000, so the owner class decides",
                 f"mode {mode} gives the owner class 4", "the call asks for 2; 2 is missing"],
        steps=[f"A  q = msgget(IPC_PRIVATE, {mode}) = 0", 'A  msgsnd(q, 1:"x", IPC_NOWAIT) = EACCES'])


def listed(name: str, observed: str, reason: str, line: int, times: int) -> Record:
    """A row of a baseline."""
    return {"name": name, "observed": observed, "where": "linux>=6.1,<6.19", "reason": reason,
            "reference": "https://example.org/1234", "seen": "2026-11-20", "file": "known.tsv",
            "line": line, "times": times}


LET_SEND = listed("perm/only-read[*]", "msgsnd 0", "fixed in 6.19", 2, 3)
GONE = listed("ids/excl-*", "msgget 0", "a key could be had twice", 3, 0)


def write_permission_ignored(verdict: str, reason: str | None = None) -> list[Record]:
    """The instances of only-read on a kernel that lets everybody send; the last one names no clause."""
    known = {"reason": reason, "reference": reason and LET_SEND["reference"]}
    return [record | known | {"verdict": verdict, "rules": [],
                              "outcomes": ["msgctl_IPC_STAT 0", "msgget 0", "msgsnd 0"],
                              "findings": [sent(record["name"], mode, verdict, rule) | known]}
            for mode, rule in (("0400", "MSGSND-ERR-EACCES"), ("0440", "MSGSND-ERR-EACCES"), ("0444", None))
            for record in modes(mode)]


ORDER = SETVAL | {
    "verdict": "permitted", "outcomes": ["semctl_SETVAL EINVAL", "semget 0"], "rules": [],
    "findings": [finding(
        "permitted", SETVAL["name"], call="semctl_SETVAL(s, 7, 32768)", observed="EINVAL", expected="ERANGE",
        posix="one of EINVAL, ERANGE", rule="LINUX-SEMCTL-SETVAL-1",
        because=["the value 32768 is above 32767",
                 "linux looks at the value first; posix leaves the order open"],
        steps=["A  s = semget(IPC_PRIVATE, 1, 0600) = 0", "A  semctl_SETVAL(s, 7, 32768) = ERANGE"])]}
CLAIM = EXCL | {
    "verdict": "conflict",
    "findings": [finding(
        "conflict", EXCL["name"], aspect="claim", call="msgget(0x11, IPC_CREAT|IPC_EXCL|0600)",
        observed="EEXIST", expected="ENOENT", linux="EEXIST", posix="EEXIST", rule="MSGGET-ERR-EEXIST",
        because=["key 0x11 names queue q", "IPC_CREAT and IPC_EXCL are given"],
        steps=["A  q = msgget(0x11, IPC_CREAT|0600) = 0",
               "A  msgget(0x11, IPC_CREAT|IPC_EXCL|0600) = ENOENT"])]}
RACE = ZERO | {
    "verdict": "unstable", "outcomes": ["semget 0", "semop 0", "semop EAGAIN", "semop blocks"],
    "findings": [finding(
        "unstable", ZERO["name"], call="semop(s, [0:0])", observed="0 in 17 of 20 runs, EAGAIN in 3",
        expected="0", rule="SEMOP-6", because=["the value is 0, so the call need not wait"],
        steps=ZERO_STEPS)]}
CRASH = COPY | {
    "verdict": "broken", "reason": "actor A ended by SIGKILL in step 2", "outcomes": ["msgget 0"],
    "steps": 2, "findings": [finding(
        "broken", COPY["name"], call='msgsnd(q, 1:"x")', observed="no answer", expected="0", linux="0",
        posix="0", rule=None, because=[],
        steps=["A  q = msgget(IPC_PRIVATE, 0600) = 0", 'A  msgsnd(q, 1:"x") = 0'])]}

# Names, claims and answers as nobody should write them.
SCRIPT = "</script><script>alert(1)</script><!-- {{ 7 * 7 }} {% raw %} &amp; \"double\" 'single' `back`"
FOREIGN = ("naïve Übergröße Ελληνικά 日本語 עברית \u202etxt.exe\u202c \x1b[31mred\x07 \x00 a\u200bb "
           "\ud800 \U0001f4a3")
LONG = "A" * 3000
HOSTILE = [
    case("perm/" + SCRIPT, SCRIPT, "XSH-2.7-perm-9," + SCRIPT.replace(",", ""), "msgget 0,<b> EACCES",
         script=["<i>  " + SCRIPT, "B  " + FOREIGN, "<i>  wakes " + LONG]),
    case("ids/" + LONG, LONG + " " + "long " * 500, LONG, f"msgget 0,{LONG} {LONG}"),
    case("msg/a b", "Names that look alike after escaping stay apart.", "MSGSND-1", "msgsnd 0"),
    case("msg/a  b", "Names that look alike after escaping stay apart.", "MSGSND-1", "msgsnd errno 999"),
    case("msg/" + FOREIGN, FOREIGN, "MSGSND-1", "msgsnd SIGSEGV", family=FOREIGN, verdict="deviates",
         findings=[finding(
             "deviates", FOREIGN, call=SCRIPT, observed=SCRIPT, expected=LONG, rule=SCRIPT,
             because=[SCRIPT, FOREIGN, LONG], steps=["A  " + SCRIPT, "A  " + LONG], actor="<A>",
             linux=FOREIGN, posix=SCRIPT, aspect=SCRIPT)]),
    not_run(case("msg/skipped", "Never runs.", "MSGSND-1", "msgsnd 0"), "skipped", SCRIPT),
]


def begin(cases: list[Record], **more: Any) -> Record:
    """The first record of a run of cases."""
    record: Record = {
        "record": "begin", "format": 1, "sysvet": "0.1", "subject": "kernel", "profile": "linux",
        "abi": "raw x86_64", "system": {"sysname": "Linux", "release": "6.18.44",
                                        "version": "#1 SMP PREEMPT_DYNAMIC", "machine": "x86_64"},
        "target": "", "libc": "glibc 2.36", "lsm": "", "cpus": 2, "root": True,
        "caps": ["CAP_DAC_OVERRIDE", "CAP_IPC_LOCK", "CAP_IPC_OWNER", "CAP_SYS_ADMIN", "CAP_SYS_RESOURCE"],
        "facts": FACTS, "refused": None, "unprotected": [],
        "limits": {"msgmni": 32000, "msgmax": 8192, "msgmnb": 16384, "semmsl": 32000, "semmns": 1024000000,
                   "semopm": 500, "semmni": 32000, "shmmax": 18446744073692774399,
                   "shmall": 18446744073692774399, "shmmni": 4096},
        "date": "2026-11-21T10:00:00Z", "cases": len({record["case"] for record in cases}),
        "instances": len(cases),
    }
    return record | more


def end(cases: list[Record], **more: Any) -> Record:
    """The last record of a run of cases."""
    verdicts = Counter(record["verdict"] for record in cases)
    verdicts["stale"] = len(more.get("stale", ()))
    record: Record = {
        "record": "end", "verdicts": {word: verdicts[word] for word in WORDS},
        "known": [], "stale": [],
        "cases": len({record["case"] for record in cases}), "instances": len(cases),
        "steps": sum(record["steps"] for record in cases),
        "outcomes": len({outcome for record in cases for outcome in record["outcomes"]
                         if record["verdict"] not in ("skipped", "unsupported", "unresolved", "broken")}),
        "leaks": 0, "deaths": 0, "interrupted": None, "exit": 0,
    }
    return record | more


def calls(operation: str, **arguments: dict[str, str]) -> Record:
    """What calls of an operation came to: of each argument the parts, with results divided by blanks; or,
    after a colon, why there are none."""
    return {"record": "operation", "operation": operation, "arguments": [
        {"name": name, "kind": name.upper(), "parts": [
            {"name": part, "outcomes": results.partition(":")[0].split(),
             "untried": results.partition(":")[2] or None} for part, results in parts.items()]}
        for name, parts in arguments.items()]}


CALLS = [calls("msgget", key={"private": "0", "positive": "0 EEXIST", "negative": ""},
               flg={"IPC_CREAT": "0 EEXIST", "IPC_EXCL": "EEXIST", "no flag": "0"}),
         calls("semctl_SETVAL", num={"negative": ":it is <odd>", "beyond": ":it is <odd>"},
               val={"negative": "", "inside": "0", "beyond": "ERANGE"})]


def run(cases: list[Record], first: Record | None = None, **last: Any) -> list[Record]:
    """A complete run of cases."""
    return [first or begin(cases), *cases, *CALLS, end(cases, **last)]


RUNS: dict[str, list[Record]] = {
    "clean": run(CLEAN),
    "permitted": run([*CLEAN[:5], ORDER, ZERO]),
    "deviates": run([*write_permission_ignored("deviates"), GIVE_AWAY | {
        "verdict": "deviates", "outcomes": ["msgctl_IPC_SET 0", "msgctl_IPC_STAT EACCES", "msgget 0"],
        "findings": [GIVE_AWAY_FINDING]}, EXCL, SETVAL, ZERO],
        begin(CLEAN, subject="model:creator-class=off"), exit=1),
    "known": run([*write_permission_ignored("known", LET_SEND["reason"]), GIVE_AWAY, EXCL],
                 known=[LET_SEND], stale=[GONE]),
    "conflict": run([*CLEAN[:4], CLAIM, SETVAL, ZERO], exit=1),
    "unstable": run([*CLEAN[:6], RACE], exit=1),
    "broken": run([*CLEAN, CRASH, STAT_ANY | {
        "verdict": "unresolved", "reason": "10000 schedules were tried, and more are possible"}],
        leaks=1, exit=99),
    "skipped": run([*CLEAN[:3], not_run(GIVE_AWAY, "skipped", "needs two uids, and the run is not root"),
                    not_run(ZERO, "skipped", "needs two uids, and the run is not root"),
                    not_run(COPY, "skipped", "the kernel was built without CONFIG_CHECKPOINT_RESTORE")],
                   begin(CLEAN[:6], root=False, caps=[], facts=PLAIN)),
    "unsupported": run([not_run(STAT_ANY, "unsupported", "msgctl command 13 gives EINVAL")], exit=77),
    "interrupted": [begin(CLEAN), *CLEAN[:3]],
    "sigint": run(CLEAN[:4], begin(CLEAN), interrupted="SIGINT", exit=1),
    "hostile": run(HOSTILE, begin(HOSTILE, lsm=SCRIPT, abi=FOREIGN, date=SCRIPT, limits={SCRIPT: -1}),
                   exit=1),
}


# ---- the permission space: not stored, because it is large -------------------------------------------------

MODES = 512


def one_map(kind: str, relation: str, **more: list[int]) -> Record:
    """Ten cells in each mode; those of modes with 0400 are granted."""
    record: Record = {
        "record": "map", "kind": kind, "relation": relation, "cells": [10] * MODES,
        "granted": [10 if mode & 0o400 else 0 for mode in range(MODES)],
        "deviates": [0] * MODES, "permitted": [0] * MODES, "known": [0] * MODES, "apart": [0] * MODES}
    return record | more


def walk(*records: Record, **end: Any) -> list[Record]:
    """All records of a walk with these maps and rules."""
    maps = [one for one in records if one["record"] == "map"]
    begin: Record = {
        "record": "matrix", "format": 1, "sysvet": "1", "subject": "kernel", "profile": "linux",
        "system": dict.fromkeys(("sysname", "release", "version", "machine"), "x"),
        "cells": sum(sum(one["cells"]) for one in maps), "relations": ["owner", "stranger"],
        "meanings": ["it is theirs", "it is not"], "capsets": ["none"]}
    sums = {name: sum(sum(one[name]) for one in maps) for name in ("cells", "deviates", "permitted", "known")}
    conforms = 2 * sums["cells"] - sum(sums.values())
    verdicts = {"conforms": conforms, "stale": 0, "skipped": 0, "broken": 0}
    last: Record = {
        "record": "end", "cells": sums["cells"], "rules": 0, "unexplained": 0, "reasons": [],
        "verdicts": verdicts | {name: sums[name] for name in ("deviates", "permitted", "known")},
        "known": [], "stale": [],
        "interrupted": None, "exit": 0}
    return [begin, *records, last | end]


def deviating(mode: int, cells: int) -> list[int]:
    """Cells of one mode deviate."""
    return [cells if number == mode else 0 for number in range(MODES)]


RULE: Record = {
    "record": "rule", "verdict": "deviates", "rule": "every cell where as=<owner>", "cells": 3,
    "differences": [{"what": "EACCES instead of success", "verdict": "deviates", "cells": 3}],
    "example": "matrix/msg/msgsnd[mode=0640,as=owner,caps=none]", "text": "deviates\n  A  msgsnd(x)"}


WALK = walk(RULE, one_map("msg", "owner", deviates=deviating(0o640, 3)), one_map("msg", "stranger"),
            rules=1, unexplained=2, reasons=[{"why": "needs root", "cells": 7}])


# ---- claims of documents: what sysvet docs --json prints ---------------------------------------------------


def claim(name: str, verdict: str = "true", **more: Any) -> Record:
    """A claim of document a, held by one subject."""
    evidence = {"subject": "this kernel", "party": "kernel", "result": "holds", "ran": "A  msgget(<x>)",
                "came": "1 of 1 went as written", "unexpected": False}
    record: Record = {
        "id": name, "document": "a", "place": "7", "claim": f"It is <{name}>.", "verdict": verdict,
        "unexpected": False, "against": None, "varies": None, "uncheckable": None, "note": None,
        "contradicts": [], "evidence": [evidence]}
    return record | more


def documents(found: list[Record]) -> Record:
    """The claims of two documents, of which one claims nothing."""
    pages = [{"name": name, "seed": f"{name}.txt", "title": f"Document {name}"} for name in "ab"]
    return {"format": 1, "documents": pages, "claims": found}


DOCUMENTS = documents([claim("one"), claim("two", "false", against="It is not.", contradicts=["one"]),
                       claim("three", "version-dependent", unexpected=True, varies="Since 6.1 it is.")])


# ---- faults put in on purpose, and code coverage -----------------------------------------------------------

MUTANTS: list[Record] = [
    {"record": "mutants", "source": "rules"},
    {"record": "mutant", "name": "MSGSND-ERR-EACCES=drop", "kind": "rule", "clause": "MSGSND-ERR-EACCES",
     "what": "the rule is dropped", "noticed": True, "cases": ["perm/only-read"], "excluded": None,
     "excused": None},
    {"record": "mutant", "name": "msg.c:7:<b>", "noticed": False, "cases": [],
     "file": "model/msg.c", "line": 7},
    {"record": "mutant", "name": "SEMOP-8=EINVAL", "kind": "errno", "clause": "NO-SUCH-1 SEMOP-8",
     "noticed": False, "what": "EAGAIN instead of EINVAL", "cases": [], "excused": "both are allowed",
     "excluded": None},
    {"record": "mutant", "name": "order", "kind": "order", "noticed": False, "cases": [],
     "excluded": "never broken together"},
    {"record": "end", "exit": 1}]
COVERAGE: Record = {"gcovr/summary_format_version": "0.5", "files": [
    {"filename": name, "line_total": 200, "line_covered": lines, "branch_total": 80,
     "branch_covered": branches}
    for name, lines, branches in (("model/msg.c", 200, 80), ("model/sem.c", 190, 79),
                                  ("real/call.c", 150, 40))]}


def text(records: list[Record]) -> str:
    """The records as the runner writes them."""
    return "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)


if __name__ == "__main__":
    for name, records in RUNS.items():
        (HERE / f"{name}.jsonl").write_text(text(records))
