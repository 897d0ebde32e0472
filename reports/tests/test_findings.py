"""Root causes: which rows explain what, and what is joined from the pieces of a run."""

import json
from pathlib import Path
from shlex import split
from typing import Any

import pytest

from sysvet_report.findings import Beside, causes, findings, fits, page, read_rows, told, version
from sysvet_report.join import joined
from sysvet_report.load import LoadError, load_run
from sysvet_report.records import Run

HEAD = "case\tobserved\twhere\treason\treference\tseen\n"
ROW = {"case": "msg/a[*", "observed": "msgrcv E*", "reason": "why", "reference": "X-1; none found"}


def case(name: str, verdict: str = "conforms", **more: Any) -> dict[str, Any]:
    """The record of an instance."""
    return {"record": "case", "name": name, "case": name.split("[")[0], "instance": None, "family": "msg",
            "file": "f", "line": 1, "claim": "c", "cites": ["MSGRCV-1"], "verdict": verdict, "reason": None,
            "reference": None, "how": "solo", "steps": 2, "outcomes": ["msgrcv 0"], "rules": [],
            "findings": [], **more}


def finding(sign: str) -> dict[str, Any]:
    """The difference of an instance."""
    return {"verdict": "deviates", "sign": sign, "reason": None, "reference": None, "aspect": "outcome",
            "step": 1, "line": 2, "actor": "A", "call": "msgrcv(q)", "observed": "EFAULT",
            "expected": "success", "linux": "exactly", "posix": "exactly", "because": [], "rule": "MSGRCV-1",
            "replay": "r", "steps": ["A  msgrcv(q)"]}


def begin() -> dict[str, Any]:
    """The first record of the run that is stored here."""
    stored = Path(__file__).parent / "data"
    first = next(stored.glob("*.jsonl")).read_text(encoding="utf-8").splitlines()[0]
    record: dict[str, Any] = json.loads(first) | {"cases": 2, "instances": 3}
    return record


def test_a_row_fits_by_case_and_sign(tmp_path: Path) -> None:
    records = [begin(), case("msg/a[1]", "deviates", findings=[finding("msgrcv EFAULT")]),
               case("msg/a[2]", "deviates", findings=[finding("msgsnd 0")]), case("msg/b")]
    path = tmp_path / "r.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in joined([records], [], {})))
    run = load_run(str(path))
    known, rest = causes([run], [ROW])
    assert [(one.reason, len(one.seen)) for one in known] == [("why", 1)]
    assert [one.name for one, _ in rest] == ["msg/a[2]"]
    text = "\n".join(page("target", [run], [ROW]))
    assert "1 root causes for 1 instances that differ; 1 are unexplained" in " ".join(text.split())
    assert "* clause: X-1\n* publicly known: none found\n" in text
    assert not fits(ROW, run.cases[2], known[0].seen[0][1])


def records_of(tmp_path: Path, *cases: dict[str, Any]) -> Run:
    """A run of these."""
    path = tmp_path / "r.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in [begin(), *cases]))
    return load_run(str(path))


def test_a_cause_behind_others_is_told_as_that(tmp_path: Path) -> None:
    both = [finding("msgrcv EFAULT"), finding("msgrcv queue 1 cbytes")]
    run = records_of(tmp_path, case("msg/a[1]", "deviates", findings=both))
    rows = [ROW, ROW | {"observed": "msgrcv queue *", "reason": "behind it"}]
    known, rest = causes([run], rows)
    assert [(one.reason, len(one.first), len(one.later)) for one in known] == [
        ("why", 1, 0), ("behind it", 0, 1)]
    assert not rest
    text = "\n".join(page("target", [run], rows, "## Said\n\nmore"))
    assert text.count(", all behind another difference") == 1
    assert "* [2](#cause-2) behind it (POSIX and Linux; not known)" in text
    assert "## Said\n\nmore\n" in text


def test_a_cause_has_a_program_in_c_that_looks_at_it(tmp_path: Path) -> None:
    known, state = frozenset({"msg/a[1]"}), finding("msgrcv queue 0 cbytes") | {"aspect": "state"}
    for differs, said in ((finding("msgrcv EFAULT"), "sysvet reproduce \\\n    'msg/a[1]'\n"),
                          (state, "sysvet reproduce --steps 1 \\\n    'msg/a[1]'\n"),
                          (finding("msgrcv byte 8, which is reserved, is 0x5a"), "'msg/a[1]'\n")):
        run = records_of(tmp_path, case("msg/a[1]", "deviates", findings=[differs]))
        row = ROW | {"observed": "*"}
        text = "\n".join(page("target", [run], [row], printable=known))
        assert said in text
        assert text.count("sysvet reproduce") == 1
        assert "sysvet reproduce" not in "\n".join(page("target", [run], [row]))


