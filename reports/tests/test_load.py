"""Reading: what is accepted, and how exactly an error says what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from pages import DESCRIBE, REQUIREMENTS, STORED, raw, stored

from sysvet_report.cli import main
from sysvet_report.load import LoadError, load_describe, load_matrix, load_requirements, load_run

Records = list[dict[str, Any]]


def compact(record: Any) -> str:
    """A record as the runner writes it."""
    return json.dumps(record, separators=(",", ":"))


def write(path: Path, records: Records) -> str:
    """A file of records."""
    path.write_text("".join(compact(record) + "\n" for record in records))
    return str(path)


@pytest.mark.parametrize("name", STORED)
def test_stored_run_is_read_whole(name: str) -> None:
    run, records = load_run(stored(name)), raw(name)
    names = [record["name"] for record in records if record["record"] == "case"]
    assert [case.name for case in run.cases] == names
    assert (run.end is None) == (records[-1]["record"] != "end")
    assert not run.torn


def test_unknown_fields_are_ignored(tmp_path: Path) -> None:
    records = raw("deviates")
    for record in [*records, records[0]["system"], records[1]["findings"][0]]:
        record["new"] = {"of": ["a", "later", "version"]}
    assert load_run(write(tmp_path / "r", records)) == load_run(stored("deviates"))


def places(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record and the objects in it whose fields are fixed."""
    inner = [record[key] for key in ("system", "verdicts") if key in record]
    return [record, *inner, *record.get("findings", [])]


def fields_of_all_kinds() -> list[tuple[int, int, str]]:
    """Line, place in it and name, of every field of one begin, case, operation and end record."""
    records = raw("deviates")
    return [(line, place, name) for line in (0, 1, len(records) - 2, len(records) - 1)
            for place, holder in enumerate(places(records[line])) for name in holder]


# By kind of record, fields that the first files did not have, and what they mean without.
LATER: dict[str, dict[str, Any]] = {
    "begin": {"target": "", "refused": None, "unprotected": (), "facts": {}},
    "case": {"reference": None, "script": (), "left": 0},
    "finding": {"sign": "", "reason": None, "reference": None},
    "operation": {},
    "end": {"outcomes": None, "deaths": None, "known": (), "stale": ()},
}


def kind_of(record: dict[str, Any]) -> str:
    """What kind of record it is; what is inside of one has no name there."""
    return str(record.get("record", "finding" if "because" in record else "another"))


def is_later(holder: dict[str, Any], name: str) -> bool:
    """The first files did not have the field."""
    return name in LATER.get(kind_of(holder), {})


@pytest.mark.parametrize("line, place, name", fields_of_all_kinds())
def test_missing_field(tmp_path: Path, line: int, place: int, name: str) -> None:
    records = raw("deviates")
    holder = places(records[line])[place]
    del holder[name]
    if is_later(holder, name):
        run = load_run(write(tmp_path / "r", records))
        assert run.end
        read = {"begin": run.begin, "case": run.cases[0], "finding": run.cases[0].findings[0], "end": run.end}
        assert getattr(read[kind_of(holder)], name) == LATER[kind_of(holder)][name]
        return
    column = compact(records[line]).index(compact(holder)) + 1
    with pytest.raises(LoadError) as error:
        load_run(write(tmp_path / "r", records))
    inside = {(0, 1): ' in "system"', (1, 1): ' in "findings"'}.get((line, place), "")
    where = f"{tmp_path}/r:{line + 1}:{column}: "
    assert str(error.value).startswith(f'{where}found no "{name}"{inside}, expected "{name}": ')


@pytest.mark.parametrize("line, place, name", fields_of_all_kinds())
def test_field_of_wrong_type(tmp_path: Path, line: int, place: int, name: str) -> None:
    records = raw("deviates")
    holder = places(records[line])[place]
    holder[name] = 1.5
    text, member = compact(records[line]), f'"{name}":1.5'
    column = text.index(member, text.index(compact(holder))) + len(member) - 2
    with pytest.raises(LoadError) as error:
        load_run(write(tmp_path / "r", records))
    where = f"{tmp_path}/r:{line + 1}:{column}: "
    assert str(error.value).startswith(f'{where}found 1.5 in "{name}", expected ')


