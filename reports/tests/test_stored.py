"""The stored runs are what make.py writes, and there is one for every verdict word."""

import make
import pytest
from pages import DATA, STORED, raw

from sysvet_report.verdicts import VERDICTS


def test_every_run_is_stored() -> None:
    assert sorted(make.RUNS) == STORED


@pytest.mark.parametrize("name", STORED)
def test_is_up_to_date(name: str) -> None:
    assert (DATA / f"{name}.jsonl").read_text() == make.text(make.RUNS[name])


def test_every_verdict_occurs() -> None:
    seen = {record["verdict"] for name in STORED for record in raw(name) if record["record"] == "case"}
    assert raw("known")[-1]["stale"]
    assert seen | {"stale"} == set(VERDICTS) == set(make.WORDS)
