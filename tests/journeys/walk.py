"""Prints every screen of an applicant's way, in order, as people see it: ``python -m tests.journeys.walk [zh|en]``."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.rehearsal.sample_workbook import sample_plan
from bot.rehearsal.state import Json
from flows.model import DAY, HOUR
from tests.journeys.conftest import House, build_house
from tests.journeys.route import register_elsewhere_again, whole_way
from tests.journeys.walking import Walker, set_aside

_COLOURS = {"primary": "blue", "success": "green", "danger": "red"}


class Printer:
    """Writes down what happens in a chat."""

    def __init__(self, house: House) -> None:
        self.lines: list[str] = []
        self._world = house.telegram.world
        self._seen: dict[int, str] = {}
        self._world.listen = self._take

    def _take(self, event: Json) -> None:
        match event["type"]:
            case "message":
                self._message(event["message"])
            case "deleted":
                self.lines.append(f"    (#{event['message_id']} deleted)")
            case "toast" if event["text"]:
                self.lines.append(f"    (toast: {event['text']})")
            case "keyboard":
                rows = (event["keyboard"] or {}).get("keyboard", [])
                keys = " ".join(f"[{key['text']}]" for row in rows for key in row)
                self.lines.append(f"    (keyboard: {keys or 'gone'})")

    def _message(self, message: Json) -> None:
        number = message["message_id"]
        kinds = [kind for kind in ("photo", "document", "contact", "venue") if kind in message]
        text = "\n    ".join([*(f"<{kind}>" for kind in kinds), message.get("text") or message.get("caption") or ""])
        if not message["from"]["is_bot"]:
            self.lines.append(f"{message['from']['first_name']}> #{number} {text}")
            return
        shown = [f"    {text}" if self._seen.get(number) != text else "    (buttons only)"]
        how = f"edited #{number}" if number in self._seen else f"#{number}"
        self._seen[number] = text
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        shown += ["    " + " ".join(_label(button) for button in row) for row in rows]
        self.lines.append("\n".join([f"bot> {how}", *shown]))


def _label(button: Json) -> str:
    colour = _COLOURS.get(button.get("style", ""))
    return f"[{button['text']}]" + (f"({colour})" if colour else "")


async def walk(language: str) -> list[str]:
    with TemporaryDirectory() as folder:
        async with build_house(Path(folder)) as house:
            printer = Printer(house)

            async def visit(walker: Walker) -> None:
                printer.lines.append(f"── {walker.place}")

            plan = await house.publish_open()
            opens_at = house.clock.now() + 2 * DAY + 3 * HOUR
            upcoming = sample_plan("CY2604", "朝阳区2026年第四批保租房", opens_at, opens_at + 4 * DAY)
            await house.publish(upcoming)
            code = {"zh": "zh-hans", "en": "en"}[language]
            await whole_way(Walker(house, house.someone(1, language=code), visit), plan.code, upcoming.code)
            other = house.telegram.person(2000, "芳芳", phone=house.someone(1).person.phone, language_code=code)
            await register_elsewhere_again(Walker(house, other, visit), plan.code)
            return [*printer.lines, *(f"!! set aside: {error}" for error in await set_aside(house))]


def main() -> None:
    for language in sys.argv[1:] or ["zh", "en"]:
        sys.stdout.write("\n".join(asyncio.run(walk(language))) + "\n\n")


if __name__ == "__main__":
    main()
