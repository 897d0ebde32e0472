"""The text: everything that must be said is said, and nothing that a record says can forge a line."""

import pytest
from pages import STORED, digest_of, raw

from sysvet_report.text import summary
from sysvet_report.words import printable


@pytest.mark.parametrize("name", STORED)
def test_says_everything(name: str) -> None:
    text, made = summary(digest_of(name)), digest_of(name)
    lines = text.splitlines()
    for line in (made.conclusion.headline, made.conclusion.detail, made.evidence, *made.remarks):
        assert line in lines
    for record in raw(name):
        for finding in record.get("findings", []):
            for key in ("call", "observed", "expected", "linux", "posix", "replay"):
                assert printable(finding[key]) in text
            for line in finding["because"]:
                assert printable(line) in text
        if record.get("verdict") in ("skipped", "unsupported"):
            assert f"{record['verdict']}  " in text and printable(record["reason"]) in text


def test_finding_reads_as_the_runner_prints_it() -> None:
    assert """
deviates  perm/creator-keeps-access-after-give-away  step 3
  A  msgctl_IPC_STAT(q)
     observed  EACCES
     expected  0   linux: exactly   posix: the only allowed outcome
     because   euid 1000 = cuid 1000, so the owner class decides
               0600 gives it rw-; the call asks r--
     clause    XSH-2.7-perm-9  Creator and owner ids are tested on equal terms.
     replay    sysvet run --filter 'perm/creator-keeps-access-after-give-away'
""" in summary(digest_of("deviates"))


def test_totals() -> None:
    lines = summary(digest_of("skipped")).splitlines()
    start = lines.index("family cases instances conforms skipped")
    assert [line.split() for line in lines[start + 1:start + 5]] == [
        ["perm", "2", "4", "3", "1"], ["sem", "1", "1", "0", "1"], ["msg", "1", "1", "0", "1"],
        ["all", "4", "6", "3", "3"]]


def test_unseen_characters_are_spelled_out() -> None:
    text = summary(digest_of("hostile"))
    assert "\x1b" not in text and "\u202e" not in text and "\\x1b[31mred\\x07" in text
    text.encode()
