"""The sessions in one folder, and what can be done with them from the page.

Lives in the panel's process: reading, drawing and rendering cost the playing process nothing. The
page names a session by a number that it was given, never by a path.
"""

import asyncio
import json
import re
import secrets
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bridge.errors import BeatbridgeError, UserError
from bridge.offline.atomic import write_atomically
from bridge.panel import reach
from bridge.panel.glance import glance
from bridge.panel.uploads import SUFFIXES, Uploads

Message = dict[str, Any]

MOST_SESSIONS = 500
TAKES_IN_REACH = 3
"""The newest recordings stand beside the sensors; all of them among the sessions."""
NOTES = "notes.json"
CLIPS, REPORTS = "clips", "reports"
PAGE = "_page.html"
"""What ``render --page`` calls a session's page, after its name."""
FAILS_WITHIN_S = 3.0
"""What has sounded for so long will sound."""
LONGEST_S = 300.0
"""No command of ours takes longer over one session."""


class Library:
    """One folder of sessions."""

    def __init__(self, folder: Path, tell: Callable[[Message], None]) -> None:
        self._folder = folder
        self._tell = tell
        self._paths: dict[int, Path] = {}
        self._pages: dict[str, Path] = {}
        self._shown: list[Message] | None = None
        self._glances: dict[tuple[Path, float], Message] = {}
        self._playing: asyncio.subprocess.Process | None = None
        self._saying: asyncio.Future[str] | None = None
        self._looking = False
        self._at_once: list[Message] = []
        self._found: dict[str, list[Message]] = {}
        """Hearts that take seconds to find, by what they are; kept until the next look."""
        self.commands: dict[str, Callable[[Message], Awaitable[Message]]] = {
            "look": self._look,
            **Uploads(folder, self._arrived).commands,
            "session.note": self._note,
            "session.render": self._render,
            "session.page": self._render_page,
            "session.listen": self._listen,
            "session.drop": self._drop,
            "session.replay": self._replay,
            "device.check": self._check_device,
        }

    async def _look(self, command: Message) -> Message:
        """List the hearts in reach: what is known at once, and then what takes seconds to find."""
        if self._looking:
            return {}
        self._looking = True
        try:
            await self.show()
            self._at_once = await asyncio.to_thread(reach.at_once)
            self._show_reach()
            await asyncio.gather(*map(self._look_for, reach.LOOKED_FOR))
        finally:
            self._looking = False
        return {}

    async def _look_for(self, what: str) -> None:
        self._found[what] = await asyncio.to_thread(reach.LOOKED_FOR[what])
        self._show_reach()

    def _show_reach(self) -> None:
        found = [
            each
            for what in reach.LOOKED_FOR
            for each in self._found.get(what, reach.looking_for(what))
        ]
        takes = [
            reach.entry(
                f"csv:{self._folder / each['name']}", each["name"], "a recording, kept here"
            )
            for each in self._shown or []
            if each["readable"]
        ]
        self._tell({"k": "reach", "list": [*self._at_once, *found, *takes[:TAKES_IN_REACH]]})

    async def show(self) -> None:
        """Tell the pages what lies in the folder, if it is other than they know."""
        sessions = await asyncio.to_thread(self._sessions)
        if sessions != self._shown:
            self._shown = sessions
            self._tell({"k": "sessions", "folder": str(self._folder), "list": sessions})

    async def _arrived(self, path: Path) -> None:
        """Show a file that a page has sent.

        Raises:
            UserError: it is no recording; it is gone again, for nothing could be done with it.
        """
        await self.show()
        session = next((each for each in self._shown or [] if each["name"] == path.name), None)
        if session is None or session["readable"]:
            return
        path.unlink(missing_ok=True)
        await self.show()
        raise UserError(f"{path.name} is no recording that can be played: {session['says']}")

    def _sessions(self) -> list[Message]:
        paths = [path for path in self._folder.glob("*") if self._is_ours(path)]
        paths.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        paths = paths[:MOST_SESSIONS]
        self._paths = dict(enumerate(paths))
        notes = self._notes()
        return [self._session(number, path, notes) for number, path in self._paths.items()]

    def _session(self, number: int, path: Path, notes: dict[str, str]) -> Message:
        changed = path.stat().st_mtime
        seen = self._glances.get((path, changed))
        if seen is None:
            seen = self._glances[path, changed] = glance(path)
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(changed))
        clips = bool(self._clips(path))
        says = {"id": number, "name": path.name, "when": when, "clips": clips}
        return seen | says | {"note": notes.get(path.name, ""), "page": self._page(path)}

    def _page(self, session: Path) -> str | None:
        """Where the page of a session is served: under a name that nobody can guess."""
        page = self._folder / CLIPS / f"{session.stem}{PAGE}"
        if not page.is_file() or page.resolve().parent != self._folder.resolve() / CLIPS:
            return None
        known = {path: name for name, path in self._pages.items()}
        name = known.get(page) or secrets.token_urlsafe(16)
        self._pages[name] = page
        return f"/session/{name}"

    def page(self, name: str) -> Path | None:
        """The page that is served under a name."""
        return self._pages.get(name)

    def _is_ours(self, path: Path) -> bool:
        """A session in the folder itself: no link that leads out of it."""
        inside = path.suffix.lower() in SUFFIXES and path.is_file()
        return inside and path.resolve().parent == self._folder.resolve()

    def _clips(self, path: Path) -> list[Path]:
        return sorted((self._folder / CLIPS).glob(f"{_literal(path.stem)}_*.mid"))

    def _path(self, command: Message) -> Path:
        number = command.get("session")
        path = self._paths.get(number) if type(number) is int else None
        if path is None or not self._is_ours(path):
            raise UserError("this session is no longer there")
        return path

    async def _replay(self, command: Message) -> Message:
        path = self._path(command)
        name = re.sub(r"[^A-Za-z0-9]+", "-", path.stem).strip("-")[-20:].strip("-")
        source = f"csv:{path}"
        return {"forward": {"do": "start", "source": source, "name": f"take-{name}"}}

    async def _check_device(self, command: Message) -> Message:
        report = self._folder / REPORTS / "beatbridge-device-report.txt"
        await asyncio.to_thread(report.parent.mkdir, parents=True, exist_ok=True)
        return {"report": await self._run("device", "check", "--report", str(report), whole=True)}

    def _notes(self) -> dict[str, str]:
        try:
            notes = json.loads((self._folder / NOTES).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return notes if isinstance(notes, dict) else {}

    async def _note(self, command: Message) -> Message:
        text = " ".join(str(command.get("text", ""))[:200].split())
        notes = self._notes() | {self._path(command).name: text}
        content = json.dumps(notes, ensure_ascii=False, indent=1) + "\n"
        write_atomically(self._folder / NOTES, content.encode())
        return {"says": "noted"}

    async def _render_page(self, command: Message) -> Message:
        return await self._render(command, "--page")

    async def _render(self, command: Message, *more: str) -> Message:
        path = self._path(command)
        style = str(command.get("style", "default"))
        out = self._folder / CLIPS
        says = await self._run(
            "render",
            str(path),
            "--out",
            str(out),
            "--style",
            style,
            "--what",
            "drums,notes,cc",
            *more,
        )
        await self.show()
        return {"says": f"clips in {out}: {says}"}

    async def _listen(self, command: Message) -> Message:
        """Play the clips of a session; where there are none, make them first."""
        if self.close():
            return {"says": "stopped"}
        path = self._path(command)
        if not self._clips(path):
            await self._render(command)
        self._playing = await _start("play", *map(str, self._clips(path)))
        saying = self._saying = asyncio.ensure_future(_said(self._playing))
        ended, _ = await asyncio.wait({saying}, timeout=FAILS_WITHIN_S)
        if ended and self._playing.returncode:
            raise BeatbridgeError(_last_line(saying.result()))
        return {"says": "listening; press again to stop"}

    def close(self) -> bool:
        """Stop listening; whether anything sounded."""
        sounds = self._playing is not None and self._playing.returncode is None
        if sounds and self._playing is not None:
            self._playing.terminate()
        return sounds

    async def _drop(self, command: Message) -> Message:
        clips = self._clips(self._path(command))
        if not clips:
            raise UserError("make clips of it first")
        return {"says": await self._run("drop", *map(str, clips))}

    async def _run(self, *arguments: str, whole: bool = False) -> str:
        """Run one of our commands; return the last line that it says, or all that it says.

        Raises:
            BeatbridgeError: it failed, with its own line.
        """
        process = await _start(*arguments)
        try:
            said = await asyncio.wait_for(_said(process), LONGEST_S)
        except TimeoutError:
            process.kill()
            raise BeatbridgeError(f"{arguments[0]} took longer than {LONGEST_S:.0f} s") from None
        if whole:
            return said
        if process.returncode:
            raise BeatbridgeError(_last_line(said))
        return _last_line(said)


async def _said(process: asyncio.subprocess.Process) -> str:
    """All that it says until it ends."""
    out, _ = await process.communicate()
    return out.decode("utf-8", "replace").strip()


def _last_line(said: str) -> str:
    return (said.splitlines() or [""])[-1].removeprefix("beatbridge: ")


def _literal(stem: str) -> str:
    """A name in which no character is a pattern."""
    return re.sub(r"([\[\]*?])", r"[\1]", stem)


async def _start(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bridge", *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
