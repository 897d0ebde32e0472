"""The page before two validators that we did not write."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pages import STORED, full_page, page_bytes

TIDY = shutil.which("tidy")


def without_groups(made: bytes) -> bytes:
    """The page without the groups in its definition lists, which this old tidy does not know yet."""
    return re.sub(rb"<dl.*?</dl>", lambda part: re.sub(rb"</?div[^>]*>", b"", part[0]), made, flags=re.DOTALL)


def strict(made: bytes) -> None:
    """Raises when the page is not HTML as the specification's parser wants it."""
    html5lib = pytest.importorskip("html5lib", reason="html5lib is not installed")
    html5lib.HTMLParser(strict=True).parse(made)


def complaints(made: bytes) -> list[str]:
    """What tidy has to say."""
    done = subprocess.run(
        ["tidy", "-quiet", "-errors", "-utf8", "--show-info", "no", "--mute-id", "yes",
         "--drop-empty-elements", "no", "--warn-proprietary-attributes", "no"],
        input=without_groups(made), capture_output=True, check=False)
    return done.stderr.decode().splitlines()


def every_page(tmp_path: Path) -> dict[str, bytes]:
    """By name: those of the stored runs, and one with everything that a page can have."""
    return {name: page_bytes(name) for name in STORED} | {"full": full_page(tmp_path)}


def test_the_parser_of_the_specification(tmp_path: Path) -> None:
    for made in every_page(tmp_path).values():
        strict(made)


@pytest.mark.skipif(not TIDY, reason="tidy is not installed")
def test_tidy(tmp_path: Path) -> None:
    for name, made in every_page(tmp_path).items():
        assert complaints(made) == [], name


@pytest.mark.parametrize("wrong", [b"<table><p>", b"<ul><li></ul></b>", b"<p id=a>&nosuch;<p"])
def test_what_is_wrong_is_refused(wrong: bytes) -> None:
    begin = b"<!DOCTYPE html><html lang=en><title>x</title><body>"
    with pytest.raises(Exception, match=r"."):
        strict(begin + wrong)
    if TIDY:
        assert complaints(begin + wrong)
