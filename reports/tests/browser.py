"""A Chromium without a window, spoken to through a pipe in the words of its DevTools protocol."""

import base64
import fcntl
import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium")
DEADLINE = 60       # seconds for one answer; only a hang takes that long
OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
           "--hide-scrollbars", "--disable-background-networking", "--disable-component-update",
           "--disable-extensions", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND",
           "--force-color-profile=srgb", "--remote-debugging-pipe")
Message = dict[str, Any]


def high(end: int) -> int:
    """The same end of a pipe under a number that no standard one can have."""
    result = fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(end)
    return result


class Browser:
    """One process, one page at a time. heard is all that it said unasked since the last visit began."""

    def __init__(self) -> None:
        assert CHROMIUM
        self.home = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs_in, self.ours_out = map(high, os.pipe())
        self.ours_in, theirs_out = map(high, os.pipe())
        null = os.open(os.devnull, os.O_RDWR)
        self.pid = os.posix_spawn(
            CHROMIUM, [CHROMIUM, *OPTIONS, f"--user-data-dir={self.home.name}", "about:blank"],
            os.environ | {"HOME": self.home.name}, setpgroup=0,
            file_actions=[(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1),
                          (os.POSIX_SPAWN_DUP2, null, 2), (os.POSIX_SPAWN_DUP2, theirs_in, 3),
                          (os.POSIX_SPAWN_DUP2, theirs_out, 4)])
        for end in (theirs_in, theirs_out, null):
            os.close(end)
        self.rest = b""
        self.number = 0
        self.session = ""
        self.heard: list[Message] = []
        target = next(one for one in self.ask("Target.getTargets")["targetInfos"] if one["type"] == "page")
        attached = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(domain + ".enable")

    def close(self) -> None:
        """Ends the process and all that it started."""
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.ours_in)
        os.close(self.ours_out)
        self.home.cleanup()

    def listen(self) -> Message:
        """The next message."""
        while b"\0" not in self.rest:
            more = os.read(self.ours_in, 1 << 20)
            if not more:
                raise EOFError("Chromium ended")
            self.rest += more
        line, self.rest = self.rest.split(b"\0", 1)
        message: Message = json.loads(line)
        return message

    def until(self, wanted: Callable[[Message], bool]) -> Message:
        """Listens until a message is the wanted one."""
        signal.alarm(DEADLINE)
        try:
            while not wanted(message := self.listen()):
                self.heard.append(message)
        finally:
            signal.alarm(0)
        return message

    def ask(self, method: str, **params: Any) -> Message:
        """One command and its answer."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.ours_out, json.dumps(message).encode() + b"\0")
        answer = self.until(lambda one: one.get("id") == message["id"])
        assert "error" not in answer, answer["error"]
        result: Message = answer["result"]
        return result

    def visit(self, page: Path, width: int = 1280, height: int = 900, *, scheme: str = "light",
              media: str = "") -> None:
        """Opens a page and waits until it has been loaded."""
        self.heard = []
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                 mobile=width < 600)
        self.ask("Emulation.setEmulatedMedia", media=media,
                 features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.ask("Page.navigate", url=page.as_uri())
        self.until(lambda one: one.get("method") == "Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """What an expression is in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Presses a key such as Tab."""
        code = {"Tab": 9, "Enter": 13}[key]
        for kind in ("rawKeyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def picture(self) -> bytes:
        """The window as PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot")["data"])

    def paper(self) -> bytes:
        """The page as it is printed, PDF."""
        return base64.b64decode(self.ask("Page.printToPDF", preferCSSPageSize=True)["data"])

    def said(self) -> list[str]:
        """What the console shows: errors, warnings and what the page wrote there."""
        return [json.dumps(one["params"]) for one in self.heard if one.get("method") in (
            "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")]

    def requests(self) -> list[str]:
        """All that was to be fetched, the page itself included."""
        return [one["params"]["request"]["url"] for one in self.heard
                if one.get("method") == "Network.requestWillBeSent"]
