"""The page, taken apart: it stands alone, needs neither mouse nor eyes, and says what the records say."""

import math
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import make
import pytest
from pages import DESCRIBE, REQUIREMENTS, STORED, Node, cells, digest_of, page_of, parse, raw, stored

from sysvet_report import html
from sysvet_report.causes import BRIEF, FULL, ROWS
from sysvet_report.digest import digest
from sysvet_report.html import TEMPLATES, page
from sysvet_report.load import load_describe, load_requirements, load_run, read_case
from sysvet_report.records import Run
from sysvet_report.verdicts import VERDICTS
from sysvet_report.words import printable

MOST = 5_000_000    # bytes of a page
each_run = pytest.mark.parametrize("name", STORED)


def attributes(root: Node, name: str) -> list[str]:
    """Every value of an attribute."""
    return [node.attributes[name] for node in root.nodes() if name in node.attributes]


# ---- form ----------------------------------------------------------------------------------------------


@each_run
def test_ids_are_unique_and_every_link_arrives(name: str) -> None:
    root = page_of(name)
    ids = attributes(root, "id")
    assert len(ids) == len(set(ids))
    assert not [target for target in ids if re.search(r"[\s\"'<>]", target)]
    links = attributes(root, "href")
    assert {link[1:] for link in links if link != "data:,"} <= set(ids)
    assert {word for value in attributes(root, "aria-labelledby") for word in value.split()} <= set(ids)


@each_run
def test_stands_alone(name: str) -> None:
    root = page_of(name)
    assert all(link.startswith("#") or link == "data:," for link in attributes(root, "href"))
    tags = {node.tag for node in root.nodes()}
    assert not tags & {"script", "img", "iframe", "object", "embed", "form", "base", "image", "use"}
    names = {name for node in root.nodes() for name in node.attributes}
    assert not [name for name in names if name.startswith("on")]
    assert not names & {"src", "srcset", "style", "xlink:href"}
    style = root.all("style")[0].text
    assert "url(" not in style and "@import" not in style and "gradient" not in style


@each_run
def test_can_be_found_by_ear(name: str) -> None:
    root = page_of(name)
    assert root.all("html")[0].attributes["lang"] == "en"
    assert [len(root.all(tag)) for tag in ("main", "header", "nav", "footer", "h1", "title")] == [1] * 6
    skip = next(node for node in root.nodes() if node.tag == "a")
    assert skip.attributes["href"] == "#" + root.all("main")[0].attributes["id"]
    levels = [int(node.tag[1]) for node in root.nodes() if re.fullmatch("h[1-6]", node.tag)]
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:]))
    for table in root.all("table"):
        assert table.all("caption")[0].text.strip() and table.all("thead")
        assert all(head.attributes.get("scope") for head in table.all("th"))
    for box in root.all("div", "scroll"):
        assert box.attributes["tabindex"] == "0" and box.attributes["role"] == "group"
    assert all(picture.attributes["aria-hidden"] == "true" for picture in root.all("svg"))
    assert all(part.content and isinstance(part.content[1], Node) and part.content[1].tag == "summary"
               for part in root.all("details", "more"))


def test_works_without_the_other_files() -> None:
    for name in STORED:
        root = parse(page(digest(load_run(stored(name)))))
        assert "without requirements.tsv" in root.text
        assert "hole marks" not in root.text


def test_a_run_without_cases() -> None:
    run = replace(load_run(stored("interrupted")), cases=())
    assert "interrupted" in parse(page(digest(run))).all("h1")[0].text


# ---- content -------------------------------------------------------------------------------------------


@each_run
def test_first_words(name: str) -> None:
    root, made = page_of(name), digest_of(name)
    assert root.all("h1")[0].text == made.conclusion.headline
    verdict = root.all("section", "verdict")[0]
    assert "tone-" + made.conclusion.tone in verdict.attributes["class"]
    assert made.conclusion.detail in verdict.text
    assert all(remark in verdict.text for remark in made.remarks)


