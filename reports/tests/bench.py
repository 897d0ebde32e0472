"""How long a page takes, and how much memory: make bench-report. Nothing is asserted.

usage: bench.py FOLDER [INSTANCES]
"""

import os
import subprocess
import sys
import time
from pathlib import Path

import million

REPORT = Path(__file__).parents[1] / "sysvet-report"
CLAUSES = Path(__file__).parents[2] / "cases" / "requirements.tsv"


def measure(folder: Path, instances: int, deviating: int) -> str:
    """A page of so many instances, so many per thousand of which deviate."""
    records, page = folder / "records.jsonl", folder / "page.html"
    million.write(str(records), instances, deviating)
    start = time.monotonic()
    with subprocess.Popen([sys.executable, str(REPORT), "html", str(records), "-o", str(page),
                           "--requirements", str(CLAUSES)]) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    elapsed = time.monotonic() - start
    line = (f"{instances:9,} instances  {deviating / 10:5.1f} % deviate"
            f"  {records.stat().st_size / 1e6:6.0f} MB  {elapsed:5.1f} s"
            f"  {used.ru_utime + used.ru_stime:5.1f} s of processor"
            f"  {used.ru_maxrss / 1024:4.0f} MB  page {page.stat().st_size / 1e6:.2f} MB")
    records.unlink()
    return line


def main() -> None:
    """Two runs: one as it should be, and one of which a part deviates."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    instances = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    for deviating in (0, 5):
        print(measure(folder, instances, deviating), flush=True)


if __name__ == "__main__":
    main()
