"""The rehearsal as people start it, and Chromium looking at it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, Request, ViewportSize, async_playwright

from tests.bot.test_demo import address_of, rehearsal
from tests.browser.phone import Camera, Phone

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCREENSHOTS = Path(__file__).resolve().parents[2] / "screenshots"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SMALL: ViewportSize = {"width": 390, "height": 844}
WIDE: ViewportSize = {"width": 1440, "height": 900}


class Town:
    """The rehearsal's address and a browser: opens people's phones."""

    def __init__(self, address: str, browser: Browser, camera: Camera) -> None:
        self.address = address
        self.camera = camera
        self.complaints: list[str] = []
        self._browser = browser

    async def phone_of(self, person: int, *, wide: bool = False, language: str = "zh-CN", dark: bool = False) -> Phone:
        """A browser of its own on that person's phone; it speaks the language itself, too."""
        context = await self._browser.new_context(
            viewport=WIDE if wide else SMALL,
            device_scale_factor=1 if wide else 2,
            has_touch=not wide,
            locale=language,
            color_scheme="dark" if dark else "light",
            timezone_id="Asia/Shanghai",
            permissions=["clipboard-read", "clipboard-write"],
        )
        page = await context.new_page()
        page.set_default_timeout(20_000)
        self._watch(page)
        await page.goto(f"{self.address}rehearsal/#person={person}")
        return Phone(page, self.camera, person)

    def _watch(self, page: Page) -> None:
        """Nothing may go wrong in the page, and nothing may be asked of another machine."""

        def on_console(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                self.complaints.append(f"console: {message.text}")

        def on_request(request: Request) -> None:
            if urlsplit(request.url).netloc not in {urlsplit(self.address).netloc, ""}:
                self.complaints.append(f"asked elsewhere: {request.url}")

        page.on("console", on_console)
        page.on("pageerror", lambda error: self.complaints.append(f"page: {error}"))
        page.on("request", on_request)


@pytest.fixture
async def town(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    camera = Camera(SCREENSHOTS / request.node.name.removeprefix("test_"))
    async with rehearsal("--port", "0", TMPDIR=str(tmp_path)) as run:
        address = await address_of(run)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            opened = Town(address, browser, camera)
            yield opened
            await browser.close()
    assert opened.complaints == []