@each_run
def test_totals_equal_the_records(name: str) -> None:
    table = page_of(name).all("table", "totals")[0]
    words = [text for text in cells(table.all("tr")[0])[4:]]
    records = [record for record in raw(name) if record["record"] == "case"]
    shown = {cells(row)[0]: cells(row)[1:3] + cells(row)[4:] for row in table.all("tr")[1:]}
    families = list(dict.fromkeys(record["family"] for record in records))
    assert list(shown) == [*map(printable, families), "all"]
    for family in (*families, "all"):
        inside = [record for record in records if family in (record["family"], "all")]
        verdicts = Counter(record["verdict"] for record in inside)
        assert shown[printable(family)] == [
            str(len({record["case"] for record in inside})), str(len(inside)),
            *[str(verdicts[word]) for word in words]]
    assert set(words) == {record["verdict"] for record in records}


def told_in_full(article: Node, finding: dict[str, Any]) -> None:
    """The article says all that the finding says."""
    assert article.all("span", "tag")[0].text == finding["verdict"]
    for key in ("call", "observed", "expected", "linux", "posix", "actor", "aspect"):
        assert printable(finding[key]) in article.text
    because = [line.text for part in article.all("ol", "because") for line in part.all("li")]
    assert because == [printable(line) for line in finding["because"]]
    steps = article.all("ol", "steps")[0].all("li")
    assert [step.text.strip() for step in steps] == [printable(step) for step in finding["steps"]]
    assert [step.attributes.get("class") for step in steps] == [None] * (len(steps) - 1) + ["fault"]
    if finding["rule"]:
        assert article.all("span", "id") + article.all("a", "id")
        assert printable(finding["rule"]) in article.text


@each_run
def test_every_cause_is_told_in_full_and_every_finding_in_a_row(name: str) -> None:
    articles = page_of(name).all("article", "cause")
    findings = [finding for record in raw(name) for finding in record.get("findings", [])]
    examples = [finding for finding in findings
                if any(printable(finding["replay"]) in article.text for article in articles)]
    assert len(examples) == sum(len(article.all("code", "replay")) for article in articles)
    for finding in examples:
        told_in_full(next(one for one in articles if printable(finding["replay"]) in one.text), finding)
    rows = [cells(row) for article in articles for table in article.all("table", "others")
            for row in table.all("tr")[1:]]
    others = [finding for finding in findings if finding not in examples]
    assert sum(int(row[-1]) for row in rows) == len(others)
    for finding in others:
        assert any(finding["call"] in row[2] and row[3:5] == [finding["observed"], finding["expected"]]
                   for row in rows)


def test_clause_text_stands_beside_the_finding() -> None:
    articles = page_of("deviates").all("article", "cause")
    assert [article.all("h3")[0].text for article in articles] == [
        "msgsnd gives 0 instead of EACCES",
        "XSH-2.7-perm-9 Creator and owner ids are tested on equal terms."]
    assert "Speaks against 1 clause: MSGSND-ERR-EACCES" in articles[0].text


@pytest.mark.parametrize("name", ["skipped", "unsupported", "hostile"])
def test_what_did_not_run_has_its_reason(name: str) -> None:
    root = page_of(name)
    for record in raw(name):
        if record.get("verdict") in ("skipped", "unsupported"):
            part = next(part for part in root.all("dl", "reasons")[0].all("div")
                        if part.all("dt")[0].text.startswith(printable(record["reason"])))
            assert printable(record["name"]) in [item.text for item in part.all("li")]


@each_run
def test_every_requirement_has_a_row(name: str) -> None:
    root, clauses = page_of(name), digest_of(name).clauses
    rows = {cells(row)[0]: cells(row) for table in root.all("table", "clauses") for row in table.all("tr")}
    for requirement in load_requirements(REQUIREMENTS):
        clause = clauses.by_id[requirement.id]
        citing = {record["case"] for record in raw(name) if requirement.id in record.get("cites", [])}
        row = rows[requirement.id]
        why = f"No case: {requirement.unwitnessed}" if requirement.unwitnessed else ""
        assert row[1].replace(why, "").strip() == requirement.paraphrase and why in row[1]
        assert row[2:4] == [requirement.interface, requirement.source]
        assert re.match(r"\d+", row[4])[0] == str(len(citing))      # type: ignore[index]
        assert row[5:] == [str(clause.refusals), clause.status.word]


