"""The logs of consoles: what is read of them, what is mended, what is told to be lost."""

import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from pages import stored

from sysvet_report.console import NUMBERS, Console, is_log, streams_of
from sysvet_report.digest import digest
from sysvet_report.formats.events import Close, events
from sysvet_report.load import LoadError, load_run
from sysvet_report.text import summary

PANIC = b"[   12.345678] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\r\n"


def frame(number: int, mark: bytes, piece: bytes) -> bytes:
    """As harness/console.c writes it, and the console after it."""
    seal = zlib.crc32(b"%06d %c " % (number, mark[0]) + piece)
    return b"@sv %06d %08x %c %s\r\n" % (number, seal, mark[0], piece)


def frames(records: bytes, size: int = 160, start: int = 0) -> list[bytes]:
    """A file of records as frames."""
    pieces = []
    for line in records.splitlines():
        cuts = range(0, len(line), size)
        pieces += [(b"+" if at + size < len(line) else b".", line[at:at + size]) for at in cuts]
    return [frame((start + n) % NUMBERS, *piece) for n, piece in enumerate(pieces)]


def clean() -> list[bytes]:
    """The frames of a run that is stored."""
    return frames(Path(stored("clean")).read_bytes())


def behind_begin(parts: list[bytes]) -> int:
    """Number of the frame with which the first record of a case begins."""
    return next(n for n, part in enumerate(parts) if b'"record":"case"' in part)


def log(path: Path, parts: list[bytes]) -> str:
    """A log with these frames, between what a machine says at its start and at its end."""
    path.write_bytes(b"".join([b"Linux version 6.1\r\n@sv begins a line\r\n", *parts, b"[ 9.0] reboot\r\n"]))
    return str(path)


def text_of(path: str) -> str:
    return summary(digest(load_run(path)))


@pytest.mark.parametrize("size", [20, 160, 100000])
def test_a_log_says_what_the_records_say(tmp_path: Path, size: int) -> None:
    run = load_run(log(tmp_path / "log", frames(Path(stored("hostile")).read_bytes(), size)))
    plain = load_run(stored("hostile"))
    assert (run.cases, run.end, run.torn) == (plain.cases, plain.end, False)
    assert run.console == Console(0, (), (), None, None)


@pytest.mark.parametrize("cut", range(4, 60, 5))
def test_a_frame_that_a_message_broke_is_mended(tmp_path: Path, cut: int) -> None:
    parts = clean()
    parts[1] = parts[1][:cut] + b"[    1.2] eth0: link\r\nwithout a time\r\n" + parts[1][cut:]
    run = load_run(log(tmp_path / "log", parts))
    assert (run.cases, run.end) == (load_run(stored("clean")).cases, load_run(stored("clean")).end)
    assert run.console and run.console.lost == 0


def test_text_before_a_frame_does_not_hide_it(tmp_path: Path) -> None:
    parts = [b"no line feed" + part for part in clean()]
    assert load_run(log(tmp_path / "log", parts)).end


@pytest.mark.parametrize("at, lost", [(0, 1), (1, 2), (5, 3)])
def test_lost_frames_are_counted_and_what_is_whole_is_kept(tmp_path: Path, at: int, lost: int) -> None:
    parts = clean()
    at += behind_begin(parts)
    del parts[at:at + lost]
    run = load_run(log(tmp_path / "log", parts))
    assert run.console and run.console.lost == lost
    assert run.end is None
    assert set(run.cases) < set(load_run(stored("clean")).cases)
    text = text_of(str(tmp_path / "log"))
    lines = "1 line" if lost == 1 else f"{lost} lines"
    assert f"{lines} lost on the console, as line {at + 3} of the log shows." in text


def test_a_changed_letter_is_a_lost_frame(tmp_path: Path) -> None:
    parts = clean()
    at = behind_begin(parts)
    parts[at] = parts[at].replace(b'"record"', b'"recorf"')
    run = load_run(log(tmp_path / "log", parts))
    assert run.console and run.console.lost == 1


def test_a_panic_leaves_the_prefix_and_says_where(tmp_path: Path) -> None:
    run = Path(stored("clean")).read_bytes().splitlines(keepends=True)
    parts = frames(b"".join(run[:3]))
    note = b"@sv start sem/that-was-too-much\r\n"
    path = log(tmp_path / "log", [*parts, note, b"BUG: first\r\n", PANIC, b"BUG: later\r\n"])
    assert len(load_run(path).cases) == 2
    text = text_of(path)
    assert "No verdict" in text and "the run was interrupted" in text
    assert "Begun and not ended: sem/that-was-too-much." in text
    assert "Kernel panic - not syncing: Attempted to kill init!" in text
    *_, close = events(path, False)
    assert isinstance(close, Close) and close.trouble and "sem/that-was-too-much" in close.trouble


def test_a_record_that_was_cut_off_is_torn(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"".join(frames(Path(stored("clean")).read_bytes(), 20)[:-1]))
    run = load_run(str(tmp_path / "log"))
    assert run.torn and run.end is None


def test_instances_that_have_a_record_are_not_at_work() -> None:
    notes = b"@sv start a\n@sv start b\n@sv end 99\n"
    [stream] = streams_of(frame(0, b".", b"{}") + notes)
    told = stream.console().told({"a"})
    assert told == ["Begun and not ended: b.", "In the guest the run ended with status 99."]