def test_a_program_in_c_is_of_the_smallest_case_that_there_is_one_of(tmp_path: Path) -> None:
    more = finding("msgrcv queue 1 cbytes") | {"aspect": "state", "steps": ["A  a()"] * 2}
    run = records_of(tmp_path, case("msg/a", "deviates", findings=[finding("msgrcv EFAULT")]),
                     case("msg/c", "deviates", findings=[more]))
    row = ROW | {"case": "*", "observed": "*"}
    text = "\n".join(page("target", [run], [row], printable=frozenset({"msg/c"})))
    assert "As a program in C:\n\n```\nsysvet reproduce --steps 2 \\\n    'msg/c'\n" in text
    assert "sysvet reproduce" not in "\n".join(page("target", [run], [row], printable=frozenset({"msg/b"})))


def test_a_name_that_is_longer_than_a_line_is_whole_for_a_shell(tmp_path: Path) -> None:
    name = f"msg/a[{'x=1,' * 60}]"
    run = records_of(tmp_path, case(name, "deviates", findings=[finding("msgrcv EFAULT")]))
    text = "\n".join(page("target", [run], [ROW | {"case": "*"}], printable=frozenset({name})))
    commands = [part.partition("\nA ")[0] for part in text.split("```\nsysvet ")[1:]]
    assert [split(part.partition("\n```")[0].replace("\\\n", ""))[-1] for part in commands] == [name, name]
    assert max(map(len, text.split("\n"))) <= 108


def on_cpus(tmp_path: Path, *cpus: tuple[str, str, int]) -> list[Run]:
    """A run on each machine, for programs of that name and word."""
    runs = []
    for machine, cpu, word in cpus:
        both = [finding("msgrcv EFAULT"), finding("fork 0")]
        first = json.loads(json.dumps(begin()))
        first |= {"abi": f"raw {cpu}", "facts": {"linux": 6018, "word": word}}
        first["system"]["machine"] = machine
        path = tmp_path / cpu
        path.write_text("".join(json.dumps(record) + "\n" for record in [
            first, case("msg/a[1]", "known", findings=both)]))
        runs.append(load_run(str(path)))
    return runs


def test_a_row_counts_for_the_cpus_that_it_names(tmp_path: Path) -> None:
    runs = on_cpus(tmp_path, ("s390x", "s390x", 8), ("armv7l", "arm", 4))
    rows = [ROW | {"where": "qemu-user,machine=arm*", "reason": "of arm"},
            ROW | {"where": "qemu-user,machine!=arm*", "reason": "of others"},
            ROW | {"where": "qemu-user", "observed": "fork 0", "reason": "later"}]
    known, rest = causes(runs, rows)
    assert [(one.reason, one.machines) for one in known] == [
        ("of arm", ["arm"]), ("of others", ["s390x"]), ("later", ["s390x", "arm"])]
    assert not rest
    text = "\n".join(page("target", runs, rows))
    assert "* seen on: s390x, arm" in text
    assert "2 root causes" not in text and "instances: 1, all behind another" in text


def test_a_row_counts_where_facts_are_as_it_says(tmp_path: Path) -> None:
    runs = on_cpus(tmp_path, ("mips64", "mips64", 8), ("mips", "mips", 4), ("mips", "mipsel", 4))
    rows = [ROW | {"where": "qemu-user,word=8,linux<7", "reason": "of 64 bits"},
            ROW | {"where": "qemu-user,abi=raw mips", "reason": "of one order of bytes"},
            ROW | {"where": "linux=6.18,word!=8", "reason": "of the other"},
            ROW | {"where": "qemu-user", "observed": "fork 0", "reason": "later"}]
    known, rest = causes(runs, rows)
    assert [(one.reason, one.machines) for one in known] == [
        ("of 64 bits", ["mips64"]), ("of one order of bytes", ["mips"]), ("of the other", ["mipsel"]),
        ("later", ["mips64", "mips", "mipsel"])]
    assert not rest