def test_coverage_of_clauses_adds_up() -> None:
    for name in STORED:
        table = page_of(name).all("table", "coverage")[0]
        rows = [[int(cell) for cell in cells(row)[1:] if cell] for row in table.all("tr")[1:]]
        assert [sum(column) for column in zip(*rows[:-1])] == rows[-1]
        for exercised, total, violated, unclear, holes, held in rows:
            assert exercised == violated + held and total == exercised + unclear + holes


@each_run
def test_matrix_equals_the_records(name: str) -> None:
    shown: dict[str, str] = {}
    for table in page_of(name).all("table", "matrix"):
        head, *rows = table.all("tr")
        for row in rows:
            operation, *values = cells(row)
            shown.update({f"{operation} {result}": value
                          for result, value in zip(cells(head)[1:], values) if value})
    ran = [record for record in raw(name) if record["record"] == "case" and VERDICTS[record["verdict"]].ran]
    seen = Counter(outcome for record in ran for outcome in record["outcomes"])
    assert {key: int(value.rstrip("*")) for key, value in shown.items() if value != "hole"} == seen
    holes = {key for key, value in shown.items() if value == "hole"}
    assert holes == set(digest_of(name).outcomes.promised.holes)
    described = {operation.name: {rule.errno for rule in operation.rules}
                 for operation in load_describe(DESCRIBE).operations}
    for key, value in shown.items():
        operation, _, result = key.partition(" ")
        promised = described.get(operation, {result}) | {"0", "blocks"}
        assert value.endswith("*") == (result not in promised)


def test_more_causes_than_fit() -> None:
    total = FULL + BRIEF + 7
    records = [make.CLEAN[0] | {"name": str(n), "verdict": "deviates", "findings": [
        make.GIVE_AWAY_FINDING | {"replay": f"replay {n}", "call": f"call{n}()", "rule": f"RULE-{n}"}]}
        for n in range(total)]
    run = Run(load_run(stored("clean")).begin, tuple(map(read_case, records)), None, False)
    root = parse(page(digest(run)))
    section = root.by_id("verdict-deviates").text
    assert f"{total} instances" in section
    assert len(root.all("article")) == FULL
    assert len(root.all("table", "others")[0].all("tr")) == BRIEF + 1
    assert "7 more causes left out here" in root.text


def test_many_findings_of_one_cause() -> None:
    total = ROWS + 9
    records = [make.CLEAN[0] | {"name": f"perm/{n:03}", "case": f"perm/{n:03}", "verdict": "deviates",
                                "findings": [make.GIVE_AWAY_FINDING]} for n in range(total)]
    run = Run(load_run(stored("clean")).begin, tuple(map(read_case, records)), None, False)
    article = parse(page(digest(run))).all("article")[0]
    assert f"{total} instances in {total} cases" in article.text
    assert len(article.all("table", "others")[0].all("tr")) == ROWS + 1
    assert "8 more differences in the records" in article.text


def nearly_all_deviate() -> Run:
    """A run like the default one, of which every instance deviates in a way of its own, with long texts."""
    records = [make.case(
        f"perm/{'a-case-with-a-long-name-' * 3}{n // 4}", "A claim of some length, as they are. " * 3,
        f"XSH-2.7-perm-{n % 50},MSGSND-ERR-EACCES", f"msgget 0,operation_{n % 90} 0",
        instance=f"mode={n}", verdict="deviates", findings=[make.finding(
            "deviates", f"perm/{n}", call=f"operation_{n % 90}(x, {n})", observed=f"{n}", expected="EACCES",
            rule=f"RULE-{n % 1500}", because=["a comparison that decides something"] * 8,
            steps=[f"A  operation_{step}(x, {n}) = 0 {{uid=1000 gid=1000}}" for step in range(25)])] * 3,
        script=[] if n % 4 else [f'{"AB"[step % 2]}  operation_{step}(x, 1:"{n}") = 0' for step in range(25)])
        for n in range(4000)]
    first = replace(load_run(stored("clean")).begin, cases=1000, instances=4000)
    return Run(first, tuple(map(read_case, records)), None, False)


