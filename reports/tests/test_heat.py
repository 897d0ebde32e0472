"""The permission space: its records are checked, and the maps say what the records say."""

import json
from pathlib import Path
from typing import Any

import pytest
from make import RULE, Record, deviating, one_map, walk
from pages import Node, digest_of, parse, stored

from sysvet_report.cli import main
from sysvet_report.heat import heat
from sysvet_report.html import Extras, page
from sysvet_report.load import LoadError, load_matrix

MOST = 5_000_000    # bytes of a page


def write(path: Path, records: list[Record]) -> str:
    """The records as a file."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return str(path)


def shown(records: list[Record], tmp_path: Path) -> Node:
    """The page with these records."""
    return parse(page(digest_of("clean"), Extras(heat(load_matrix(write(tmp_path / "m.jsonl", records))))))


def test_a_spot_stands_for_the_modes_with_one_digit(tmp_path: Path) -> None:
    records = walk(one_map("msg", "owner", deviates=deviating(0o640, 3)))
    row = heat(load_matrix(write(tmp_path / "m.jsonl", records))).kinds[0].modes[0]
    assert len(row.spots) == 24
    assert all(spot.cells == 640 for spot in row.spots)
    assert [spot.deviates for spot in row.spots] == [
        3 if at in (6, 8 + 4, 16 + 0) else 0 for at in range(24)]
    assert [spot.granted for spot in row.spots[:8]] == [0] * 4 + [640] * 4
    assert [spot.shade for spot in row.spots[:8]] == [0] * 4 + [5] * 4
    assert {spot.shade for spot in row.spots[8:]} == {3}


def test_what_deviates_is_seen_at_a_glance_and_explained(tmp_path: Path) -> None:
    records = walk(one_map("msg", "owner", deviates=deviating(0o640, 3)), one_map("msg", "stranger"))
    root = shown([records[0], RULE, *records[1:]], tmp_path)
    spots = root.all("td", "spot")
    assert len(spots) == 2 * 24
    marked = root.all("td", "differs")
    assert [spot.text.strip() for spot in marked] == ["3"] * 3
    assert "tone-bad" in marked[0].attributes["class"]
    assert marked[0].attributes["data-says"] == (
        "msg, as=owner, owner digit 6: 640 of 640 cells granted, 3 deviate.")
    assert not any("tabindex" in spot.attributes for spot in spots)     # a table, not a thousand stops
    assert "every cell where as=<owner>" in root.text
    assert "3 deviates" in root.by_id("verdict").text + root.text


def test_what_is_known_stands_out_less_than_what_deviates(tmp_path: Path) -> None:
    records = walk(one_map("msg", "owner", known=deviating(0o640, 3)))
    assert records[-1]["verdicts"]["conforms"] == 5117
    told = heat(load_matrix(write(tmp_path / "m.jsonl", records)))
    spot = told.kinds[0].modes[0].spots[6]
    assert (spot.tone, spot.mark, told.tone) == ("note", "3", "note")
    assert spot.explanation.endswith("640 of 640 cells granted, 3 differ as is known.")
    assert told.sentence.endswith("ran: 3 known.")


def test_a_page_without_a_walk_has_no_maps() -> None:
    assert not parse(page(digest_of("clean"))).all("td", "spot")


def test_a_whole_space_is_a_small_page(tmp_path: Path) -> None:
    maps = [one_map(kind, f"relation {number}") for kind in ("msg", "sem", "shm") for number in range(17)]
    made = page(digest_of("clean"), Extras(heat(load_matrix(write(tmp_path / "m.jsonl", walk(*maps))))))
    assert len(made) < MOST


def test_a_walk_that_was_cut_off_is_no_pass(tmp_path: Path) -> None:
    cut = heat(load_matrix(write(tmp_path / "m.jsonl", walk(one_map("msg", "owner"))[:-1])))
    assert cut.tone == "warn"
    assert "cut off" in cut.sentence


@pytest.mark.parametrize("change, what", [
    (lambda records: records[-1].update(cells=1), 'found 1 in "cells", expected 5120'),
    (lambda records: records[-1]["verdicts"].update(deviates=7), 'found 7 in "deviates", expected 0'),
    (lambda records: records[-1]["verdicts"].update(known=7), 'found 7 in "known", expected 0'),
    (lambda records: records[1].update(granted=[1]), 'found 1 numbers in "granted", expected 512'),
    (lambda records: records.append(records[-1]), "found a line after the end record"),
    (lambda records: records.pop(0), 'found "map" in "record", expected "matrix"'),
])
def test_records_that_do_not_add_up_are_refused(change: Any, what: str, tmp_path: Path) -> None:
    records = walk(one_map("msg", "owner"))
    change(records)
    with pytest.raises(LoadError) as wrong:
        load_matrix(write(tmp_path / "m.jsonl", records))
    assert what in str(wrong.value)


def test_the_command_takes_both_files(tmp_path: Path) -> None:
    matrix = write(tmp_path / "m.jsonl", walk(one_map("sem", "owner")))
    assert main(["html", stored("clean"), "-o", str(tmp_path / "page.html"), "--matrix", matrix]) == 0
    assert 'id="permissions"' in (tmp_path / "page.html").read_text()