def test_of_posix_is_what_it_does_not_allow(tmp_path: Path) -> None:
    free = finding("msgrcv EFAULT") | {"posix": "one of {EFAULT, success}"}
    any_value = finding("msgrcv 0") | {"posix": "one of {EFAULT, success}", "observed": "7"}
    bound = finding("msgrcv EFAULT") | {"posix": "the only allowed outcome"}
    for number, (one, reference, standing) in enumerate([
            (free, "MSGRCV-1; none found", "Linux only"), (any_value, "MSGRCV-1", "Linux only"),
            (bound, "MSGRCV-1", "POSIX and Linux"), (bound, "LINUX-1", "Linux only"),
            (bound, "LIBC-ZERO-1", "Linux only")]):
        run = records_of(tmp_path, case(f"msg/a[{number}]", "known", findings=[one]))
        known, _ = causes([run], [ROW | {"observed": "*", "reference": reference}])
        assert known[0].standing == standing


def test_a_run_by_the_standard_deviates_from_it_alone(tmp_path: Path) -> None:
    first = begin() | {"profile": "posix"}
    one = finding("exit set 0 otime") | {"aspect": "state", "call": "exit()"}
    path = tmp_path / "posix.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in [
        first, case("sem/a", "deviates", findings=[one])]))
    row = ROW | {"case": "sem/a", "observed": "*",
                 "reference": "MSGRCV-1, D1; https://a.example/; reproducer leaves-otime"}
    beside = tmp_path / "requirements.tsv"
    beside.write_text("id\tinterface\tstrength\tsource\tparaphrase\tunwitnessed\n"
                      "MSGRCV-1\tmsgrcv\tPOSIX-shall\tXSH msgrcv\tIt receives.\t\n")
    rows = tmp_path / "known.tsv"
    rows.write_text(HEAD + "\t".join([row["case"], row["observed"], "*", row["reason"], row["reference"],
                                      ""]) + "\n")
    output = tmp_path / "page.md"
    assert findings("Linux", [str(path)], str(rows), Beside(requirements=str(beside)), str(output)) == 0
    text = output.read_text()
    assert "* [1](#cause-1) why (POSIX; publicly known)\n" in text
    assert "* deviates from: POSIX; instances: 1\n" in text
    assert "* clause: MSGRCV-1 (POSIX-shall, XSH msgrcv): It receives.\n* publicly known: https" in text
    assert "* reproducer in C: `real/reproduce/linux.c`, `leaves-otime`\n* cause: confirmed by that" in text
    assert "* smallest case: `exit()` leaves another set 0 otime; reproducer:\n" in text


def surprised(tmp_path: Path, verdict: str) -> str:
    """The page with one surprise, whose case has that verdict."""
    run = tmp_path / "r.jsonl"
    run.write_text("".join(json.dumps(record) + "\n" for record in [
        begin(), case("msg/a[1]", verdict, script=["A  msgget(1)"])]))
    rows, known, machines = tmp_path / "s.tsv", tmp_path / "k.tsv", tmp_path / "m.tsv"
    rows.write_text("# comment\ncase\texpected\treason\treference\n"
                    "msg/a\tNothing.\tIt is so.\tX-1; reproducer so-it-is\n")
    known.write_text(HEAD)
    machines.write_text(HEAD + "shm/b\tx\tlinux<6.12\tIt was so.\tX-2; https://a.example/\tnow\n")
    output = tmp_path / "page.md"
    findings("Linux", [str(run)], str(known),
             Beside(surprises=str(rows), conforming=str(run), elsewhere=str(machines)), str(output))
    return output.read_text()


def test_a_surprise_is_told_by_a_case_that_conforms(tmp_path: Path) -> None:
    text = surprised(tmp_path, "conforms")
    assert "### Surprise 1\n\nIt is so.\n\n* expected: Nothing.\n* clause: X-1\n" in text
    assert "* reproducer in C: `real/reproduce/surprises.c`, `so-it-is`\n" in text
    assert "'msg/a[1]'\nA  msgget(1)\n```\n" in text
    assert "* **linux<6.12**: It was so. Cases: `shm/b`. Publicly known: https://a.example/. How" in text
    with pytest.raises(LoadError, match="no case msg/a that conforms"):
        surprised(tmp_path, "deviates")


TREE = Path(__file__).parents[2]
PAGES = {"linux": "linux-posix", "gvisor": "gvisor", "qemu-user": "qemu-user"}