def test_a_page_of_deviations_is_no_larger_than_others() -> None:
    made = page(digest(nearly_all_deviate()))
    assert len(made) < MOST
    assert b"4,000 instances" in made and b"causes left out here" in made


@each_run
def test_every_case_has_a_row(name: str) -> None:
    bodies = [body for table in page_of(name).all("table", "cases") for body in table.all("tbody")]
    found = {cells(body.all("tr")[0])[0]: body for body in bodies}
    for record in raw(name):
        if record["record"] == "case":
            first, second = found[printable(record["case"])].all("tr")
            _, cites, how, verdicts = cells(first)
            claim = (second.all("summary") or second.all("td"))[0].text.strip()
            assert (claim, how) == (printable(record["claim"]).strip(), record["how"] or "not started")
            assert all(printable(clause) in cites for clause in record["cites"])
            assert record["verdict"] in verdicts


@each_run
def test_a_case_opens_to_its_steps(name: str) -> None:
    parts = [part for table in page_of(name).all("table", "cases") for part in table.all("details")]
    shown = {part.all("summary")[0].text: [step.text for step in part.all("li")] for part in parts}
    told = {printable(record["claim"]): [printable(step) for step in record["script"]]
            for record in raw(name) if record.get("script")}
    assert shown == told


def test_where_not_all_steps_fit_those_of_several_actors_do(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(len(page_of("clean").all("ol", "steps")[n].all("li")) for n in range(3)) == 10
    monkeypatch.setattr(html, "STEPS", 9)
    assert [len(part.all("li")) for part in page_of("clean").all("ol", "steps")] == [2, 5]
    monkeypatch.setattr(html, "TEXT", 150)
    assert [len(part.all("li")) for part in page_of("clean").all("ol", "steps")] == [5]


def test_environment_names_everything() -> None:
    text = page_of("skipped").all("section")[-1].text
    for word in ("#1 SMP PREEMPT_DYNAMIC", "glibc 2.36", "msgmnb", "16,384", "another user namespace"):
        assert word in text


# ---- hostile records -----------------------------------------------------------------------------------


def test_hostile_text_is_only_text() -> None:
    root = page_of("hostile")
    assert printable(make.SCRIPT) in root.text and "49" not in root.all("h1")[0].text
    assert not root.all("script") and not root.all("b", "x")
    assert root.text.count("alert(1)") > 10


def test_unseen_characters_are_spelled_out() -> None:
    made = page(digest_of("hostile")).decode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\ufeff]", made)
    assert "\\u202etxt.exe\\u202c" in made and "\\ud800" in made


# ---- colours -------------------------------------------------------------------------------------------


def palettes() -> list[dict[str, str]]:
    """The custom properties that are colours, of the light and of the dark scheme."""
    css = (TEMPLATES / "report.css").read_text()
    light, dark = css.split("@media (prefers-color-scheme: dark)")[:2]
    return [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", part.split("@media")[0])) for part in (light, dark)]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    channels = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else math.pow((c + 0.055) / 1.055, 2.4) for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark"])
def test_contrast(palette: dict[str, str]) -> None:
    tones = {verdict.tone for verdict in VERDICTS.values()}
    for ground in ("paper", "panel"):
        for ink in ("ink", "soft", "link", *sorted(tones)):
            assert contrast(palette[ink], palette[ground]) >= 4.5, (ink, ground)


def test_every_tone_has_a_class() -> None:
    css = (TEMPLATES / "report.css").read_text()
    for verdict in VERDICTS.values():
        assert f".tone-{verdict.tone} {{ --tone: var(--{verdict.tone}); }}" in css
