"""Markdown as GitHub shows it, from templates in which every value is escaped."""

import functools
import re
from pathlib import Path
from typing import Any

import jinja2

from .words import count, listing, number, printable

TEMPLATES = Path(__file__).with_name("templates")
LONGEST = 600       # characters of one value; a summary of GitHub may have 1 MiB in all

# What could begin or end markup, a link, a mention, a formula or a cell. Before a letter or digit an
# underscore ends no emphasis.
SPECIAL = re.compile(r"[\\`*{}\[\]<>#|~&@$!]|_(?![A-Za-z0-9])|:(?=//)|(?<=www)\.", re.I)


def escape(text: str) -> str:
    """text in the middle of a line, as it is; what is special is written as an entity."""
    return SPECIAL.sub(lambda found: f"&#{ord(found.group())};", text)


def shown(value: Any) -> Any:
    """What templates print in place of a value."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return escape(text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)")


@functools.cache
def environment() -> jinja2.Environment:
    """Where templates of Markdown live. A name that they misspell is an error."""
    result = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True, finalize=shown)
    result.filters.update(n=number, count=count, listing=listing)
    return result