def entries(name: str) -> dict[str, str]:
    """What a page that is committed tells of each cause, by its reason; in one line."""
    text = (TREE / f"reports/findings/{name}.md").read_text()
    parts = text.split("\n## Cause ")[1:]
    told_of = (part.split("\n## ")[0].split("\n\n", 2) for part in parts)
    return {" ".join(reason.split()): " ".join(rest.split()) for _, reason, rest in told_of}


@pytest.mark.parametrize("name", PAGES)
def test_committed_pages_tell_what_is_known(name: str) -> None:
    rows = read_rows(str(TREE / f"cases/known/{PAGES[name]}.tsv"))
    references = {" ".join(row["reason"].split()): told(row["reference"]) for row in rows}
    page_has = entries(name)
    assert page_has and not set(page_has) - set(references)
    for reason, text in page_has.items():
        reference = references[reason]
        assert f"* publicly known: {reference.known} " in text, reason
        assert f"* cause: {reference.how} " in text, reason
        assert not reference.program or f"`{reference.program}`" in text, reason
        assert reference.clauses[:1] == [] or f"* clause: {reference.clauses[0]}" in text, reason


def test_the_page_of_linux_has_all_that_is_known() -> None:
    reasons = {row["reason"] for row in read_rows(str(TREE / "cases/known/linux-posix.tsv"))}
    assert set(entries("linux")) == reasons
    text = " ".join((TREE / "reports/findings/linux.md").read_text().split())
    for row in (*read_rows(str(TREE / "reports/findings/notes/linux.tsv")),
                *read_rows(str(TREE / "cases/known/machines.tsv"))):
        assert row["reason"] in text


def test_what_did_not_run_is_told_with_its_reason(tmp_path: Path) -> None:
    run = records_of(tmp_path, case("msg/a[1]", "skipped", reason="needs a moon"), case("msg/b"),
                     case("msg/c", "skipped", reason="the claim is about profile linux"))
    text = "\n".join(page("target", [run], [ROW]))
    assert "## Not judged" in text and "* 1: needs a moon" in text and "profile" not in text
    assert "## Not judged" not in "\n".join(page("target", [records_of(tmp_path, case("msg/b"))], [ROW]))


def test_a_release_is_told_by_its_number() -> None:
    assert [version(one) for one in ("6.18.44-local-7", "6.1.0", "6.6", "5", "rolling")] \
        == ["6.18.44", "6.1.0", "6.6", "5", "rolling"]


def test_rows_are_read_without_comments(tmp_path: Path) -> None:
    path = tmp_path / "b.tsv"
    path.write_text("# a comment\n" + HEAD + "c\to\tw\tr\tf\ts\n")
    assert read_rows(str(path)) == [{"case": "c", "observed": "o", "where": "w", "reason": "r",
                                     "reference": "f", "seen": "s"}]


def test_pieces_are_joined_and_what_ended_the_target_is_told() -> None:
    first = [begin(), case("msg/a[1]")]
    second = [begin(), case("msg/b"), {"record": "end", "known": [], "leaks": 0}]
    model = [begin(), case("msg/a[2]")]
    made = list(joined([first, second], model, {"msg/a[2]": "panic"}))
    assert [record.get("name") for record in made] == [None, "msg/a[1]", "msg/b", "msg/a[2]", None]
    assert made[3]["verdict"] == "deviates" and "panic" in made[3]["findings"][0]["observed"]
    assert made[-1]["verdicts"]["deviates"] == 1 and made[-1]["exit"] == 1


def test_what_is_known_to_end_the_target_is_known() -> None:
    row = ROW | {"case": "msg/a[2]", "observed": "run target-ended"}
    made = list(joined([[begin(), {"record": "end", "known": [], "leaks": 0}]], [begin(), case("msg/a[2]"),
                                                                                 case("msg/a[3]")],
                       {"msg/a[2]": "panic", "msg/a[3]": "panic"}, [row]))
    assert [(record["verdict"], record["reason"]) for record in made[1:3]] == [
        ("known", "why"), ("deviates", None)]
    assert made[1]["findings"][0]["reference"] == "X-1; none found"


def test_a_run_without_an_end_gets_none() -> None:
    assert [record["record"] for record in joined([[begin(), case("msg/a[1]")]], [], {})] == ["begin", "case"]
