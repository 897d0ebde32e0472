"""The log of a console: records in frames, among whatever else was written there. README.md says how."""

import re
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from .words import count, listing, printable

FRAME = re.compile(rb"@sv (\d{6}) ([0-9a-f]{8}) ([+.]) (.*)", re.DOTALL)
NOTE = re.compile(rb"@sv (start|end) (.*)")
TROUBLE = re.compile(rb"Kernel panic - [^\n]*|\b(?:BUG: |Oops\b|INFO: task |Unable to handle )[^\n]*")
NUMBERS = 1_000_000     # after the last number comes 0 again
NEAR = 12               # lines that may have come into one frame


@dataclass(frozen=True, slots=True)
class Console:
    """What a log tells beside its records: frames lost, instances begun, what the kernel said last, and the
    status that the first process of the guest told."""

    lost: int
    begun: tuple[str, ...]
    trouble: str | None
    status: int | None

    def told(self, names: Collection[str]) -> list[str]:
        """Sentences on what else is to be known when the instances of these names have records."""
        working = [printable(name) for name in dict.fromkeys(self.begun) if name not in names]
        told = [
            f"{count(self.lost, 'line')} lost on the console." if self.lost else "",
            f"Begun and not ended: {listing(working)}." if working else "",
            f"The kernel said: {printable(self.trouble)}" if self.trouble else "",
            f"In the guest the run ended with status {self.status}." if self.status else "",
        ]
        return [text for text in told if text]


@dataclass(slots=True)
class Stream:
    """A run in a log: its lines, with the number of the line of the log where each begins."""

    lines: list[tuple[int, bytes]] = field(default_factory=list)
    rest: bytes = b""           # of a line that was not finished
    lost: int = 0
    begun: list[str] = field(default_factory=list)
    trouble: str | None = None
    status: int | None = None

    def console(self) -> Console:
        """What was beside the records."""
        return Console(self.lost, tuple(self.begun), self.trouble, self.status)


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame that came through whole; end is the offset behind it in the log."""

    number: int
    last: bool
    piece: bytes
    end: int


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
                return frame
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

    def take(self, frame: Frame, line: int) -> None:
        """The next frame that came through."""
        if not self.streams or frame.number < self.next:
            self.streams.append(Stream())
            self.next, self.open = 0, (line, b"")
        stream, missing = self.streams[-1], frame.number - self.next
        stream.lost += missing
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

    def trouble(self, text: str) -> None:
        """What the kernel said of itself. A panic is the last word."""
        stream = self.streams[-1] if self.streams else None
        if stream and not (stream.trouble or "").startswith("Kernel panic"):
            stream.trouble = text


def streams_of(log: bytes) -> list[Stream]:
    """Every run in the log of a console."""
    log = log.replace(b"\r", b"")
    reader, line, seen, outside = Reader(), 1, 0, 0
    for at, part in parts(log):
        line, seen = line + log.count(b"\n", seen, at), at
        for found in TROUBLE.findall(log, outside, at):
            reader.trouble(found.decode(errors="replace"))
        if isinstance(part, Frame):
            reader.take(part, line)
            outside = part.end
        else:
            reader.note(part[1], part[2].decode(errors="replace"))
            outside = at + len(part[0])
    for found in TROUBLE.findall(log, outside):
        reader.trouble(found.decode(errors="replace"))
    return reader.streams


def trouble_in(log: bytes) -> str | None:
    """What a kernel said of itself that never came to a run."""
    found = TROUBLE.search(log)
    return printable(found[0].decode(errors="replace").rstrip()) if found else None


def is_log(content: bytes) -> bool:
    """Is it the log of a console, and not a file of records?"""
    return not content.lstrip().startswith(b"{") and b"@sv 000000 " in content
