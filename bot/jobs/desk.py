"""What the desk has done outside: command menus."""

from __future__ import annotations

from telegram.error import BadRequest, Forbidden, TelegramError

from bot.jobs.runner import Again, Done, Handler
from bot.profile import set_menu
from bot.telegram.client import Api
from bot.windows import Windows
from storage.outbox import Parcel


def menu_handler(api: Api, windows: Windows) -> Handler:
    """A chat that the bot may not write to has no menu to change."""

    async def carry(parcel: Parcel) -> Done | Again:
        try:
            await set_menu(api, windows, parcel.body["telegram_id"], staff=parcel.body["staff"])
        except (BadRequest, Forbidden):
            return Done()
        except TelegramError:
            return Again()
        return Done()

    return Handler(carry, at_once=4)
