"""Runs side by side: what differs is told, who agrees with whom is right, and nobody's file can do harm."""

import os
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import make
import pytest
from pages import STORED, parse, raw, stored
from test_cli import SCRIPT
from test_formats import rendered, text_of
from test_load import write
from test_valid import TIDY, complaints, strict

from sysvet_report.cli import main
from sysvet_report.compare.columns import MOST, read_all, split
from sysvet_report.compare.compare import BEHAVIOUR, PRESENCE, VERDICT, Comparison, compare
from sysvet_report.compare.foreign import Result, Suite
from sysvet_report.compare.forms import FORMS
from sysvet_report.load import LoadError
from sysvet_report.words import printable

Records = list[dict[str, Any]]


def compared(*files: str) -> Comparison:
    """Stored runs, by name, or other files side by side."""
    return compare(read_all([stored(file) if file in STORED else file for file in files]))


def names(comparison: Comparison) -> list[str]:
    """What the columns are called."""
    return [column.name for column in comparison.columns]


def changed(tmp_path: Path, name: str, **begin: Any) -> str:
    """A stored run on another system."""
    records = raw(name)
    records[0] |= begin
    return write(tmp_path / f"{len(list(tmp_path.iterdir()))}.jsonl", records)


def system(release: str) -> dict[str, str]:
    """A kernel."""
    return {"sysname": "Linux", "release": release, "version": "#1", "machine": "x86_64"}


# ---- ours --------------------------------------------------------------------------------------------


def test_a_run_agrees_with_itself() -> None:
    made = compared("clean", "clean")
    assert made.same and not made.rows and made.headline == "The 2 columns agree in all of 7 instances"
    assert made.clusters == [names(made)]


def test_another_behaviour() -> None:
    made = compared("clean", "deviates")
    assert not made.same and made.headline == "2 cases differ between the 2 columns"
    first, second = made.of(BEHAVIOUR)
    assert made.rows == [first, second]
    assert first.case == "perm/only-read"
    assert first.names == tuple(f"perm/only-read[mode={mode}]" for mode in ("0400", "0440", "0444"))
    assert [(one.label, one.word, one.tone) for one in first.cells] == [
        ("A", "conforms", "good"), ("B", "deviates", "bad")]
    assert [way.says for way in second.ways] == [
        ("only here: msgctl_IPC_STAT 0, msgrcv 0, msgrcv blocks, msgsnd 0",),
        ("step 3: A msgctl_IPC_STAT(q): observed EACCES, expected 0", "clause XSH-2.7-perm-9")]


def test_the_same_behaviour_under_another_verdict() -> None:
    made = compared("deviates", "known")
    assert made.deviates
    row = next(row for row in made.rows if row.case == "perm/only-read")
    assert row.kind is VERDICT and [one.word for one in row.cells] == ["deviates", "known"]
    assert {one.label for one in row.cells} == {"A"}


def test_a_wrong_claim_is_no_behaviour() -> None:
    made = compared("clean", "conflict")
    assert [(row.case, row.kind) for row in made.rows] == [("ids/excl-fails-on-existing-queue", VERDICT)]
    assert made.headline == "The 2 columns behave the same in all that they ran" and not made.same


def test_what_decides_and_what_is_known_stands_below() -> None:
    made = compared("clean", "known")
    assert made.headline.endswith(" between the 2 columns, and none deviates")
    [row] = made.of(BEHAVIOUR)[:1]
    known = raw("known")
    finding = next(one["findings"][0] for one in known if one.get("verdict") == "known")
    assert f"known: {finding['reason']} [{finding['reference']}]" in row.ways[1].says
    [row] = compared("clean", "deviates").of(BEHAVIOUR)[:1]
    rule = next(one["findings"][0]["rule"] for one in raw("deviates") if one.get("name") == row.names[0])
    assert f"clause {rule}" in row.ways[1].says


@pytest.mark.parametrize("form", FORMS)
def test_a_run_that_is_missing_is_told(form: str, tmp_path: Path) -> None:
    out, files = tmp_path / "out", [stored("clean"), stored("clean")]
    arguments = ["compare", "--format", form, "-o", str(out), *files, "--missing", "uml=Never seen.",
                 "--missing", "x"]
    assert main(arguments) == 1
    text = out.read_text()
    assert "uml is missing" in text and "Never seen." in text and "x is missing" in text