LAST = len(raw("clean")) - 1

# Line of the clean run, what is replaced there, by what (the ^ marks the column of the error), the error.
WRONG = [
    (0, '"record":"begin"', '"record":^"case"', 'found "case" in "record", expected "begin"'),
    (1, '"record":"case"', '"record":^"begin"',
     'found "begin" in "record", expected "case" or "operation" or "end"'),
    (1, '{"record":"case",', "^{", 'found no "record", expected "record": "case" or "operation" or "end"'),
    (1, '{"record":"case"', '{"record":"case"^]', 'found "]", expected well-formed JSON'),
    (1, '"]}', '"]^', "found the end, expected well-formed JSON"),
    (1, '"]}', '"]}^{', 'found "{", expected well-formed JSON'),
    (0, '"format":1', '"format":^2', 'found 2 in "format", expected 1 at most: a newer sysvet wrote this'),
    (0, '"format":1', '"format":^0', 'found 0 in "format", expected 1'),
    (0, '"format":1', '"format":^true', 'found true in "format", expected 1'),
    (0, '"cpus":2', '"cpus":^true', 'found true in "cpus", expected an integer'),
    (0, '"cpus":2', '"cpus": ^"2"', 'found "2" in "cpus", expected an integer'),
    (0, '"root":true', '"root":^1', 'found 1 in "root", expected true or false'),
    (0, '"sysname":"Linux"', '"sysname":^null', 'found null in "sysname", expected a string'),
    (0, '"CAP_IPC_LOCK"', "^7", 'found 7 in "caps", expected a string'),
    (0, '"msgmax":8192', '"msgmax":^[8192]', 'found a list in "msgmax", expected an integer'),
    (0, '"caps":[', '"caps":^{},"x":[', 'found an object in "caps", expected a list'),
    (0, '"limits":{', '"limits":^[],"x":{', 'found a list in "limits", expected an object'),
    (0, '"cpus":2', '"cpus":2,"cpus":^null', 'found null in "cpus", expected an integer'),
    (1, '"instance":"mode=0400"', '"instance":^4', 'found 4 in "instance", expected a string or null'),
    (1, '"verdict":"conforms"', '"verdict":^"passes"', 'found "passes" in "verdict", expected one of con'),
    (1, '"how":"solo"', '"how":^"alone"', 'found "alone" in "how", expected one of solo, processes, timed'),
    (1, '"msgget 0"', '^"msgget"', 'found "msgget" in "outcomes", expected an operation, a blank and its'),
    (1, '"msgget 0"', '^"msgget "', 'found "msgget " in "outcomes", expected an operation, a blank and its'),
    (1, '"claim":"', '"x\\"":"}","claim":^1,"y":"', 'found 1 in "claim", expected a string'),
    (1, '"claim":"', '"claim":^["' + "x" * 50 + '"],"y":"', 'found a list in "claim", expected a string'),
    (1, '"steps":4', '"steps":^"' + "x" * 90 + '"', f'found "{"x" * 39}... in "steps", expected an integer'),
    (2, '"name":"perm/only-read[mode=0440]"', '"name":^"perm/only-read[mode=0400]"',
     'found "perm/only-read[mode=0400]" again, expected a name that is new'),
    (LAST, '"conforms":7', '"conforms":^8', 'found 8 in "conforms", expected 7, which is what the'),
    (LAST, '"deviates":0', '"deviates":^1', 'found 1 in "deviates", expected 0, which is what the records'),
    (LAST, '"instances":7', '"instances":^6', 'found 6 in "instances", expected 7, which is what the'),
    (LAST, '"cases":5', '"cases":^4', 'found 4 in "cases", expected 5, which is what the records'),
    (LAST, '"exit":0}', '"exit":0}\n^{}', "found a line after the end record, expected nothing"),
]


