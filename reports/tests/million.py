"""Writes the records of a run of very many instances, as many as a permission space has cells.

usage: million.py FILE [INSTANCES [DEVIATING-PER-THOUSAND]]

Nothing in it is random. One instance in a hundred is skipped, and as many per thousand as asked for deviate.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count, product
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).with_name("data"))]
import make     # noqa: E402  # pylint: disable=wrong-import-position

CALLS = ("msgsnd", "msgrcv", "msgctl_IPC_STAT", "msgctl_IPC_SET", "semop", "semctl_GETVAL", "semctl_SETVAL",
         "semctl_IPC_STAT", "shmat", "shmctl_IPC_STAT", "shmctl_IPC_SET", "shmctl_SHM_LOCK")
WHO = ("owner", "creator", "owner-group", "creator-group", "supplementary", "both", "stranger", "root")
CAPS = ("none", "CAP_IPC_OWNER", "CAP_DAC_OVERRIDE", "CAP_SYS_ADMIN", "all")


def cells() -> Iterator[tuple[str, str, int]]:
    """A call, what stands between the brackets, and the mode; without end."""
    for turn in count():
        for who, caps, mode, call in product(WHO, CAPS, range(512), CALLS):
            yield call, f"mode={mode:04o},as={who},caps={caps},turn={turn}", mode


def cell(call: str, instance: str, mode: int, n: int, deviating: int) -> make.Record:
    """The record of one instance."""
    allowed = mode & 0o444 != 0
    result = "0" if allowed else "EACCES"
    record = make.case(
        f"space/{call}", f"{call} is allowed to those whose class has the bits that it asks for.",
        "XSH-2.7-perm-2,XSH-2.7-perm-9,MSGSND-ERR-EACCES", f"msgget 0,{call} {result},become 0",
        instance=instance, steps=5, rules=[] if allowed else ["MSGSND-ERR-EACCES"])
    if n % 100 == 7:
        return make.not_run(record, "skipped", "needs CAP_SYS_RESOURCE, which this process does not have")
    if n % 1000 >= deviating:
        return record
    return record | {"verdict": "deviates", "findings": [make.finding(
        "deviates", record["name"], call=f"{call}(x)", observed="EACCES" if allowed else "0",
        expected="success" if allowed else "EACCES", rule="MSGSND-ERR-EACCES",
        because=["euid 1000 = uid 1000, so the owner class decides", f"mode {mode:04o} gives it {mode >> 6}"],
        steps=[f"A  x = msgget(IPC_PRIVATE, {mode:04o}) = 0", "A  become(uid 1001)", f"A  {call}(x)"])]}


def write(path: str, instances: int, deviating: int) -> None:
    """The whole file, in constant memory."""
    verdicts: Counter[str] = Counter()
    outcomes: set[str] = set()
    every: list[make.Record] = [make.case(f"space/{call}", "x", "x", "x") for call in CALLS]
    dump: Any = json.JSONEncoder(separators=(",", ":")).encode
    with open(path, "w", encoding="utf-8") as file:
        file.write(dump(make.begin(every, instances=instances)) + "\n")
        for n, (call, instance, mode) in zip(range(instances), cells()):
            record = cell(call, instance, mode, n, deviating)
            verdicts[record["verdict"]] += 1
            if record["outcomes"] and record["verdict"] != "skipped":
                outcomes.update(record["outcomes"])
            file.write(dump(record) + "\n")
        last = make.end(every[:min(instances, len(CALLS))], instances=instances, outcomes=len(outcomes),
                        steps=5 * instances, exit=1 if verdicts["deviates"] else 0)
        last["verdicts"] = {word: verdicts[word] for word in make.WORDS}
        file.write(dump(last) + "\n")


if __name__ == "__main__":
    write(sys.argv[1], *(map(int, [*sys.argv[2:], *("1000000", "5")[len(sys.argv) - 2:]])))
