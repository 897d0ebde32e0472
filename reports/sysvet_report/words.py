"""Small things that both forms of the report say in the same way."""

import re

# Characters that a reader would not see, or that would make a terminal or a page show something
# else than what is there: controls, surrogates, zero width, direction and line separators.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069"
                    "\ud800-\udfff\ufeff\ufff9-\uffff]")


def escape(match: re.Match[str]) -> str:
    r"""The character as \xHH or \uHHHH."""
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def printable(text: str) -> str:
    """text with every unseen character spelled out. Records are written by others and may be hostile."""
    return UNSEEN.sub(escape, text)


def number(n: int) -> str:
    """With a comma at every thousand."""
    return f"{n:,}"


def count(n: int, noun: str) -> str:
    """The number and its noun, in the plural unless n is 1."""
    return f"{number(n)} {noun}{'' if n == 1 else 's'}"


def listing(words: list[str]) -> str:
    """Words joined as in a sentence; empty for none."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
