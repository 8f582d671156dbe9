"""What a bot's request says: parameters from the query, JSON, a form or a multipart body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import BodyPartReader, web

from bot.rehearsal.errors import bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart body."""

    name: str
    mime: str
    content: bytes


class Parameters:
    """The parameters of one call. Numbers and structures may come as themselves (JSON) or as text (forms)."""

    __slots__ = ("_values", "uploads")

    def __init__(self, values: dict[str, Any], uploads: dict[str, Upload] | None = None) -> None:
        self._values = values
        self.uploads = uploads or {}

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def raw(self, name: str) -> Any:
        """The value as it came, or None."""
        return self._values.get(name)

    def text(self, name: str) -> str:
        """The value as text, empty if absent."""
        value = self._values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else str(value)

    def integer(self, name: str, default: int = 0) -> int:
        """The value as a whole number; Refusal if it is none."""
        value = self._values.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad_request(f"invalid {name} specified") from None

    def number(self, name: str) -> float:
        """The value as a number; Refusal if it is absent or none."""
        try:
            return float(self._values[name])
        except (KeyError, TypeError, ValueError):
            raise bad_request(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        """The value as yes or no."""
        value = self._values.get(name)
        return value.lower() in {"true", "1", "yes", "t", "y"} if isinstance(value, str) else bool(value)

    def structure(self, name: str) -> Any:
        """The value as a list or dict, None if absent; Refusal if it cannot be read."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None


async def read_parameters(request: web.Request) -> Parameters:
    """Everything the request says; the body's values stand over those of the query."""
    values: dict[str, Any] = dict(request.query) if request.query_string else {}
    uploads: dict[str, Upload] = {}
    if request.body_exists:
        kind = request.content_type
        if kind == "application/json":
            body = await request.read()
            if body:
                values.update(_json_object(body))
        elif kind == "multipart/form-data":
            await _read_multipart(request, values, uploads)
        else:
            values.update(await request.post())
    return Parameters(values, uploads)


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise bad_request("can't parse the request's JSON") from None
    if not isinstance(given, dict):
        raise bad_request("object expected")
    return given


async def _read_multipart(request: web.Request, values: dict[str, Any], uploads: dict[str, Upload]) -> None:
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or not part.name:
            continue
        content = bytes(await part.read())
        if part.filename is None:
            values[part.name] = content.decode("utf-8", "replace")
        else:
            mime = part.headers.get("Content-Type", "").split(";")[0]
            uploads[part.name] = Upload(part.filename, mime, content)
