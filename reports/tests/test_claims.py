"""The claims of documents: their file is checked, and the page says what it says."""

import json
from pathlib import Path
from typing import Any

import pytest
from make import Record, claim, documents
from pages import Node, cells, digest_of, parse, stored

from sysvet_report.claims import TONES, claims
from sysvet_report.cli import main
from sysvet_report.html import Extras, page
from sysvet_report.load import LoadError, load_docs


def write(path: Path, found: list[Record], **more: Any) -> str:
    """The claims as a file of two documents, of which one claims nothing."""
    path.write_text(json.dumps(documents(found) | more))
    return str(path)


def shown(found: list[Record], tmp_path: Path) -> Node:
    """The page with these claims."""
    docs = claims(load_docs(write(tmp_path / "docs.json", found)))
    return parse(page(digest_of("clean"), Extras(documents=docs)))


def test_each_claim_has_a_row(tmp_path: Path) -> None:
    found = [claim(verdict, verdict) for verdict in TONES]
    root = shown(found, tmp_path)
    [table] = root.all("table", "claims")
    rows = [cells(row) for row in table.all("tr")[1:]]
    assert [row[0] for row in rows] == list(TONES)
    assert all(row[1] == "7" and row[2] == f"It is <{row[0]}>." for row in rows)
    assert "this kernel holds: A  msgget(<x>) 1 of 1 went as written" in rows[0][3]
    assert "1 true, 1 false, 1 version-dependent, 1 untested, 1 uncheckable." in root.text


def test_what_else_is_said_stands_below(tmp_path: Path) -> None:
    found = [claim("x", "false", against="Not <so>.", note="Noted.", contradicts=["y", "elsewhere"]),
             claim("y", "version-dependent", varies="Since 2."), claim("z", "uncheckable", uncheckable="No.")]
    rows = [cells(row)[2] for row in shown(found, tmp_path).all("table", "claims")[0].all("tr")[1:]]
    assert "Against it: Not <so>." in rows[0] and "Noted." in rows[0]
    assert "Contradicts y, elsewhere" in rows[0]
    assert "Since 2." in rows[1] and "No." in rows[2]


def test_a_rival_is_linked_where_it_is(tmp_path: Path) -> None:
    root = shown([claim("x", contradicts=["y", "elsewhere"]), claim("y", contradicts=["x"])], tmp_path)
    links = [link.attributes["href"] for link in root.all("table", "claims")[0].all("a")]
    assert links == ["#claim-y", "#claim-x"]
    assert root.by_id("claim-y").tag == "tr"


def test_news_opens_its_document_and_colours_the_part(tmp_path: Path) -> None:
    for news in (False, True):
        root = shown([claim("x", unexpected=news)], tmp_path)
        [section] = [one for one in root.all("section") if one.attributes["aria-labelledby"] == "documents"]
        assert ("tone-bad" in section.attributes["class"]) == news
        assert ("open" in section.all("details")[0].attributes) == news
        assert ("1 claim came out otherwise than known" in section.text) == news


def test_without_claims_there_is_no_part(tmp_path: Path) -> None:
    assert "documents" not in {node.attributes.get("id") for node in parse(page(digest_of("clean"))).nodes()}
    assert "nothing was claimed" in shown([], tmp_path).text


@pytest.mark.parametrize("change, says", [
    ({"verdict": "perhaps"}, 'found "perhaps" in "verdict", expected'),
    ({"document": "c"}, 'found "c" in "document", expected one of "documents"'),
    ({"evidence": None}, 'in "evidence", expected'),
    ({"unexpected": 0}, 'found 0 in "unexpected", expected true or false'),
])
def test_wrong_claims_are_refused(tmp_path: Path, change: Record, says: str) -> None:
    with pytest.raises(LoadError) as wrong:
        load_docs(write(tmp_path / "docs.json", [claim("x", **change)]))
    assert says in str(wrong.value)


def test_two_claims_with_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="found two claims with one id"):
        load_docs(write(tmp_path / "docs.json", [claim("x"), claim("x")]))


def test_the_command_takes_them(tmp_path: Path) -> None:
    docs = write(tmp_path / "docs.json", [claim("x")])
    target = tmp_path / "page.html"
    assert main(["html", stored("clean"), "-o", str(target), "--docs", docs]) == 0
    assert "Document a" in target.read_text()
