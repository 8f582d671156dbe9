"""Health, metrics, and the webhook."""

from __future__ import annotations

import hmac
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from telegram.error import TelegramError

from bot.metrics import Metrics
from bot.telegram.client import AiohttpRequest
from bot.telegram.ingest import Ingest

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
LONGEST_UPDATE = 1_000_000  # bytes; Telegram's are a few thousand


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram posts updates, the secret it sends with each, and where they go."""

    path: str
    secret: str
    ingest: Ingest


def build_web(
    metrics: Metrics, ready: Callable[[], bool], refresh: Callable[[], None], webhook: Webhook | None
) -> web.Application:
    """The webhook's path may be one of our own: those are only read."""

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readiness(_: web.Request) -> web.Response:
        return web.json_response({"ready": ready()}, status=200 if ready() else 503)

    async def numbers(_: web.Request) -> web.Response:
        refresh()
        return web.Response(body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(client_max_size=LONGEST_UPDATE)
    app.add_routes([web.get("/healthz", health), web.get("/readyz", readiness), web.get("/metrics", numbers)])
    if webhook is not None:
        app.add_routes([web.post(webhook.path, _receiver(webhook.ingest, webhook.secret))])
    return app


def _receiver(ingest: Ingest, secret: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def receive(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(errors="surrogateescape"), secret.encode()):
            return web.Response(status=403)
        try:  # as leniently as polling: what is refused here is brought again for a day, and holds up its chat
            update = AiohttpRequest.parse_json_payload(await request.read())
        except TelegramError:
            return web.Response(status=400)
        try:
            await ingest.accept([update], "webhook")
        except sqlite3.OperationalError as error:
            log.warning("update not stored", extra={"kind": error.sqlite_errorname})
            return web.Response(status=503)  # Telegram tries again
        return web.Response()

    return receive