@pytest.mark.parametrize("line, old, new, error", WRONG)
def test_wrong_record(tmp_path: Path, line: int, old: str, new: str, error: str) -> None:
    lines = Path(stored("clean")).read_text().splitlines()
    assert old in lines[line]
    text = "\n".join([*lines[:line], lines[line].replace(old, new, 1), *lines[line + 1:]])
    before, after = text.split("^")
    (tmp_path / "r").write_text(before + after + "\n")
    where = f"{tmp_path}/r:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "
    with pytest.raises(LoadError) as raised:
        load_run(str(tmp_path / "r"))
    assert str(raised.value).startswith(where + error)


OLDEST = Path(__file__).with_name("data") / "oldest"


def test_the_first_form_of_version_1_is_read() -> None:
    run = load_run(str(OLDEST / "run.jsonl"))
    assert run.begin.facts == {"page": 4096, "shmlba": 4096, "checkpoint_restore": 1, "initial_userns": 1}
    assert run.end and (run.end.instances, run.end.verdicts["deviates"]) == (16, 5)
    assert [len(case.findings) for case in run.cases if case.verdict.word == "deviates"] == [3, 3, 3, 3, 6]
    assert run.begin.limits["msgmax"] == 8192


def test_the_first_form_of_a_walk_is_read() -> None:
    walk = load_matrix(str(OLDEST / "matrix.jsonl"))
    assert [sum(one.deviates) for one in walk.maps] == [0, 512]
    assert walk.maps[0].known == (0,) * 512
    assert walk.end and (walk.end.cells, walk.end.stale) == (1024, ())


def test_a_walk_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    text = (OLDEST / "matrix.jsonl").read_text().replace('"format":1', '"format":2', 1)
    (tmp_path / "r").write_text(text)
    with pytest.raises(LoadError, match='found 2 in "format", expected 1 at most: a newer sysvet wrote'):
        load_matrix(str(tmp_path / "r"))


@pytest.mark.parametrize("arguments", [
    ["summary", "run"], ["html", "run"], ["tap", "run"], ["ktap", "run"], ["ltp", "run"], ["junit", "run"],
    ["ctrf", "run"], ["github", "run"], ["markdown", "run"], ["compare", "run", "run"],
    ["compare", "matrix", "matrix"]])
def test_everything_is_made_of_the_first_form(tmp_path: Path, arguments: list[str]) -> None:
    command, *names = arguments
    files = [str(OLDEST / f"{name}.jsonl") for name in names]
    assert main([command, *files, *([] if command == "summary" else ["-o", str(tmp_path / "made")])]) == 0
    assert command == "summary" or (tmp_path / "made").stat().st_size


def test_a_page_does_without_facts(tmp_path: Path) -> None:
    records = raw("clean")
    records[0]["facts"] = {}
    assert main(["html", write(tmp_path / "r", records), "-o", str(tmp_path / "made")]) == 0
    assert "in an unknown user namespace" in (tmp_path / "made").read_text()


def test_stale_rows_are_counted_by_the_end_alone(tmp_path: Path) -> None:
    records = raw("known")
    run = load_run(write(tmp_path / "r", records))
    assert run.end and run.end.verdicts["stale"] == 1
    assert (run.end.stale[0].name, run.end.known[0].times) == ("ids/excl-*", 3)
    records[-1]["verdicts"]["stale"] = 3
    with pytest.raises(LoadError, match='found 3 in "stale", expected 1'):
        load_run(write(tmp_path / "r", records))


def test_a_known_finding_has_the_reason_of_its_row() -> None:
    run = load_run(stored("known"))
    found = run.cases[0].findings[0]
    assert (found.sign, found.reason, found.reference) == (
        "msgsnd 0", "fixed in 6.19", "https://example.org/1234")
    assert (run.cases[0].reason, run.cases[0].reference) == (found.reason, found.reference)


