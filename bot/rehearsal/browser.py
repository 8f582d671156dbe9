"""The phones in the browser: a WebSocket that shows what people see and takes what they do; files; the page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
from aiohttp import BodyPartReader, WSMsgType, web

from bot.rehearsal import people
from bot.rehearsal.errors import Refusal
from bot.rehearsal.files import StoredFile
from bot.rehearsal.state import Json, Person, World

_LOCAL = frozenset({"127.0.0.1", "localhost"})
_INLINE = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "application/pdf"})
_LONGEST_FRAME = 64 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Sample:
    """A file that somebody can send with one click."""

    name: str
    label: str
    content: bytes
    kind: str
    mime: str
    file_name: str


@dataclass(slots=True)
class Browser:
    """Everything under /rehearsal/. Only this machine is served: the Host and Origin headers are looked at."""

    world: World
    folder: Path | None
    samples: dict[str, Sample] = field(default_factory=dict)
    messages: list[Json] = field(default_factory=list)
    """The SMS that were sent, oldest first."""
    _sockets: dict[web.WebSocketResponse, asyncio.Queue[bytes]] = field(default_factory=dict)

    def routes(self) -> list[web.RouteDef]:
        """What to add to the application."""
        return [
            web.get("/", self._to_page),
            web.get("/rehearsal", self._to_page),
            web.get("/rehearsal/", local(self._page)),
            web.get("/rehearsal/socket", local(self._socket)),
            web.post("/rehearsal/upload", local(self._upload)),
            web.get("/rehearsal/file/{file_id}", local(self._file)),
            web.get("/rehearsal/sample/{name}", local(self._sample)),
            web.get("/rehearsal/{asset}", local(self._page)),
        ]

    def tell(self, event: Json) -> None:
        """Sends an event to every open page."""
        if self._sockets:
            frame = orjson.dumps(event)
            for queue in self._sockets.values():
                queue.put_nowait(frame)

    def hello(self) -> Json:
        """What a page is told first, and when people or samples change."""
        bot = self.world.bot
        return {
            "type": "hello",
            "bot": {"name": bot["first_name"], "username": bot["username"]},
            "people": [
                {
                    "id": person.id,
                    "name": f"{person.first_name} {person.last_name}".strip(),
                    "role": person.role,
                    "language_code": person.language_code,
                    "phone": person.phone,
                    "unread": self.world.chats[person.id].unread,
                }
                for person in self.world.people.values()
            ],
            "samples": [
                {
                    "name": each.name,
                    "label": each.label,
                    "url": f"/rehearsal/sample/{quote(each.name)}",
                    "kind": each.kind,
                }
                for each in self.samples.values()
            ],
            "sms": self.messages,
        }

    async def close(self) -> None:
        """Ends every socket."""
        for socket in list(self._sockets):
            await socket.close(code=1001, message=b"stopping")

    async def _to_page(self, _request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/rehearsal/")

    async def _page(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("asset", "index.html")
        path = self.folder / name if self.folder else None
        if path is None or path.name != name or name.startswith(".") or not path.is_file():
            raise web.HTTPNotFound
        return web.FileResponse(path, headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        stored = self.world.files.find(request.match_info["file_id"])
        if stored is None:
            raise web.HTTPNotFound
        return _download(stored.content, stored.mime, _name_of(stored))

    async def _sample(self, request: web.Request) -> web.StreamResponse:
        sample = self.samples.get(request.match_info["name"])
        if sample is None:
            raise web.HTTPNotFound
        return _download(sample.content, sample.mime, sample.file_name)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        person = self._person(request.query.get("person"))
        files: list[tuple[bytes, str, str]] = []
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                mime = part.headers.get("Content-Type", "application/octet-stream").split(";")[0]
                files.append((bytes(await part.read()), part.filename or "file", mime))
        try:
            await self._send_files(person, files, as_photo=request.query.get("as") == "photo")
        except Refusal as refusal:
            raise web.HTTPBadRequest(text=refusal.description) from None
        return web.json_response({"ok": True})

    async def _send_files(self, person: Person, files: list[tuple[bytes, str, str]], *, as_photo: bool) -> None:
        if as_photo:
            photos = [await self.world.files.add_photo(content) for content, _, _ in files]
            contents: list[Json] = [{"photo": photo} for photo in photos]
            if len(contents) > 1:
                album = self.world.next_number()
                contents = [{"media_group_id": album, **content} for content in contents]
        else:
            contents = [{"document": self.world.files.add(*each)} for each in files]
        for content in contents:
            people.write(self.world, person, content)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=_LONGEST_FRAME, heartbeat=30)
        await socket.prepare(request)
        queue: asyncio.Queue[bytes] = asyncio.Queue()
        queue.put_nowait(orjson.dumps(self.hello()))
        self._sockets[socket] = queue
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(_write(socket, queue))
                async for frame in socket:
                    if frame.type is WSMsgType.TEXT:
                        await self._act(frame.data, queue)
                writer.cancel()
        finally:
            del self._sockets[socket]
        return socket

    async def _act(self, frame: str, queue: asyncio.Queue[bytes]) -> None:
        """Does what a frame of the page says; one that makes no sense is passed over."""
        try:
            asked = orjson.loads(frame)
            person = self._person(asked["person"])
            await self._do(asked["type"], person, asked, queue)
        except (
            orjson.JSONDecodeError,
            KeyError,
            TypeError,
            ValueError,
            AssertionError,
            Refusal,
            web.HTTPNotFound,
        ) as error:
            queue.put_nowait(orjson.dumps({"type": "refused", "reason": f"{type(error).__name__}: {error}"}))

    async def _do(self, kind: str, person: Person, asked: Json, queue: asyncio.Queue[bytes]) -> None:
        world = self.world
        match kind:
            case "open":
                queue.put_nowait(orjson.dumps(self._snapshot(person)))
            case "send_text":
                text = str(asked["text"])
                key = self._key(person, text)
                if key is not None:
                    people.use_key(world, person, key)
                elif text.strip():
                    people.write(world, person, people.text_fields(text[:4096]))
            case "press":
                people.press(world, person, int(asked["message_id"]), str(asked["data"]))
            case "share_contact":
                people.use_key(world, person, {"text": "", "request_contact": True})
            case "send_sample":
                chosen = [self.samples[name] for name in asked["names"]]
                files = [(each.content, each.file_name, each.mime) for each in chosen]
                await self._send_files(person, files, as_photo=asked.get("as", "photo") == "photo")
            case "edit_text":
                people.edit(world, person, int(asked["message_id"]), str(asked["text"]))
            case "delete":
                people.delete(world, person, int(asked["message_id"]))
            case "block":
                people.block(world, person)
            case "unblock":
                people.unblock(world, person)
            case _:
                raise ValueError(f"unknown frame {kind}")
        if kind in {"block", "unblock"}:
            self.tell(self._snapshot(person))

    def _snapshot(self, person: Person) -> Json:
        chat = self.world.chats[person.id]
        chat.unread = 0
        return {
            "type": "chat",
            "person": person.id,
            "messages": list(chat.messages.values()),
            "commands": self.world.profile.commands_for(person.id, person.language_code),
            "keyboard": chat.keyboard,
            "blocked": chat.blocked,
        }

    def _key(self, person: Person, text: str) -> Json | None:
        """The plain key of the reply keyboard that says so: a page sends its label as text."""
        rows = (self.world.chats[person.id].keyboard or {}).get("keyboard", [])
        return next((key for row in rows for key in row if key["text"] == text and "request_contact" not in key), None)

    def _person(self, given: Any) -> Person:
        person = self.world.people.get(int(given or 0))
        if person is None:
            raise web.HTTPNotFound
        return person


def local(handler: Handler) -> Handler:
    """Serves this machine and pages from here only: another site in the same browser gets 403."""

    async def guarded(request: web.Request) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if urlsplit(f"//{request.host}").hostname not in _LOCAL:
            raise web.HTTPForbidden
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise web.HTTPForbidden
        return await handler(request)

    return guarded


async def _write(socket: web.WebSocketResponse, queue: asyncio.Queue[bytes]) -> None:
    try:
        while True:
            await socket.send_str((await queue.get()).decode())
    except ConnectionError:
        return  # the page is gone; the reader ends by itself


def _name_of(stored: StoredFile) -> str:
    return stored.name or stored.path.rpartition("/")[2]


def _download(content: bytes, mime: str, name: str) -> web.Response:
    how = "inline" if mime in _INLINE else "attachment"
    return web.Response(
        body=content,
        content_type=mime,
        headers={
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, max-age=3600",
        },
    )
