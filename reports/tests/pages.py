"""What the tests share: the stored runs, and a page taken apart."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import make

from sysvet_report.claims import claims
from sysvet_report.clauses import judge_clauses
from sysvet_report.compare.columns import read_all
from sysvet_report.compare.compare import compare
from sysvet_report.compare.forms import FORMS
from sysvet_report.digest import Digest, digest
from sysvet_report.faults import Faults
from sysvet_report.fold import load_folded
from sysvet_report.heat import heat
from sysvet_report.html import Extras, page
from sysvet_report.load import (load_coverage, load_describe, load_docs, load_matrix, load_mutants,
                                load_requirements)
from sysvet_report.reached import Reached

DATA = Path(__file__).with_name("data")
STORED = sorted(path.stem for path in DATA.glob("*.jsonl"))
REQUIREMENTS = str(DATA / "requirements.tsv")
DESCRIBE = str(DATA / "describe.json")
VOID = {"br", "link", "meta"}


def stored(name: str) -> str:
    """The path of a stored run."""
    return str(DATA / f"{name}.jsonl")


def raw(name: str) -> list[dict[str, Any]]:
    """The records of a stored run as JSON has them."""
    return [json.loads(line) for line in Path(stored(name)).read_text().splitlines()]


def digest_of(name: str) -> Digest:
    """A stored run with everything that follows from it."""
    return digest(load_folded(stored(name)), load_requirements(REQUIREMENTS), load_describe(DESCRIBE))


def page_bytes(name: str) -> bytes:
    """The page of a stored run, with both other files."""
    return page(digest_of(name))


def full_page(folder: Path) -> bytes:
    """The page of a run that deviates, with everything that a page can have; folder is for scratch files."""
    (folder / "matrix.jsonl").write_text(make.text(make.WALK))
    (folder / "docs.json").write_text(json.dumps(make.DOCUMENTS))
    (folder / "mutants.jsonl").write_text(make.text(make.MUTANTS))
    (folder / "coverage.json").write_text(json.dumps(make.COVERAGE))
    other = load_folded(stored("clean"))
    return page(digest_of("deviates"), Extras(
        heat(load_matrix(str(folder / "matrix.jsonl"))), claims(load_docs(str(folder / "docs.json"))),
        Faults(load_mutants(str(folder / "mutants.jsonl"))),
        Reached(load_coverage(str(folder / "coverage.json"))),
        "", (("another", judge_clauses(other, load_requirements(REQUIREMENTS))),)))


def compare_page(folder: Path) -> str:
    """Every stored run side by side, and two other suites."""
    (folder / "a").write_text("1..3\nnot ok 1 - <b>|`x`\nok 2 - " + raw("hostile")[1]["name"] + "\n")
    (folder / "b").write_text("1..2\nok 1 - x\nok 2 - <b>|`x` # SKIP\n")
    files = [*map(stored, STORED[:18]), str(folder / "a"), str(folder / "b")]
    return FORMS["html"](compare(read_all(files)))


@dataclass
class Node:
    """An element of a page. content holds strings and elements."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: list["str | Node"] = field(default_factory=list)

    def nodes(self) -> Iterator["Node"]:
        """This element and all within, in order."""
        yield self
        for part in self.content:
            if isinstance(part, Node):
                yield from part.nodes()

    def all(self, tag: str, of_class: str = "") -> list["Node"]:
        """The elements with this tag and, if given, this class."""
        return [node for node in self.nodes() if node.tag == tag
                and (not of_class or of_class in node.attributes.get("class", "").split())]

    def by_id(self, wanted: str) -> "Node":
        """The element with this id."""
        return next(node for node in self.nodes() if node.attributes.get("id") == wanted)

    @property
    def text(self) -> str:
        """All text within, as it is shown."""
        return "".join(part if isinstance(part, str) else part.text for part in self.content)


class Parser(HTMLParser):
    """Builds the tree, and accepts no tag that is not closed in its place."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Node("")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attributes})
        assert len(node.attributes) == len(attributes), f"an attribute of {tag} comes twice"
        self.open[-1].content.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def parse(made: bytes) -> Node:
    """A page as a tree."""
    parser = Parser()
    parser.feed(made.decode())
    parser.close()
    assert parser.open == [parser.root]
    return parser.root


def page_of(name: str) -> Node:
    """The page of a stored run, with both other files."""
    return parse(page_bytes(name))


def cells(row: Node) -> list[str]:
    """The text of each cell of a table's row."""
    return [part.text.strip() for part in row.content if isinstance(part, Node)]