def test_what_did_not_run_is_no_disagreement() -> None:
    made = compared("clean", "skipped")
    assert {row.kind for row in made.rows} == {PRESENCE} and not made.same
    by_case = {row.case: row for row in made.rows}
    waits = by_case["sem/wait-for-zero-is-released-by-decrement"]
    assert [(one.label, one.word) for one in waits.cells] == [("A", "conforms"), ("", "skipped")]
    assert waits.ways[1].says == ("needs two uids, and the run is not root",)
    assert [one.word for one in by_case["ids/excl-fails-on-existing-queue"].cells] == ["conforms", "absent"]
    assert made.clusters == [names(made)]


def test_a_run_that_was_cut_off_keeps_what_it_has_and_says_so() -> None:
    made = compared("clean", "interrupted")
    assert made.columns[1].problem == "the run was interrupted: its records stop after 3 of 7 instances"
    assert {row.kind for row in made.rows} == {PRESENCE}
    assert {row.cells[1].word for row in made.rows} == {"not reached"}
    for form in FORMS.values():
        assert "its records stop after 3 of 7 instances" in form(made)
    assert not compared("interrupted", "interrupted").same


@pytest.mark.parametrize("damage", [b"{\n", b"\xff\n", b'{"record":"case"}\n', b'{"record":"ca'])
def test_a_damaged_file_keeps_its_beginning(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "r"
    path.write_bytes(b"".join([*Path(stored("clean")).read_bytes().splitlines(keepends=True)[:4], damage]))
    column = compared("clean", str(path)).columns[1]
    assert len(column.answers) == 3 and column.problem
    if damage.endswith(b"\n"):
        assert column.problem.startswith(f"the records are damaged: {path}:5:")


def test_a_run_that_was_strict_is_complete(tmp_path: Path) -> None:
    records = raw("permitted")
    records[-1] |= {"exit": 1}
    assert compared("permitted", write(tmp_path / "r", records)).same


def test_who_agrees_with_whom(tmp_path: Path) -> None:
    files = [f"{name}={changed(tmp_path, run)}" for name, run in (
        ("a", "clean"), ("b", "deviates"), ("c", "clean"), ("d", "deviates"), ("e", "permitted"))]
    made = compared(*files)
    assert made.clusters == [["a", "c"], ["b", "d"], ["e"]]
    assert made.agreement == [(["a", "c"], "agree in all that they ran"), (["b", "d"], made.agreement[0][1]),
                              (["e"], "agrees fully with no other")]
    assert compared(*files, f"f={changed(tmp_path, 'unstable')}").agreement[2:] == [
        (["e", "f"], "agree fully with no other")]
    differ = [[pair.differ if pair else None for pair in line] for line in made.pairs]
    assert differ[0] == [None, 4, 0, 4, 1] and differ[1] == [4, None, 4, 0, 5]
    assert [line[n] for n, line in enumerate(differ)] == [None] * 5
    assert all(differ[a][b] == differ[b][a] for a in range(5) for b in range(5))
    assert [(split.groups, split.cases, split.instances) for split in made.splits] == [
        ((("a", "c", "e"), ("b", "d")), 2, 4), ((("a", "b", "c", "d"), ("e",)), 1, 1)]


def test_columns_that_ran_nothing_in_common_do_not_agree() -> None:
    made = compared("clean", "unsupported")
    assert len(made.clusters) == 2 and made.pairs[0][1] and made.pairs[0][1].both == 0
    assert made.agreement == [(names(made), "do not agree, no two of them")]


def test_names_come_from_what_differs(tmp_path: Path) -> None:
    old, new = system("6.1.0"), system("6.12.0")
    assert names(compared(changed(tmp_path, "clean", system=old),
                          changed(tmp_path, "clean", system=new))) == ["Linux 6.1.0", "Linux 6.12.0"]
    assert names(compared(changed(tmp_path, "clean", system=old, abi="raw i386"),
                          changed(tmp_path, "clean", system=old, abi="raw x86_64", libc="musl"))) == [
        "raw i386/glibc 2.36", "raw x86_64/musl"]
    assert names(compared(changed(tmp_path, "clean", target="gvisor", system=old),
                          changed(tmp_path, "clean", system=new))) == ["gvisor/Linux 6.1.0", "Linux 6.12.0"]
    assert names(compared(changed(tmp_path, "clean"), changed(tmp_path, "clean", date="2027"))) == [
        "Linux 6.18.44/2026-11-21T10:00:00Z", "Linux 6.18.44/2027"]
    assert names(compared("clean", "clean")) == ["Linux 6.18.44", "Linux 6.18.44 #2"]
    assert names(compared(changed(tmp_path, "clean"), changed(tmp_path, "clean", date="2027"),
                          changed(tmp_path, "clean", system=old))) == [
        "Linux 6.18.44/2026-11-21T10:00:00Z", "Linux 6.18.44/2027", "Linux 6.1.0"]
    assert names(compared("clean", "skipped", "deviates")) == [
        "kernel/root", "kernel/not root", "model:creator-class=off/root"]
    assert names(compared("x=" + stored("clean"), "x=" + stored("clean"))) == ["x", "x #2"]


def test_a_file_whose_name_has_an_equals_sign(tmp_path: Path) -> None:
    path = tmp_path / "mode=0400"
    path.write_text("")
    assert split(str(path)) == (None, str(path))
    assert split(f"a=b={path}") == ("a", f"b={path}") and split("=x") == (None, "=x")


# ---- the permission space, and logs of consoles ------------------------------------------------------


def walked(path: Path, *maps: Any, rules: tuple[Any, ...] = ()) -> str:
    """A walk through the permission space."""
    records = make.walk(*maps)
    return write(path, [records[0], *rules, *records[1:]])


def test_walks_stand_side_by_side(tmp_path: Path) -> None:
    first = walked(tmp_path / "a", make.one_map("msg", "owner"), make.one_map("msg", "stranger"))
    second = walked(tmp_path / "b", make.one_map("msg", "owner", deviates=make.deviating(0o640, 3)),
                    make.one_map("msg", "stranger"), rules=(make.RULE,))
    made = compared(f"a={first}", f"b={second}")
    row = next(row for row in made.rows if row.case == "matrix/msg[as=owner,by=mode]")
    assert row.kind is BEHAVIOUR and [one.word for one in row.cells] == ["conforms", "deviates"]
    assert row.ways[1].says == ("some deviate in mode 0640",)
    assert not [row for row in made.rows if "stranger" in row.case]
    assert any(note.endswith(make.RULE["rule"]) for note in made.columns[1].made.notes)
    for form in FORMS.values():
        assert "every cell where as=" in form(made)
    assert compared(first, first).same


def test_walks_with_the_same_sum_in_other_modes_differ(tmp_path: Path) -> None:
    files = [walked(tmp_path / name, make.one_map("msg", "owner", deviates=make.deviating(mode, 3)))
             for name, mode in (("a", 0o640), ("b", 0o604))]
    assert [row.case for row in compared(*files).rows] == ["matrix/msg[as=owner,by=mode]"]
    many = [walked(tmp_path / name, make.one_map("msg", "owner", deviates=make.deviating(0o640, n)))
            for name, n in (("c", 3), ("d", 4))]
    assert [row.case for row in compared(*many).rows] == ["matrix/msg[as=owner,by=mode]"]


def test_a_walk_that_was_cut_off(tmp_path: Path) -> None:
    path = walked(tmp_path / "a", make.one_map("msg", "owner"))
    whole = Path(path).read_text().splitlines(keepends=True)
    (tmp_path / "b").write_text("".join(whole[:-1]))
    made = compared(path, str(tmp_path / "b"))
    assert made.columns[1].problem == "the walk was interrupted: its records have no end" and not made.same


def frames(records: bytes) -> bytes:
    """Records on a console."""
    sent = b"<6>[    0.0] Linux version 6.1\r\n"
    for number, line in enumerate(records.splitlines()):
        head = b"%06d" % number
        total = zlib.crc32(head + b" . " + line)
        sent += b"@sv %s %08x . %s\r\n" % (head, total, line)
    return sent


def test_the_log_of_a_console_is_a_run(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(frames(Path(stored("clean")).read_bytes()))
    assert compared("clean", str(log)).same


# ---- other suites ------------------------------------------------------------------------------------


def suite(tmp_path: Path, text: str | bytes) -> Suite:
    """A file of another suite."""
    path = tmp_path / "suite"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return compared("clean", str(path)).suites[0]


def words(made: Suite) -> dict[str, str]:
    """What became of each test."""
    return {name: result.status for name, result in made.results.items()}


@pytest.mark.parametrize("text, expected", [
    ("TAP version 13\n1..4\nok 1 - a\nnot ok 2 - b # TODO later\nok 3 c # skip no\nnot ok 4\n",
     {"a": "pass", "b": "known", "c": "skip", "test 4": "fail"}),
    ("ok 1 - a\nnot ok 2 - b\n1..2\n", {"a": "pass", "b": "fail"}),
    ("1..2\nok 1 - same\nnot ok 2 - same\n", {"same": "pass", "same #2": "fail"}),
    ("1..1\nok 1 - a \\# b \\\\ # SKIP x\n", {"a # b \\": "skip"}),
    ("KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n  ok 1 a\n  not ok 2 b # SKIP x\nnot ok 1 s\n",
     {"s/a": "pass", "s/b": "skip", "s": "fail"}),
    ("1..2\n  1..2\n    1..1\n    ok 1 x\n  ok 1 a\n  not ok 2 b\nnot ok 1 s\nok 2 t # XFAIL z\n",
     {"s/a/x": "pass", "s/b": "fail", "t": "known"}),
    ("TAP version 14\n# Subtest: in\n    ok 1 - a\n    1..1\nok 1 - in\n1..1\n", {"in/a": "pass"}),
    ("1..2\nnot ok 1 - a\\\nok 2 - \\#\n", {"a\\": "fail", "#": "pass"}),
    ("TAP version 13\r\n1..1\r\nok 1 - a\r\n", {"a": "pass"}),
    ("TAP version 13\n1..0 # SKIP all\n", {}),
])
def test_tap_of_others(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    made = suite(tmp_path, text)
    assert (made.kind, words(made), made.problem) == ("TAP", expected, None)


@pytest.mark.parametrize("text, problem", [
    ("1..3\nok 1 - a\n", "3 tests were planned, and 1 have a result"),
    ("1..1\nBail out! no kernel\n", "it bailed out: no kernel; 1 tests were planned, and 0 have a result")])
def test_tap_that_was_cut_off(tmp_path: Path, text: str, problem: str) -> None:
    assert suite(tmp_path, text).problem == problem


def test_our_own_formats_come_back(tmp_path: Path) -> None:
    for name in ("tap", "ktap", "junit"):
        target = tmp_path / "out"
        assert main([name, stored("deviates"), "-o", str(target)]) == 0
        made = compared("deviates", str(target)).suites[0]
        assert made.counts == {"pass": 4 if name == "ktap" else 3, "fail": 4} and made.problem is None
        assert any(key.endswith("perm/only-read[mode=0400]") for key in made.results)


JUNIT = """<?xml version="1.0"?>
<testsuites><testsuite name="ltp"><testcase name="msgget01" classname="syscalls"/>
<testcase name="msgget02" classname="syscalls"><failure message="no &lt;key&gt;">long</failure></testcase>
<testsuite name="inner"><testcase name="x"><skipped/></testcase></testsuite>
<testcase name="y"><error type="TBROK"/></testcase></testsuite></testsuites>"""


def test_junit_of_others(tmp_path: Path) -> None:
    made = suite(tmp_path, JUNIT)
    assert (made.kind, made.problem) == ("JUnit", None)
    assert made.results == {
        "syscalls/msgget01": Result("pass", ""), "syscalls/msgget02": Result("fail", "no <key>"),
        "ltp/inner/x": Result("skip", ""), "ltp/y": Result("error", "TBROK")}


def test_junit_that_was_cut_off(tmp_path: Path) -> None:
    made = suite(tmp_path, JUNIT[:JUNIT.index("<testsuite name=\"inner")])
    assert list(made.results) == ["syscalls/msgget01", "syscalls/msgget02"]
    assert made.problem and made.problem.startswith("it is damaged or was cut off: ")


@pytest.mark.parametrize("text", [
    b"", b"hello\n", b"<html></html>", b"<", b"\xff\xfe", b"ok 1\n", b"\0" * 5000, b"[]", b"<a><b></a>",
    b'<!DOCTYPE a [<!ENTITY x "y">]><testsuite name="&x;"/>',
    b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><testsuite/>', b"{}", b'{"record":"matrix"}', b'{"record":'])
def test_what_is_none_of_these_is_refused(tmp_path: Path, text: bytes) -> None:
    with pytest.raises(LoadError):
        suite(tmp_path, text)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 40))
    with pytest.raises(LoadError, match="document type"):
        suite(tmp_path, f'<!DOCTYPE a [<!ENTITY l0 "ha">{laughs}]><testsuite name="&l39;"/>')


@pytest.mark.parametrize("line", [
    "ok " + "\\" * 100_001, "ok 1 - " + "a\\" * 100_000 + "#", " " * 200_000 + "ok",
    "not ok " + "1" * 100_000, "ok 1 - x " + "# " * 100_000])
def test_long_lines_take_no_time(tmp_path: Path, line: str) -> None:
    suite(tmp_path, f"TAP version 13\n1..1\n{line}\n")


@pytest.mark.parametrize("text", [
    "1..1\n" + "".join(f"{' ' * n}ok 1 - {'x' * 50}\n" for n in range(2000, 0, -1)),
    '<testsuite name="x">' * 5000], ids=["tap", "junit"])
def test_tests_within_tests_without_end(tmp_path: Path, text: str) -> None:
    with pytest.raises(LoadError, match="within each other, expected fewer"):
        suite(tmp_path, text)


def test_many_indentations_take_no_time(tmp_path: Path) -> None:
    lines = [f"{' ' * n}ok 1 - {'x' * 50}\n" for n in range(2000)]
    assert suite(tmp_path, "".join(["1..1\n", *lines])).counts == {"pass": 2000}


def test_other_suites_count_for_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tap"
    bad.write_text("1..2\nok 1 - fine\nnot ok 2 - broken\n")
    made = compared("clean", "clean", str(bad))
    assert made.same and made.columns[0].counts["conforms"] == 7
    assert [row.name for row in made.foreign] == ["broken"]
    assert compared("clean", str(bad)).headline == "Linux 6.18.44, beside other suites"


def test_two_other_suites_show_where_they_differ(tmp_path: Path) -> None:
    for name, text in (("a", "1..2\nok 1 - x\nok 2 - y\n"), ("b", "1..1\nok 1 - x # SKIP z\n")):
        (tmp_path / name).write_text(text)
    made = compared("clean", str(tmp_path / "a"), f"other={tmp_path}/b")
    assert [one.name for one in made.suites] == ["a", "other"]
    assert [(row.name, [result and result.status for result in row.results]) for row in made.foreign] == [
        ("x", ["pass", "skip"])]


def test_only_other_suites_are_not_enough(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1..0\n")
    with pytest.raises(LoadError, match="found no records of ours"):
        compared(str(tmp_path / "a"), str(tmp_path / "a"))


# ---- forms -------------------------------------------------------------------------------------------


@pytest.fixture(name="everything")
def fixture_everything(tmp_path: Path) -> Comparison:
    """Every stored run, and two other suites."""
    hostile = raw("hostile")
    (tmp_path / "a").write_text("1..3\nnot ok 1 - <b>|`x`\nok 2 - " + hostile[1]["name"] + "\n")
    (tmp_path / "b").write_text(JUNIT)
    return compared(*STORED[:18], str(tmp_path / "a"), str(tmp_path / "b"))


def test_every_form_names_every_row(everything: Comparison) -> None:
    text = FORMS["text"](everything)
    page = parse(FORMS["html"](everything).encode()).text
    marked = "".join(part.text or "" for part in rendered(FORMS["markdown"](everything)).iter())
    for row in everything.rows:
        assert printable(row.names[0]) in text and printable(row.names[0]) in page
        assert printable(row.names[0])[:600] in marked
        for way in row.ways:
            for said in way.says:
                assert printable(said) in text and printable(said) in page


def test_text_says_once_what_rows_have_in_common() -> None:
    text = FORMS["text"](compared("a=" + stored("clean"), "b=" + stored("interrupted")))
    assert text.endswith("""
A -  perm/creator-keeps-access-after-give-away
     ids/excl-fails-on-existing-queue
     sem/setval-above-limit-is-refused
     sem/wait-for-zero-is-released-by-decrement
   A  a: conforms
   -  b: not reached
""")


def test_text_tells_columns_with_long_names_by_their_numbers() -> None:
    long = [f"{'x' * 40}{n}={stored(name)}" for n, name in enumerate(("clean", "clean", "deviates"))]
    assert "\n   A  columns 1 and 2: conforms\n" in FORMS["text"](compared(*long))
    short = [f"x{n}={stored(name)}" for n, name in enumerate(("clean", "clean", "deviates"))]
    assert "\n   A  x0 and x1: conforms\n" in FORMS["text"](compared(*short))


def test_no_form_has_unseen_characters(everything: Comparison) -> None:
    for form in FORMS.values():
        text = form(everything).replace("\n", "")
        assert printable(text) == text


def test_many_columns_have_numbers_for_heads(tmp_path: Path) -> None:
    files = [f"run {n}={changed(tmp_path, name)}" for n, name in enumerate(["clean", *["deviates"] * 6])]
    for number, heads in ((6, [f"run {n}" for n in range(6)]), (7, [str(n) for n in range(1, 8)])):
        root = parse(FORMS["html"](compared(*files[:number])).encode())
        table = root.all("section")[-1].all("table")[0]
        assert [head.text for head in table.all("tr")[0].all("th")][2:] == heads
        assert [name.attributes["title"] for name in table.all("abbr")] == [
            f"run {n}" for n in range(7 if number == 7 else 0)]


def test_html_is_valid(everything: Comparison) -> None:
    for comparison in (everything, compared("clean", "clean"), compared("clean", "deviates")):
        made = FORMS["html"](comparison).encode()
        strict(made)
        if TIDY:
            assert complaints(made) == []
        assert not parse(made).all("script") and b"http" not in re.sub(rb"\[http[^]]*\]|http://y", b"", made)


def test_markdown_has_tables_of_one_width(everything: Comparison) -> None:
    root = rendered(FORMS["markdown"](everything))
    tables = list(root.iter("table"))
    assert len(tables) == 2 + len({row.kind for row in everything.rows}) + 2
    for table in tables:
        assert len({len(list(row)) for row in table}) == 1
    shown = [text_of(next(iter(row))) for row in tables[0]][1:]
    assert shown == [str(n) for n in range(1, len(everything.columns) + 1)]
    tags = {tag for block in [*root.iter("html_block"), *root.iter("html_inline")]
            for tag in re.findall(r"</?([a-z!][a-z0-9]*)", block.text or "", re.I)}
    assert tags <= {"details", "summary"}


def test_many_rows_are_cut(tmp_path: Path) -> None:
    records = raw("clean")
    cases = [records[1] | {"name": f"perm/{n}", "case": f"perm/{n}"} for n in range(1500)]
    begin = records[0] | {"instances": 1500}
    other = [one | {"outcomes": [f"msgsnd {n}"]} for n, one in enumerate(cases)]
    made = compared(write(tmp_path / "a", [begin, *cases]), write(tmp_path / "b", [begin, *other]))
    assert len(made.rows) == 1500
    assert "1,300 more rows in the text." in FORMS["markdown"](made)
    assert "500 more rows in the text." in FORMS["html"](made) and len(FORMS["html"](made)) < 5 << 20
    assert FORMS["text"](made).count("only here: ") == 3000


# ---- the command -------------------------------------------------------------------------------------


@pytest.mark.parametrize("files, status", [
    (["clean", "clean"], 0), (["clean", "deviates"], 1), (["clean", "skipped"], 1),
    (["clean", "conflict"], 1), (["interrupted", "interrupted"], 1)])
def test_exit_status_is_that_of_diff(files: list[str], status: int) -> None:
    assert main(["compare", *map(stored, files), "-o", os.devnull]) == status


def test_trouble(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out"
    target.write_text("old")
    assert main(["compare", stored("clean"), str(tmp_path / "none"), "-o", str(target)]) == 2
    assert main(["compare", stored("clean"), str(tmp_path), "-o", str(target)]) == 2
    (tmp_path / "bad").write_text('{"record":"begin"}\n')
    assert main(["compare", stored("clean"), str(tmp_path / "bad"), "-o", str(target)]) == 2
    assert target.read_text() == "old" and len(capsys.readouterr().err.splitlines()) == 3
    for files in ([stored("clean")], [stored("clean")] * (MOST + 1)):
        with pytest.raises(SystemExit) as ended:
            main(["compare", *files])
        assert ended.value.code == 2


def test_pipes_are_files_too() -> None:
    done = subprocess.run(
        ["bash", "-c", '"$0" "$1" compare <(cat "$2") <(cat "$3")', sys.executable, str(SCRIPT),
         stored("clean"), stored("clean")], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("form", list(FORMS))
def test_same_files_same_bytes(form: str) -> None:
    command = [sys.executable, str(SCRIPT), "compare", "--format", form, *map(stored, STORED)]
    first, second = (subprocess.run(command, capture_output=True, check=False, env={
        **os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C"}) for seed in ("1", "2"))
    assert first.returncode == 1 and first.stdout == second.stdout and first.stderr == b""


def test_forty_columns_have_forty_letters(tmp_path: Path) -> None:
    records = raw("clean")
    files = []
    for n in range(MOST):
        records[1]["outcomes"] = [f"msgsnd {n}"]
        records[-1]["outcomes"] = len({outcome for one in records if one["record"] == "case"
                                       for outcome in one["outcomes"]})
        files.append(write(tmp_path / str(n), records))
    made = compared(*files)
    assert [one.label for one in made.rows[0].cells] == list("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn")
    assert len(made.clusters) == MOST
