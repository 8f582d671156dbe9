"""A whole journey with marked words: none of them lies readable on the disk, in the log or in the numbers."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.logs import NOISY
from flows.model import MINUTE
from tests.journeys.conftest import EMPLOYER, ID_NUMBER, NAME, House, tap_after
from tests.journeys.walking import app_of, later, rests

FIRST_NAME, USERNAME = "望舒", "moon_over_beijing"
STRAY = "把这句话交给出错的代码"  # in an update that breaks the code
CAPTCHA_LENGTH = 4


class Markers:
    """What must not be found, in whatever encoding."""

    def __init__(self, house: House, phone: str) -> None:
        self._house = house
        token = house.environ["ANJU_TOKEN"]
        digits = phone.removeprefix("86")
        self._words = [FIRST_NAME, USERNAME, STRAY, NAME, ID_NUMBER, EMPLOYER, digits, token, token.partition(":")[2]]

    def words(self) -> list[str]:
        """Also the codes so far. A captcha is so short that it is looked for as JSON would hold it."""
        drawn = self._house.chance.drawn
        codes = [code for codes in self._house.gateways.codes.values() for code in codes]
        captchas = [f'"{letters}"' for letters in drawn if len(letters) == CAPTCHA_LENGTH]
        return [*self._words, *codes, *captchas]

    def spellings(self) -> Iterator[tuple[str, bytes]]:
        for word in self.words():
            yield word, word.encode()
            yield word, word.encode("utf-16-le")
            yield word, word.encode("utf-16-be")
            if not word.isascii():
                yield word, word.encode("unicode_escape")
                yield word, word.encode("gb18030")

    def assert_not_in(self, content: bytes, where: str) -> None:
        for word, spelling in self.spellings():
            assert spelling not in content, f"{word} is in {where}"


def files_below(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go, of the bot and of the processes beside it."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """At DEBUG, with the loggers quiet that the bot keeps quiet, and before the net that redacts."""
    for name in NOISY:
        caplog.set_level(logging.WARNING, name)
    caplog.set_level(logging.DEBUG)  # the last one is also the level from which the handler takes records
    return caplog


async def test_nothing_that_people_entrust_lies_readable_anywhere(
    scratch: Path, everything_logged: pytest.LogCaptureFixture, house: House
) -> None:
    plan = await house.publish_open()
    fang = house.telegram.person(1001, FIRST_NAME, phone="8613800138000", username=USERNAME)
    markers = Markers(house, fang.person.phone)
    looked = 0

    async def assert_unreadable() -> None:
        nonlocal looked
        await rests(house)
        found = files_below(house.data, scratch)
        for path in found:
            markers.assert_not_in(path.read_bytes(), path.name)
            markers.assert_not_in(path.name.encode(), "the names of files")
        looked += len(found)

    await fang.sends(f"/start plan_{plan.code}")
    await tap_after(fang, "立即登记", "登记中")
    await fang.taps("同意并继续")
    await fang.sees("手机号")
    await fang.sends("138 0013 8000")
    await fang.sees("4 位数字")
    await assert_unreadable()
    await fang.sends(house.chance.drawn[-1])
    await fang.sees("验证码")
    await rests(house)
    code = house.code_for(fang.person.phone)
    await assert_unreadable()
    await fang.sends_raw({"contact": {"first_name": STRAY}})  # no number: the library cannot read it
    await fang.sends(code)
    await tap_after(fang, "立即实名", "实名认证")
    await fang.sees("真实姓名")
    await fang.sends(NAME)
    await fang.sees("身份证号码")
    await fang.sends(ID_NUMBER)
    await fang.sees("确认无误")
    await assert_unreadable()
    await fang.taps("确认认证")
    await fang.sees("带 * 的为必填")
    await house.fill_in(fang)
    await fang.sees("本人承诺以上信息真实有效")
    await assert_unreadable()
    await fang.taps("承诺并提交")
    await tap_after(fang, "确认登记", "登记后如需修改填报信息")
    await fang.sees("登记成功")
    await fang.taps("查看配租记录")
    await rests(house)
    await fang.taps("导出 PDF")
    await fang.sees_document(".pdf", timeout=30)
    later(house, MINUTE)
    await assert_unreadable()

    # in the chat itself
    assert not [message for message in fang.chat if message.get("text") in {code, ID_NUMBER}]
    of_the_bot = [
        str(message.get("text") or message.get("caption")) for message in fang.chat if message["from"]["is_bot"]
    ]
    assert not [text for text in of_the_bot if ID_NUMBER in text or "13800138000" in text or code in text]

    # in the numbers
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{app_of(house).port}/metrics") as response:
        markers.assert_not_in(await response.read(), "the metrics")

    # in the log
    await house.close()
    for path in files_below(house.data, scratch):
        markers.assert_not_in(path.read_bytes(), path.name)
    records = everything_logged.records
    assert {record.getMessage() for record in records} >= {"turn failed, update set aside", "stopped"}
    for record in records:
        text = f"{record.getMessage()} {vars(record)}"
        for word in markers.words():
            if re.fullmatch(r'"[0-9]{4}"', word):
                continue
            assert word not in text, f"{record.name} logs {word}"
    assert looked > 20
