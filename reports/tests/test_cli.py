"""The command: its exit statuses, what it prints where, and that the same records give the same bytes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages import DESCRIBE, REQUIREMENTS, stored

SCRIPT = Path(__file__).parents[1] / "sysvet-report"


def report(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Runs the command."""
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, check=False,
                          env={**os.environ, **environment})


@pytest.mark.parametrize("name", ["deviates", "hostile", "interrupted"])
def test_same_records_same_bytes(tmp_path: Path, name: str) -> None:
    pages = []
    for seed, locale in (("1", "C"), ("2", "C.UTF-8")):
        target = tmp_path / seed
        done = report("html", stored(name), "-o", str(target), "--requirements", REQUIREMENTS,
                      "--describe", DESCRIBE, PYTHONHASHSEED=seed, LC_ALL=locale)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        pages.append(target.read_bytes())
    assert pages[0] == pages[1]


@pytest.mark.parametrize("name", ["deviates", "hostile", "interrupted"])
def test_summary(name: str) -> None:
    arguments = ("summary", stored(name), "--requirements", REQUIREMENTS)
    first, second = (report(*arguments, PYTHONHASHSEED=seed, LC_ALL="C") for seed in ("1", "2"))
    assert first.returncode == 0 and first.stderr == b"" and first.stdout == second.stdout
    assert first.stdout.startswith(b"sysvet 0.1: ")


def test_page_on_standard_output(tmp_path: Path) -> None:
    report("html", stored("clean"), "-o", str(tmp_path / "page"))
    assert report("html", stored("clean"), "-o", "-").stdout == (tmp_path / "page").read_bytes()


@pytest.mark.parametrize("arguments", [["--help"], ["html", "--help"], ["summary", "--help"]])
def test_help(arguments: list[str]) -> None:
    done = report(*arguments)
    assert done.returncode == 0 and done.stdout.startswith(b"usage: sysvet-report")


@pytest.mark.parametrize("arguments", [["--version"], ["html", "--version"], ["summary", "--version"]])
def test_version(arguments: list[str]) -> None:
    done = report(*arguments)
    assert (done.returncode, done.stdout) == (0, b"sysvet-report 0.1.0\n")


@pytest.mark.parametrize(
    "arguments", [[], ["html"], ["html", "x"], ["paint", "x"], ["summary", "x", "--loud"]])
def test_wrong_usage(arguments: list[str]) -> None:
    done = report(*arguments)
    assert done.returncode == 2 and b"usage: sysvet-report" in done.stderr


def test_wrong_records_leave_the_page_alone(tmp_path: Path) -> None:
    records, target = tmp_path / "r", tmp_path / "page"
    records.write_text('{"record":"begin"}\n')
    target.write_text("old")
    done = report("html", str(records), "-o", str(target))
    assert done.returncode == 2 and target.read_text() == "old"
    assert done.stderr.decode() == f'{records}:1:1: found no "format", expected "format": 1\n'


def test_missing_file_and_unwritable_page(tmp_path: Path) -> None:
    done = report("summary", str(tmp_path / "none"))
    assert (done.returncode, done.stderr.decode()) == (
        2, f"sysvet-report: {tmp_path}/none: No such file or directory\n")
    done = report("html", stored("clean"), "-o", str(tmp_path / "no" / "page"))
    assert done.returncode == 2 and b"No such file or directory" in done.stderr


def test_reader_that_leaves_early() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, str(SCRIPT), "summary", stored("hostile")], stdout=writing,
                          stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")
