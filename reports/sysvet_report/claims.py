"""The claims of documents by document, with what each came to."""

from collections import Counter
from dataclasses import dataclass

from .records import Docs, Document, DocumentClaim
from .words import count, number

TONES = {"true": "good", "false": "warn", "version-dependent": "note", "untested": "quiet",
         "uncheckable": "quiet"}


@dataclass(frozen=True)
class Page:
    """A document with its claims, in its order."""

    document: Document
    claims: tuple[DocumentClaim, ...]
    counts: Counter[str]

    @property
    def sentence(self) -> str:
        """How true it is."""
        return totals(self.counts)


@dataclass(frozen=True)
class Claims:
    """The claims of all documents, ready to be shown."""

    pages: tuple[Page, ...]
    ids: frozenset[str]
    total: int
    unexpected: tuple[DocumentClaim, ...]
    sentence: str

    @property
    def tone(self) -> str:
        """A false claim is the document's fault; one that came out otherwise than known is news."""
        return "bad" if self.unexpected else "good"

    @staticmethod
    def tone_of(claim: DocumentClaim) -> str:
        """The colour of a verdict."""
        return TONES[claim.verdict]


def totals(counts: Counter[str]) -> str:
    """The number of each verdict that there is."""
    said = [f"{number(counts[word])} {word}" for word in TONES if counts[word]]
    return ", ".join(said) or "nothing was claimed"


def claims(docs: Docs) -> Claims:
    """What the page shows of them."""
    pages = []
    for document in docs.documents:
        own = tuple(claim for claim in docs.claims if claim.document == document.name)
        if own:
            pages.append(Page(document, own, Counter(claim.verdict for claim in own)))
    unexpected = tuple(claim for claim in docs.claims if claim.unexpected)
    news = f"; {count(len(unexpected), 'claim')} came out otherwise than known" if unexpected else ""
    return Claims(tuple(pages), frozenset(claim.id for claim in docs.claims), len(docs.claims), unexpected,
                  totals(Counter(claim.verdict for claim in docs.claims)) + news + ".")
