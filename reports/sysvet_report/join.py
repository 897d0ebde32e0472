"""Records of a run that took several starts, because the target did not survive some cases: one file of them.

An instance that ended the target gets the record of a run on the model, with the verdict deviates, or known
if a baseline says so.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .findings import pattern, read_rows
from .load import Source
from .verdicts import VERDICTS

Record = dict[str, Any]


def whole_records(path: str) -> Iterator[Record]:
    """The records of a file or of a console's log; a line that was cut off says nothing. What else a log has
    is told. Where lines are lost no operation records are left: of a part they would say too little."""
    source, names, status = Source(path, "begin"), set(), 0
    lost = source.console is not None and source.console.lost > 0
    for _, line in source.lines:
        try:
            record = json.loads(line.decode(errors="replace"))
        except ValueError:
            continue
        if isinstance(record, dict) and "record" in record and not (lost and record["record"] == "operation"):
            names.add(record.get("name", ""))
            status = record.get("exit", status)
            yield record
    for text in source.console.told(names, status) if source.console else ():
        print(f"{path}: {text}", file=sys.stderr)


SIGN = "run target-ended"


def ended(record: Record, words: str, rows: Sequence[dict[str, str]]) -> Record:
    """The record of an instance that ended the target, which said these words."""
    row = next((row for row in rows if pattern(row["case"]).match(record["name"])
                and pattern(row["observed"]).match(SIGN)), None)
    judged = {"verdict": "known" if row else "deviates", "reason": row["reason"] if row else None,
              "reference": row["reference"] if row else None}
    finding = judged | {
        "sign": SIGN,
        "aspect": "outcome", "step": 1, "line": record["line"], "actor": "*", "call": "the case as a whole",
        "observed": f"the target ended: {words}", "expected": "every call returns", "linux": "exactly",
        "posix": "the only allowed outcome", "because": ["the case alone ends it again"], "rule": None,
        "replay": f"sysvet run --filter '{record['name']}'", "steps": [],
    }
    return record | judged | {"how": None, "steps": 0, "outcomes": [], "rules": [], "findings": [finding]}


def exit_of(verdicts: dict[str, int]) -> int:
    """The status of a run with these verdicts; the worst of them decides."""
    ran = sum(number for word, number in verdicts.items() if word not in ("skipped", "unsupported"))
    worst = max((int(VERDICTS[word].exit.split(",")[0].split()[0]) for word, number in verdicts.items()
                 if number and word not in ("skipped", "unsupported", "stale")), default=0)
    return worst if ran else 77


def sums(cases: list[Record], ends: list[Record], early: int) -> Record:
    """The last record; early is how many starts of the target came to no end."""
    verdicts = {word: 0 for word in VERDICTS}
    for case in cases:
        verdicts[case["verdict"]] += 1
    seen = {outcome for case in cases if VERDICTS[case["verdict"]].ran for outcome in case["outcomes"]}
    return {"record": "end", "verdicts": verdicts,
            "known": [row for end in ends for row in end["known"]], "stale": [],
            "cases": len({case["case"] for case in cases}), "instances": len(cases),
            "steps": sum(case["steps"] for case in cases), "outcomes": len(seen),
            "leaks": sum(end["leaks"] for end in ends),
            "deaths": early + sum(end.get("deaths", 0) for end in ends),
            "interrupted": None, "exit": exit_of(verdicts)}


def joined(pieces: Iterable[Iterable[Record]], models: Iterable[Record], ends: dict[str, str],
           rows: Sequence[dict[str, str]] = ()) -> Iterator[Record]:
    """All records in the order of the first run; without an end record if an instance has none."""
    begin: Record | None = None
    cases: dict[str, Record] = {}
    calls: list[Record] = []
    last: list[Record] = []
    early = 0
    for number, piece in enumerate(pieces):
        if number:
            calls.clear()    # of a part they would say too little
        before, alone = len(last), False
        for record in piece:
            kind = record["record"]
            if kind == "begin":
                begin = begin or record
                alone = record["instances"] == 1
            elif kind == "case":
                cases.setdefault(record["name"], record)
            elif kind == "end":
                last.append(record)
            else:
                calls.append(record)
        early += len(last) == before and not alone
    for record in models:
        if record["record"] == "case" and record["name"] in ends:
            cases[record["name"]] = ended(record, ends[record["name"]], rows)
    if not begin:
        return
    yield begin
    yield from cases.values()
    if len(cases) >= begin["instances"]:    # of a console lines can be lost
        yield from calls
        yield sums(list(cases.values()), last, early)


def read_ends(path: str) -> dict[str, str]:
    """Names of instances, and what the target said at its end."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return dict(line.rstrip("\n").partition("\t")[::2] for line in file)


def join(pieces: list[str], models: str, ends: str, baseline: str, output: str) -> int:
    """Writes the file; without a baseline nothing is known."""
    rows = read_rows(baseline) if baseline else []
    out = open(output, "w", encoding="utf-8") if output != "-" else sys.stdout
    for record in joined(map(whole_records, pieces), whole_records(models), read_ends(ends), rows):
        out.write(json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n")
    out.flush()
    return 0
