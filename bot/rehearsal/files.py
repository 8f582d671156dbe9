"""The files that people and the bot have sent: their identifiers, sizes and bytes."""

from __future__ import annotations

import asyncio
import hashlib
import io
import mimetypes
import warnings
from dataclasses import dataclass
from typing import Any

from PIL import Image

from bot.rehearsal.errors import bad_request

MAX_DOWNLOAD = 20 * 1024 * 1024
MAX_PHOTO = 10 * 1024 * 1024
MAX_UPLOAD = 50 * 1024 * 1024
_LONGEST_SIDES = (("s", 90), ("m", 320), ("x", 800), ("y", 1280))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file: `kind` is photo or document (or another kind of media), `path` is what getFile answers."""

    file_id: str
    unique_id: str
    kind: str
    content: bytes
    name: str
    mime: str
    path: str
    media: Any
    """What a message carries: a list of PhotoSize for a photo, else a Document."""


class Files:
    """Every file known, by `file_id` and by path. A file keeps its identifiers as long as its bytes are the same."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._photos: dict[str, list[dict[str, Any]]] = {}

    def get(self, file_id: str) -> StoredFile:
        """The file of that identifier; Refusal if there is none."""
        found = self._by_id.get(file_id)
        if found is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        return found

    def find(self, file_id: str) -> StoredFile | None:
        """The file of that identifier, if there is one."""
        return self._by_id.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        """The file that getFile placed at `path`."""
        return self._by_path.get(path)

    async def add_photo(self, content: bytes) -> list[dict[str, Any]]:
        """Stores a picture in the sizes Telegram makes of it; returns the list of PhotoSize, smallest first.

        Refusal for more than 10 MB, for what is no picture, and for one of more than 10,000 pixels width and height
        together or of a proportion above 20 (Bot API, sendPhoto).
        """
        digest = hashlib.sha256(content).hexdigest()
        if digest in self._photos:
            return self._photos[digest]
        if len(content) > MAX_PHOTO:
            raise bad_request(
                f"file of size {len(content)} bytes is too big for a photo; the maximum size is {MAX_PHOTO} bytes"
            )
        scaled = await asyncio.to_thread(_sizes, content)
        photo: list[dict[str, Any]] = []
        for letter, width, height, data in scaled:
            file_id = f"AgACAgUAAxk{digest[:40]}{letter}"
            unique = f"AQAD{digest[:12]}{letter}"
            photo.append(_described(file_id, unique, data) | {"width": width, "height": height})
            self._keep(
                StoredFile(file_id, unique, "photo", data, "", "image/jpeg", f"photos/{digest[:16]}{letter}.jpg", photo)
            )
        self._photos[digest] = photo
        return photo

    def add(self, content: bytes, name: str, mime: str = "", kind: str = "document", **fields: Any) -> dict[str, Any]:
        """Stores any other file; returns its Document (or Voice, Sticker, … with `fields`)."""
        digest = hashlib.sha256(content).hexdigest()
        place = hashlib.sha256(f"{name}|{mime}|{kind}|{digest}".encode()).hexdigest()
        file_id = f"BQACAgUAAxk{place[:40]}"
        known = self._by_id.get(file_id)
        if known is not None:
            return dict(known.media)
        mime = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        media = _described(file_id, f"AgAD{digest[:12]}", content) | fields
        if kind == "document":
            media |= {"file_name": name, "mime_type": mime}
        suffix = name.rpartition(".")[2] if "." in name else "bin"
        path = f"documents/{place[:16]}.{suffix if suffix.isascii() and suffix.isalnum() else 'bin'}"
        self._keep(StoredFile(file_id, media["file_unique_id"], kind, content, name, mime, path, media))
        return dict(media)

    def _keep(self, stored: StoredFile) -> None:
        self._by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored


def _described(file_id: str, unique: str, content: bytes) -> dict[str, Any]:
    return {"file_id": file_id, "file_unique_id": unique, "file_size": len(content)}


def _sizes(content: bytes) -> list[tuple[str, int, int, bytes]]:
    """The picture as JPEG in each of Telegram's sizes up to its own."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content)) as opened:
                if opened.width + opened.height > 10_000 or max(opened.size) > 20 * min(opened.size):
                    raise bad_request("PHOTO_INVALID_DIMENSIONS")
                picture = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise bad_request("IMAGE_PROCESS_FAILED") from error
    made: list[tuple[str, int, int, bytes]] = []
    for letter, side in _LONGEST_SIDES:
        copy = picture.copy()
        copy.thumbnail((side, side), Image.Resampling.BILINEAR)
        buffer = io.BytesIO()
        copy.save(buffer, "JPEG", quality=82)
        made.append((letter, copy.width, copy.height, buffer.getvalue()))
        if max(picture.size) <= side:
            break
    return made
