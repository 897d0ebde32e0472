"""The log of a console: records in frames, among whatever else was written there. README.md says how."""

import re
import zlib
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from .words import count, listing, printable

HEAD = rb"@sv (\d{6}) ([0-9a-f]{8}) ([+.]) "
FRAME = re.compile(HEAD + rb"(.*)", re.DOTALL)
NOTE = re.compile(rb"@sv (start|end) (.*)")
TROUBLE = re.compile(rb"Kernel panic - [^\n]*|\b(?:BUG: |Oops\b|INFO: task |Unable to handle )[^\n]*")
NUMBERS = 1_000_000     # after the last number comes 0 again
NEAR = 12               # lines that may have come into one frame; frames that may have come twice
SHOWN = 5               # places that are told where lines are missing
FAR = 1000              # frames that may be missing where numbers begin again


@dataclass(frozen=True, slots=True)
class Console:
    """What a log tells beside its records: frames lost, in which lines of the log that was noticed, instances
    begun, what the kernel said last, and the status that the first process of the guest told."""

    lost: int
    gaps: tuple[int, ...]
    begun: tuple[str, ...]
    trouble: str | None
    status: int | None

    def told(self, names: Collection[str], status: int = 0) -> list[str]:
        """Sentences on what else is to be known when the instances of these names have records, and the end
        record tells this status."""
        working = [printable(name) for name in dict.fromkeys(self.begun) if name not in names]
        told = [
            self.missing(),
            f"Begun and not ended: {listing(working)}." if working else "",
            f"The kernel said: {printable(self.trouble)}" if self.trouble else "",
            f"In the guest the run ended with status {self.status}."
            if self.status not in (None, status) else "",
        ]
        return [text for text in told if text]

    def missing(self) -> str:
        """What is lost and where, as a sentence; empty when nothing is."""
        shown = [f"line {at}" for at in self.gaps[:SHOWN]] + ["further places"] * (len(self.gaps) > SHOWN)
        return (f"{count(self.lost, 'line')} lost on the console, as {listing(shown)} of the log "
                f"{'show' if len(self.gaps) > 1 else 'shows'}." if self.lost else "")


