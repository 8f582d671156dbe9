"""Sends pictures and documents of plans: uploaded to Telegram once, by its file id from then on.

A file id that Telegram no longer knows (another bot's database, a lost file) is forgotten and the file uploaded again.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from typing import Any

from telegram.error import BadRequest

from bot.telegram.client import Api, File
from storage.database import Database
from storage.media import MediaStore

ALBUM = 10  # Bot API: pictures of one album
PHOTO, DOCUMENT = "photo", "document"


class MediaSender:
    def __init__(self, api: Api, database: Database, store: MediaStore) -> None:
        self._api = api
        self._database = database
        self._store = store

    async def send_album(self, chat_id: int, names: Sequence[str]) -> None:
        """One picture, or several as albums of ten. Raises TelegramError."""
        for start in range(0, len(names), ALBUM):
            await self._send(chat_id, names[start : start + ALBUM], PHOTO, "")

    async def send_document(self, chat_id: int, name: str, shown_as: str) -> None:
        """Raises TelegramError."""
        await self._send(chat_id, [name], DOCUMENT, shown_as)

    async def _send(self, chat_id: int, names: Sequence[str], form: str, shown_as: str) -> None:
        known = await self._database.read(lambda connection: _known(connection, names, form))
        try:
            messages = await self._call(chat_id, names, form, shown_as, known)
        except BadRequest:
            if not known:
                raise
            # Whatever it was, it is not the file ids any more when everything is uploaded anew.
            messages = await self._call(chat_id, names, form, shown_as, {})
        found = {name: _file_id(message, form) for name, message in zip(names, messages, strict=True)}
        if found != known:
            await self._database.insist(lambda connection: _remember(connection, found, form))

    async def _call(
        self, chat_id: int, names: Sequence[str], form: str, shown_as: str, known: dict[str, str]
    ) -> list[dict[str, Any]]:
        files: dict[str, File] = {}
        for index, name in enumerate(names):
            if name not in known:
                mime = "image/jpeg" if form == PHOTO else "application/pdf"
                content = await asyncio.to_thread(self._store.get, name)
                files[f"f{index}"] = (shown_as or f"{index + 1}.jpg", content, mime)
        sources = [known.get(name) or f"attach://f{index}" for index, name in enumerate(names)]
        if len(names) > 1:
            media = [{"type": form, "media": source} for source in sources]
            messages: list[dict[str, Any]] = await self._api.call(
                "sendMediaGroup", {"chat_id": chat_id, "media": media}, files
            )
            return messages
        method = "sendPhoto" if form == PHOTO else "sendDocument"
        parameters = {"chat_id": chat_id} | ({form: known[names[0]]} if names[0] in known else {})
        upload = {form: files["f0"]} if files else None
        return [await self._api.call(method, parameters, upload)]


def _known(connection: sqlite3.Connection, names: Sequence[str], form: str) -> dict[str, str]:
    rows = (
        connection.execute("SELECT media, file_id FROM telegram_files WHERE media = ? AND form = ?", (name, form))
        for name in names
    )
    return dict(found for row in rows if (found := row.fetchone()))


def _remember(connection: sqlite3.Connection, found: dict[str, str], form: str) -> None:
    connection.executemany(
        "INSERT INTO telegram_files (media, form, file_id) VALUES (?, ?, ?)"
        " ON CONFLICT (media, form) DO UPDATE SET file_id = excluded.file_id",
        [(name, form, file_id) for name, file_id in found.items()],
    )


def _file_id(message: dict[str, Any], form: str) -> str:
    sizes = message[form]
    return str((max(sizes, key=lambda size: size["width"]) if form == PHOTO else sizes)["file_id"])
