"""What Telegram shows about the bot: command menu and descriptions, by language, written only where it differs."""

from __future__ import annotations

from bot.telegram.client import Api
from bot.windows import Windows

FALLBACK = "en"  # Telegram's default, for apps in any language but those named


async def ask_name(api: Api, windows: Windows) -> None:
    """The bot's own username, for links to it. Raises TelegramError."""
    windows.username = str((await api.call("getMe", {}))["username"])


async def set_menu(api: Api, windows: Windows, chat_id: int, *, staff: bool) -> None:
    """The command menu of one chat: with the desk, or as everybody has it. Raises TelegramError."""
    scope = {"scope": {"type": "chat", "chat_id": chat_id}}
    for language in windows.languages:
        code = {} if language == FALLBACK else {"language_code": language}
        if staff:
            await api.call("setMyCommands", {"commands": windows.commands(language, staff=True), **scope, **code})
        else:
            await api.call("deleteMyCommands", {**scope, **code})


async def introduce(api: Api, windows: Windows) -> None:
    """Raises TelegramError; doing it again is harmless."""
    for language in windows.languages:
        code = {} if language == FALLBACK else {"language_code": language}
        commands = windows.commands(language)
        if await api.call("getMyCommands", code) != commands:
            await api.call("setMyCommands", {"commands": commands, **code})
        for method, field in (("MyDescription", "description"), ("MyShortDescription", "short_description")):
            text = windows.text("menu", field, {}, language)
            if (await api.call(f"get{method}", code)).get(field) != text:
                await api.call(f"set{method}", {field: text, **code})