@pytest.mark.parametrize("content, error", [
    (b"", "1:1: found nothing, expected a begin record"),
    (b"[]\n", "1:1: found a list, expected an object"),
    (b"\n\n", "1:1: found nothing, expected a begin record"),
    (b'{"record":"\xff"}\n', "1:12: found byte 0xff, expected UTF-8"),
    ('{"é":"'.encode() + b"\xc3", "1:7: found byte 0xc3, expected UTF-8"),
    (b'{"record":"beg', '1:11: found "\\"", expected well-formed JSON (Unterminated string'),
    (b"[" * 100000 + b"\n", "1:1: found JSON that is too large"),
    (b'{"record":' + b"9" * 10000 + b"}\n", "1:1: found JSON that is too large"),
])
def test_not_records_at_all(tmp_path: Path, content: bytes, error: str) -> None:
    (tmp_path / "r").write_bytes(content)
    with pytest.raises(LoadError) as raised:
        load_run(str(tmp_path / "r"))
    assert str(raised.value).startswith(f"{tmp_path}/r:{error}")


@pytest.mark.parametrize("cut", [1, 2, 40, 200])
def test_torn_last_line(tmp_path: Path, cut: int) -> None:
    content = Path(stored("hostile")).read_bytes()[:-cut]
    (tmp_path / "r").write_bytes(content)
    run = load_run(str(tmp_path / "r"))
    assert (run.torn, run.end is None) == (cut > 1, cut > 1)
    assert run.cases == load_run(stored("hostile")).cases


def test_torn_inside_a_character(tmp_path: Path) -> None:
    begin = Path(stored("clean")).read_bytes().splitlines(keepends=True)[0]
    (tmp_path / "r").write_bytes(begin + '{"record":"cas\u00e9'.encode()[:-1])
    assert load_run(str(tmp_path / "r")).torn


def test_broken_line_in_the_middle_is_no_interruption(tmp_path: Path) -> None:
    lines = Path(stored("clean")).read_bytes().splitlines(keepends=True)
    (tmp_path / "r").write_bytes(lines[0] + lines[1][:50] + b"\n" + lines[2])
    with pytest.raises(LoadError, match="r:2:"):
        load_run(str(tmp_path / "r"))


def test_requirements() -> None:
    rows = load_requirements(REQUIREMENTS)
    assert len(rows) == len(Path(REQUIREMENTS).read_text().splitlines()) - 1
    assert rows[0].id == "XSH-2.7-perm-2" and rows[0].source == "XSH 2.7.1"


HEADINGS = "id\tinterface\tstrength\tsource\tparaphrase\tunwitnessed\n"


@pytest.mark.parametrize("text, error", [
    ("", "1:1: found nothing, expected the headings id interface strength source paraphrase "
     "unwitnessed"),
    ("id\tstrength\n", '1:1: found "id\\tstrength", expected the headings id interface'),
    (HEADINGS + "A-1\tall\tLinux\tx\n", "2:16: found 4 columns, expected 6"),
    (HEADINGS + "A-1\tall\tLinux\tx\ty\tz\t0\n", "2:20: found 7 columns, expected 6"),
    (HEADINGS + "A-1\ta\tb\tc\td\t\n" * 2, '3:1: found "A-1" again, expected an id that no row before has'),
])
def test_wrong_requirements(tmp_path: Path, text: str, error: str) -> None:
    (tmp_path / "r.tsv").write_text(text)
    with pytest.raises(LoadError) as raised:
        load_requirements(str(tmp_path / "r.tsv"))
    assert str(raised.value).startswith(f"{tmp_path}/r.tsv:{error}")


def test_describe() -> None:
    described = json.loads(Path(DESCRIBE).read_text())["operations"]
    names = [operation["name"] for operation in described]
    assert [operation.name for operation in load_describe(DESCRIBE).operations] == names


@pytest.mark.parametrize("text, error", [
    ("{}", '1:1: found no "operations", expected "operations": a list'),
    ('{"operations":\n [{"name": "msgget",\n   "family": 7, "rules": []}]}',
     '3:14: found 7 in "family", expected a string'),
    ('{"operations":\n [}', '2:3: found "}", expected well-formed JSON'),
])
def test_wrong_describe(tmp_path: Path, text: str, error: str) -> None:
    (tmp_path / "d").write_text(text)
    with pytest.raises(LoadError) as raised:
        load_describe(str(tmp_path / "d"))
    assert str(raised.value).startswith(f"{tmp_path}/d:{error}")
