"""Played gateways, as the contract has them: one that takes SMS, one that compares name and ID number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

SMS_PATH = "/gateway/sms"
IDENTITY_PATH = "/gateway/identity"


@dataclass(slots=True)
class Gateways:
    """``codes`` holds every code by phone, the newest last. What is ``down`` answers 503; ``strangers`` never match."""

    deliver: Callable[[str, str], None] = lambda phone, text: None  # noqa: ARG005 - a place to put a real one
    codes: dict[str, list[str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    sms_down: bool = False
    identity_down: bool = False
    strangers: set[str] = field(default_factory=set)

    def add_to(self, app: web.Application) -> None:
        app.add_routes([web.post(SMS_PATH, self._sms), web.post(IDENTITY_PATH, self._identity)])

    async def _sms(self, request: web.Request) -> web.Response:
        if self.sms_down:
            return web.Response(status=503)
        asked = await request.json()
        self.codes.setdefault(asked["phone"], []).append(asked["code"])
        self.deliver(asked["phone"], f"【安居】您的验证码是 {asked['code']}，5 分钟内有效。请勿告诉他人。")
        return web.json_response({"accepted": True})

    async def _identity(self, request: web.Request) -> web.Response:
        if self.identity_down:
            return web.Response(status=503)
        asked = await request.json()
        self.asked.append(asked["name"])
        return web.json_response({"match": asked["name"] not in self.strangers})
