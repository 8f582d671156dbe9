"""A phone in the browser, used as a person uses it: looking, tapping, writing."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Locator, Page, expect

SLOW = 20_000  # milliseconds that an answer may take on a busy machine


class Camera:
    """Numbers the pictures of one test; those of the last run go."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.png"):
            old.unlink()
        self._folder = folder
        self._taken = 0

    def keep(self, name: str, content: bytes) -> None:
        """A file that the journey brought, beside its pictures."""
        (self._folder / name).write_bytes(content)

    async def take(self, page: Page, label: str) -> None:
        self._taken += 1
        await page.screenshot(path=self._folder / f"{self._taken:02}-{label}.png", animations="disabled")


class Phone:
    """What one person sees and does. Every wait ends in a failure that shows what was there instead."""

    def __init__(self, page: Page, camera: Camera, person: int) -> None:
        self.page = page
        self.person = person
        self.camera = camera
        self.messages = page.get_by_test_id("message")
        self.composer = page.get_by_test_id("composer")

    @property
    def screen(self) -> Locator:
        """The newest message with buttons: where the conversation stands."""
        return self.messages.filter(has=self.page.get_by_test_id("inline-button")).last

    @property
    def newest(self) -> Locator:
        """The newest message of the bot."""
        return self.page.locator("[data-testid=message][data-from=bot]").last

    def button(self, label: str) -> Locator:
        """A button of the screen, by its whole label or the part behind a mark such as ✓ or 3/5."""
        named = re.compile(rf"^(\S+ )?{re.escape(label)}( \*)?$")
        return self.screen.get_by_role("button", name=named)

    async def picture(self, label: str) -> None:
        await self.camera.take(self.page, label)

    async def reads_every_label(self) -> None:
        """No button of the screen is cut off."""
        for label in await self.screen.locator(".inline-label").all():
            assert not await label.evaluate("(it) => it.scrollWidth > it.clientWidth"), await label.text_content()

    async def sees(self, text: str) -> None:
        """On the screen with the live buttons."""
        await expect(self.screen).to_contain_text(text, timeout=SLOW)

    async def is_told(self, text: str) -> None:
        """In the newest message, with or without buttons."""
        await expect(self.newest).to_contain_text(text, timeout=SLOW)

    async def taps(self, label: str) -> None:
        await self.button(label).click()

    async def presses_again(self, message_id: str, callback: str) -> None:
        """A press that the page itself no longer offers: a slow line may bring one after the screen has gone on."""
        await self.page.evaluate(
            """async ([person, message, data]) => {
              const line = new WebSocket(new URL("socket", location.href).href.replace("http", "ws").split("#")[0]);
              await new Promise((done) => line.addEventListener("open", done));
              line.send(JSON.stringify({ type: "press", person, message_id: Number(message), data }));
              await new Promise((done) => setTimeout(done, 0));
              line.close();
            }""",
            [self.person, message_id, callback],
        )

    async def starts(self) -> None:
        await self.page.get_by_test_id("start").click()

    async def writes(self, text: str) -> None:
        await self.composer.fill(text)
        await self.page.get_by_test_id("send").click()

    async def taps_key(self, label: str) -> None:
        """A key of the keyboard at the bottom."""
        await self.page.get_by_test_id("reply-button").filter(has_text=label).click()

    async def agrees(self) -> None:
        """To what the phone itself asks."""
        await self.page.get_by_test_id("confirm-ok").click()

    async def copies_code(self) -> str:
        """Taps the text message that drops from the top: the code goes into the line below."""
        await self.page.get_by_test_id("sms-banner").click()
        await expect(self.composer).to_have_value(re.compile(r"^\d{6}$"))
        return await self.composer.input_value()

    async def sends_samples(self, *names: str) -> None:
        await self.page.get_by_test_id("attach").click()
        for name in names:
            await self.page.get_by_test_id(f"sample-{name}").click()
        await self.page.get_by_test_id("send-samples").click()