@dataclass(slots=True)
class Stream:
    """A run in a log: its lines, with the number of the line of the log where each begins."""

    begins: int = 0             # line of the log in which it does
    came: int = 0               # frames that came through
    lines: list[tuple[int, bytes]] = field(default_factory=list)
    rest: bytes = b""           # of a line that was not finished
    lost: int = 0
    gaps: list[int] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    trouble: str | None = None
    status: int | None = None

    def console(self) -> Console:
        """What was beside the records."""
        return Console(self.lost, tuple(self.gaps), tuple(self.begun), self.trouble, self.status)

    def miss(self, frames: int, line: int) -> None:
        """So many frames are missing before this line of the log."""
        if frames:
            self.lost += frames
            self.gaps.append(line)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that came through whole; end is the offset behind it in the log, and foreign what was in it."""

    number: int
    last: bool
    piece: bytes
    end: int
    foreign: bytes = b""


def intact(text: bytes, end: int) -> Frame | None:
    """The frame that text is, if its sum is right."""
    found = FRAME.fullmatch(text)
    if found and zlib.crc32(found[1] + b" " + found[3] + b" " + found[4]) == int(found[2], 16):
        return Frame(int(found[1]), found[3] == b".", found[4], end)
    return None


def mended(log: bytes, at: int, line: bytes) -> Frame | None:
    """The frame that begins at offset at, and that lines of somebody else have broken in two."""
    begin = at + len(line) + 1
    for _ in range(NEAR):
        end = log.find(b"\n", begin)
        if end < 0:
            return None
        rest = log[begin:end]
        if b"@sv " in rest and intact(rest[rest.index(b"@sv "):], end):
            return None
        for cut in range(len(line), 3, -1):
            frame = intact(line[:cut] + rest, end)
            if frame:
                return replace(frame, foreign=log[at + cut:begin])
        begin = end + 1
    return None


def parts(log: bytes) -> Iterator[tuple[int, Frame | re.Match[bytes]]]:
    """Offset and value of every frame and note."""
    at = log.find(b"@sv ")
    while at >= 0:
        end = log.find(b"\n", at)
        line = log[at:end if end >= 0 else len(log)]
        found = intact(line, at + len(line)) or NOTE.match(line) or mended(log, at, line)
        if found:
            yield at, found
        at = log.find(b"@sv ", found.end if isinstance(found, Frame) else at + 4)


class Reader:
    """Puts the lines of runs together."""

    def __init__(self) -> None:
        self.streams: list[Stream] = []
        self.next = 0
        self.open: tuple[int, bytes] | None = (0, b"")      # line of the log, and text so far; None: lost
        self.near: deque[Frame] = deque(maxlen=NEAR)

    def came_twice(self, frame: Frame) -> bool:
        """Consoles repeat what they sent, when a line or some of them went wrong."""
        return any((old.number, old.last, old.piece) == (frame.number, frame.last, frame.piece)
                   for old in self.near)

    def missing_before(self, number: int) -> int | None:
        """How many frames are missing before that of this number; None: it is of another run."""
        ahead = (number - self.next) % NUMBERS
        return ahead if self.streams and (number >= self.next or ahead < FAR) else None

    def take(self, frame: Frame, line: int) -> None:
        """The next frame that came through."""
        if self.came_twice(frame):
            return
        missing = self.missing_before(frame.number)
        if missing is None:
            self.streams.append(Stream(line))
            missing, self.open = frame.number, (line, b"")
            self.near.clear()
        self.near.append(frame)
        stream = self.streams[-1]
        stream.miss(missing, line)
        stream.came += 1
        self.next = (frame.number + 1) % NUMBERS
        if missing:
            self.open = (line, b"") if frame.piece.startswith(b'{"record":') else None
        if self.open is not None:
            begun, text = self.open
            self.open = (begun if text else line, text + frame.piece)
            if frame.last:
                stream.lines.append((self.open[0], self.open[1] + b"\n"))
        if frame.last:
            self.open = (line, b"")
        stream.rest = b"" if self.open is None else self.open[1]

    def note(self, word: bytes, text: str) -> None:
        """A note, which belongs to the run that has begun."""
        if self.streams and word == b"start":
            self.streams[-1].begun.append(text)
        elif self.streams and text.isdigit():
            self.streams[-1].status = int(text)

    def hear(self, others: bytes) -> None:
        """What the kernel said of itself, in what others wrote. A panic is the last word."""
        stream = self.streams[-1] if self.streams else Stream()
        for text in TROUBLE.findall(others):
            if not (stream.trouble or "").startswith("Kernel panic"):
                stream.trouble = text.decode(errors="replace")


def streams_of(log: bytes) -> list[Stream]:
    """Every run in the log of a console."""
    log = log.replace(b"\r", b"")
    reader, line, seen, outside = Reader(), 1, 0, 0
    for at, part in parts(log):
        line, seen = line + log.count(b"\n", seen, at), at
        reader.hear(log[outside:at])
        if isinstance(part, Frame):
            reader.take(part, line)
            reader.hear(part.foreign)
            outside = part.end
        else:
            reader.note(part[1], part[2].decode(errors="replace"))
            outside = at + len(part[0])
    reader.hear(log[outside:])
    return reader.streams


def trouble_in(log: bytes) -> str | None:
    """What a kernel said of itself that never came to a run."""
    found = TROUBLE.search(log)
    return printable(found[0].decode(errors="replace").rstrip()) if found else None


def is_log(content: bytes) -> bool:
    """Is it the log of a console, and not a file of records?"""
    return not content.lstrip().startswith(b"{") and bool(re.search(HEAD, content))