def test_the_last_of_several_runs_counts(tmp_path: Path) -> None:
    older = frames(Path(stored("deviates")).read_bytes())
    assert load_run(log(tmp_path / "log", older + clean())).end == load_run(stored("clean")).end
    broken = older[:1] + older[2:]
    run = load_run(log(tmp_path / "log", broken + clean()))
    assert run.end and run.console and run.console.lost == 0
    whole, headless = streams_of(b"".join([*clean(), frame(1, b".", b"{}")]))
    assert (whole.lost, headless.lost) == (0, 1)


@pytest.mark.parametrize("at, lines", [(0, 1), (0, 5), (3, 1), (3, 4)])
def test_frames_that_came_twice_count_once(tmp_path: Path, at: int, lines: int) -> None:
    parts = clean()
    run = load_run(log(tmp_path / "log", parts[:at + lines] + parts[at:]))
    assert (run.cases, run.end) == (load_run(stored("clean")).cases, load_run(stored("clean")).end)
    assert run.console and run.console.lost == 0


def test_a_later_run_without_its_beginning_is_lost_and_not_forgotten(tmp_path: Path) -> None:
    parts, later = clean(), frames(Path(stored("deviates")).read_bytes())[2:]
    run = load_run(log(tmp_path / "log", parts + later))
    assert run.cases == load_run(stored("clean")).cases
    assert run.end is None
    assert run.console and run.console.lost == len(later) + 2
    assert run.console.gaps == (len(parts) + 3,)


FOREIGN = [b"[ 1.2] eth0: up\n", b"\n", b"@sv ", b"@sv end 0\n"]
DAMAGES: tuple[Callable[[Random, bytes], bytes], ...] = (
    lambda _, part: b"",
    lambda _, part: part + part,
    lambda random, part: part[:random.randrange(len(part))],
    lambda random, part: part[:random.randrange(len(part))] + b"\n",
    lambda random, part: bytes(byte ^ (random.random() < 0.01) for byte in part),
    lambda random, part: part[:30] + random.choice(FOREIGN) + part[30:],
)


@pytest.mark.parametrize("seed", range(60))
def test_however_a_log_is_damaged_what_is_missing_is_told(tmp_path: Path, seed: int) -> None:
    random, whole = Random(seed), load_run(stored("hostile"))
    parts = frames(Path(stored("hostile")).read_bytes())
    begin = next(n for n, part in enumerate(parts) if b'"record":"case"' in part)
    parts[begin:] = [random.choice(DAMAGES)(random, part) if random.random() < 0.1 else part
                     for part in parts[begin:]]
    run = load_run(log(tmp_path / "log", parts))
    assert run.console
    assert [case for case in whole.cases if case in run.cases] == list(run.cases)
    assert (run.end == whole.end and not run.console.lost) or (run.end is None and "No verdict" in text_of(
        str(tmp_path / "log")))
    assert bool(run.console.gaps) == bool(run.console.lost)


def test_what_the_kernel_said_is_told_of_a_run_that_is_whole(tmp_path: Path) -> None:
    parts = clean()
    parts[3] = parts[3][:40] + b"[    1.2] BUG: sleeping function\r\n" + parts[3][40:]
    path = log(tmp_path / "log", [*parts, b"@sv end 0\r\n"])
    assert load_run(path).end
    assert "The kernel said: BUG: sleeping function" in text_of(path)
    assert "ended with status" not in text_of(path)
    assert "ended with status 139" in text_of(log(tmp_path / "log", [*parts, b"@sv end 139\r\n"]))


def test_numbers_begin_again_after_the_last(tmp_path: Path) -> None:
    parts = frames(b'{"record":"begin"}\n{"record":"case"}\n{"record":"end"}\n', 160, NUMBERS - 2)
    [stream] = streams_of(frame(0, b".", b"{}") + b"".join(parts))
    assert stream.lost == NUMBERS - 3
    assert [line for _, line in stream.lines[1:]] == [
        b'{"record":"begin"}\n', b'{"record":"case"}\n', b'{"record":"end"}\n']


def test_a_frame_that_is_missing_where_numbers_begin_again_is_no_other_run() -> None:
    parts = frames(b"1\n2\n3\n4\n", 160, NUMBERS - 2)
    [stream] = streams_of(frame(0, b".", b"{}") + parts[0] + parts[2] + parts[3])
    assert stream.lost == NUMBERS - 3 + 1


def test_a_log_without_a_begin_record_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(frame(0, b".", b'{"record":"matrix"}'))
    with pytest.raises(LoadError, match="log of a console without a begin record"):
        load_run(str(tmp_path / "log"))
    (tmp_path / "log").write_bytes(b"".join(clean()[1:]))
    with pytest.raises(LoadError, match="without a begin record, expected one. 1 line lost .* as line 1 of"):
        load_run(str(tmp_path / "log"))


def test_an_error_names_the_line_of_the_log_where_the_record_begins(tmp_path: Path) -> None:
    parts = clean()
    at = behind_begin(parts)
    parts[at:] = frames(b'{"record":"case","name":"' + 100 * b"x" + b'","case":1}\n', 40, at)
    with pytest.raises(LoadError, match=f"log:{at + 3}:"):
        load_run(log(tmp_path / "log", parts))


def test_a_kernel_that_died_before_the_run_says_why(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"[ 0.0] Linux version 6.1\r\n" + PANIC)
    with pytest.raises(LoadError, match="no record in it.*: Kernel panic - not syncing: Attempted"):
        load_run(str(tmp_path / "log"))


def test_records_that_speak_of_frames_are_records() -> None:
    assert not is_log(b'{"record":"begin","claim":"@sv 000000 "}\n')
    assert is_log(b"\x1bc\nbooting\n" + frame(0, b".", b"{}"))
