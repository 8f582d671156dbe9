"""getUpdates. The next offset, which is what confirms updates to Telegram, is asked for only once they are stored."""

from __future__ import annotations

import asyncio
import logging
import sqlite3

from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.telegram.client import Api
from bot.telegram.ingest import Ingest
from bot.telegram.pacing import seconds_of
from bot.telegram.translate import ALLOWED

log = logging.getLogger(__name__)

POLL_SECONDS = 50
PAUSES = (0.5, 1, 2, 5, 10, 30)  # seconds after failures in a row


async def poll(api: Api, ingest: Ingest, poll_seconds: int = POLL_SECONDS) -> None:
    """Runs until cancelled. Raises Conflict when another process polls the same bot, InvalidToken for a wrong token."""
    offset: int | None = None
    failures = 0
    while True:
        try:
            updates = await api.get_updates(offset, poll_seconds, allowed=ALLOWED)
            if updates:
                await ingest.accept(updates, "polling")
                ids = [update["update_id"] for update in updates if isinstance(update.get("update_id"), int)]
                offset = max(ids) + 1 if ids else offset
            failures = 0
        except (Conflict, InvalidToken) as error:
            log.critical("polling ended: %s", type(error).__name__)
            raise
        except RetryAfter as error:
            await asyncio.sleep(seconds_of(error))
        except (TelegramError, sqlite3.OperationalError) as error:
            log.warning("polling failed", extra={"kind": type(error).__name__, "in_a_row": failures + 1})
            await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1
