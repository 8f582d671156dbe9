"""Set-up calls at start: tried until Telegram takes them. A Telegram that is out of reach is no reason to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from telegram.error import InvalidToken, TelegramError

log = logging.getLogger(__name__)

PAUSES = (1, 2, 5, 10, 30, 60)  # seconds; the last one repeats


async def insist(call: Callable[[], Awaitable[None]], complaint: str) -> None:
    """Raises InvalidToken: a wrong token gets no better. ``complaint`` is what the log says of each failure."""
    attempt = 0
    while True:
        try:
            await call()
        except InvalidToken:
            raise
        except TelegramError as error:
            log.warning(complaint, extra={"kind": type(error).__name__})
            await asyncio.sleep(PAUSES[min(attempt, len(PAUSES) - 1)])
            attempt += 1
        else:
            return
