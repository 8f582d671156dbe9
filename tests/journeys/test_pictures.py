"""Photographed documents: what is taken, what is refused and why, one screen that counts."""

from __future__ import annotations

import pytest

from bot.rehearsal.client import plain
from flows.model import MINUTE, Picture, PictureState, Plan
from flows.ports import Repository
from tests.journeys.papers import CUT_OFF, HEIC, PDF, TEXT, bomb, photo
from tests.journeys.route import fill_in
from tests.journeys.rules import holds_to_the_rules
from tests.journeys.town import Town
from tests.journeys.walking import Walker, held, words

pytestmark = pytest.mark.asyncio(loop_scope="module")

FRONT, BACK = "application/ask_id_front", "application/ask_id_back"


async def asked_for_photos(town: Town, plan: Plan | None = None) -> Walker:
    walker = await town.filling_in(town.newcomer(), plan or await town.plan())
    await walker.taps("section", "documents", to=FRONT)
    return walker


async def sends_file(walker: Walker, content: bytes, name: str, mime: str = "image/jpeg") -> None:
    await walker.player.sends_document(content, name, mime)
    await walker.rests(FRONT)


async def kept(town: Town, walker: Walker, field: str = "id_front") -> list[Picture]:
    """Pictures that were not refused, whatever plan they are for."""
    session = await walker.session()
    code = next(frame.data["plan"] for frame in reversed(session.frames) if "plan" in frame.data)

    def find(repository: Repository) -> list[Picture]:
        person = repository.person(walker.player.id)
        application = repository.application(person.id, code) if person else None
        assert application is not None
        return [p for p in application.pictures if p.field == field and p.state is not PictureState.REFUSED]

    return await town.asks(find)


def screens(walker: Walker) -> list[str]:
    """What the bot's messages in the chat say about documents."""
    texts = [plain(message) for message in walker.player.chat if message["from"]["is_bot"]]
    return [text for text in texts if "证明材料（" in text]


REFUSED = {
    "an empty file": (b"", "照片.jpg", "image/jpeg", "empty"),
    "a decompression bomb": (bomb(), "照片.png", "image/png", "too_many_pixels"),
    "a text named as a photo": (TEXT, "照片.jpg", "image/jpeg", "not_a_picture"),
    "a tiny picture": (photo(1, (300, 200)), "照片.jpg", "image/jpeg", "too_small"),
    "a strip": (photo(1, (601, 4000)), "照片.jpg", "image/jpeg", "too_long"),
    "half a picture": (CUT_OFF, "照片.jpg", "image/jpeg", "broken"),
    "a GIF": (b"GIF89a" + bytes(900), "照片.gif", "image/gif", "other_format"),
    "a program named as a photo": (b"MZ" + bytes(900), "../../照片.jpg", "image/jpeg", "not_a_picture"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_an_applicant_sending_what_cannot_be_read_is_told_why_and_the_others_stay(town: Town, name: str) -> None:
    content, file_name, mime, reason = REFUSED[name]
    walker = await asked_for_photos(town)
    await walker.sends_photos(photo(1), to=FRONT)
    await sends_file(walker, content, file_name, mime)
    said = words(town.house, "common", f"error_picture_{reason}", question="id_front")
    assert walker.text.startswith(f"⚠️ {said}\n\n"), walker.player.describe(3)
    assert "已收到 1 张（最多 6 张）" in walker.text
    assert [picture.state for picture in await kept(town, walker)] == [PictureState.STORED]
    assert len(screens(walker)) == 1
    await holds_to_the_rules(walker)


@pytest.mark.parametrize(
    ("content", "name", "mime"), [(PDF, "合同.pdf", "application/pdf"), (HEIC, "1.heic", "image/heic")]
)
async def test_an_applicant_sending_a_file_that_is_not_taken_yet_is_told_what_to_send(
    town: Town, content: bytes, name: str, mime: str
) -> None:
    walker = await asked_for_photos(town)
    await sends_file(walker, content, name, mime)
    assert walker.text.startswith("⚠️ 「身份证人像面」")
    assert "没有收下" in walker.text
    assert await kept(town, walker) == []


async def test_an_applicant_sending_a_file_beyond_what_may_be_fetched_is_told_at_once(town: Town) -> None:
    walker = await asked_for_photos(town)
    huge = {"file_id": "huge", "file_unique_id": "huge", "file_size": 21_000_000, "file_name": "照片.png"}
    await walker.player.sends_raw({"document": huge})
    await walker.rests(FRONT)
    assert walker.text.startswith("⚠️ 「身份证人像面」：这个文件超过 20 MB，没有收下。")
    assert await kept(town, walker) == []


async def test_an_applicant_whose_file_telegram_no_longer_has_is_asked_to_send_it_again(town: Town) -> None:
    walker = await asked_for_photos(town)
    await walker.player.sends_raw({"document": {"file_id": "gone", "file_unique_id": "gone", "file_size": 900_000}})
    await walker.rests(FRONT)
    assert walker.text.startswith("⚠️ 「身份证人像面」：有一张照片没能取到，没有收下。")
    assert await kept(town, walker) == []


async def test_an_applicant_sending_a_png_as_a_file_has_it_taken(town: Town) -> None:
    walker = await asked_for_photos(town)
    await sends_file(walker, photo(5), "no picture at all.txt", "text/plain")  # by its bytes, not by its name
    assert "已收到 1 张（最多 6 张）" in walker.text
    assert not walker.text.startswith("⚠️")


async def test_an_applicant_sending_the_same_photo_twice_is_told(town: Town) -> None:
    walker = await asked_for_photos(town)
    await walker.sends_photos(photo(1), to=FRONT)
    await walker.sends_photos(photo(1), to=FRONT)
    assert walker.text.startswith("⚠️ 「身份证人像面」：这张照片刚才已经收到，不用再发。")
    assert len(await kept(town, walker)) == 1


async def test_an_applicant_sending_a_refused_file_again_is_told_again(town: Town) -> None:
    walker = await asked_for_photos(town)
    for _ in range(2):
        await sends_file(walker, TEXT, "照片.jpg")
        assert walker.text.startswith("⚠️ 「身份证人像面」：有一个文件不是照片，没有收下。")
        await walker.says("好", to=FRONT)


async def test_an_applicant_sending_a_seventh_photo_keeps_the_six(town: Town) -> None:
    walker = await asked_for_photos(town)
    await walker.sends_photos(*(photo(number) for number in range(6)), to=FRONT)
    assert "已收到 6 张（最多 6 张）" in walker.text
    assert "还有照片请继续发送" not in walker.text
    await walker.sends_photos(photo(6), to=FRONT)
    assert walker.text.startswith("⚠️ 「身份证人像面」最多 6 张，这一张没有收下，之前的都在。")
    assert len(await kept(town, walker)) == 6
    await walker.taps("done", to=BACK)


async def test_an_applicant_sending_ten_at_once_keeps_six_and_is_told(town: Town) -> None:
    walker = await asked_for_photos(town)
    await walker.sends_photos(*(photo(number) for number in range(10)), to=FRONT)
    assert len(await kept(town, walker)) == 6
    assert "已收到 6 张（最多 6 张）" in walker.text
    assert len(screens(walker)) == 1
    assert "最多 6 张，" in walker.text.split("\n\n")[0]


async def test_an_applicant_with_one_bad_photo_in_an_album_is_told_of_it(town: Town) -> None:
    walker = await asked_for_photos(town)
    await walker.sends_photos(photo(1, (300, 200)), photo(2), photo(3), to=FRONT)
    assert len(await kept(town, walker)) == 2
    assert "太小，字看不清" in walker.text


async def test_an_applicant_sending_two_albums_at_once_has_all_of_them_counted_on_one_screen(town: Town) -> None:
    walker = await asked_for_photos(town)
    await walker.player.sends_photos(photo(1), photo(2), photo(3))
    await walker.player.sends_photos(photo(4), photo(5))
    await walker.rests(FRONT)
    assert "已收到 5 张（最多 6 张）" in walker.text
    assert len(screens(walker)) == 1
    await holds_to_the_rules(walker)


async def test_two_applicants_sending_albums_at_once_keep_them_apart(town: Town) -> None:
    first, second = await asked_for_photos(town), await asked_for_photos(town)
    await first.player.sends_photos(photo(1), photo(2), photo(3))
    await second.player.sends_photos(photo(1), photo(2))
    await first.rests(FRONT)
    await second.rests(FRONT)
    assert "已收到 3 张（" in first.text
    assert "已收到 2 张（" in second.text


async def test_an_applicant_uploading_again_starts_from_nothing(town: Town) -> None:
    walker = await asked_for_photos(town)
    await walker.sends_photos(photo(1), photo(2), to=FRONT)
    await walker.taps("again", to=FRONT)
    assert walker.text.startswith("ℹ️ 原来的照片已删除，请重新发送。")
    assert await kept(town, walker) == []
    assert walker.labels == [["上一题", "目录"]]
    await walker.sends_photos(photo(1), to=FRONT)
    assert "已收到 1 张（最多 6 张）" in walker.text


async def test_an_applicant_looking_at_the_photos_gets_them_back(town: Town) -> None:
    walker = await asked_for_photos(town)
    await walker.sends_photos(photo(1), photo(2), to=FRONT)
    await walker.taps("view", to=FRONT)
    shown = [message for message in walker.player.chat if message["from"]["is_bot"] and "photo" in message]
    assert len(shown) == 2
    assert walker.screen["message_id"] > shown[-1]["message_id"]
    assert len(screens(walker)) == 1
    await walker.taps("done", to=BACK)


async def test_an_applicant_going_on_while_photos_are_checked_is_told_of_a_bad_one_elsewhere(town: Town) -> None:
    walker = await asked_for_photos(town)
    walker.jobs = False
    async with held(town.house, "picture"):
        await sends_file(walker, TEXT, "照片.jpg")
        assert "已收到 1 张，其中 1 张正在检查" in walker.text
        await walker.taps("done", to=BACK)
    walker.jobs = True
    await walker.rests(BACK)
    told = await walker.player.sees("不是照片，没有收下")
    assert "「身份证人像面」" in told["text"]


async def test_an_applicant_submitting_while_a_bad_photo_is_checked_does_not_submit_without_it(town: Town) -> None:
    walker = await town.filling_in(town.newcomer(), await town.plan())
    await fill_in(walker)
    await walker.taps("section", "documents", to="application/section")
    await walker.taps("question", "id_front", to=FRONT)
    await walker.taps("again", to=FRONT)
    walker.jobs = False
    async with held(town.house, "picture"):
        await sends_file(walker, TEXT, "照片.jpg")
        await walker.taps("contents", to="application/overview")
        await walker.taps("check_answers", to="application/review")
        await walker.taps("submit", to="application/awaiting_pictures")
    walker.jobs = True
    await walker.rests("application/missing")
    assert "• 身份证人像面" in walker.text
    await walker.taps("question", "id_front", to=FRONT)
    await walker.sends_photos(photo(8), to=FRONT)
    await walker.taps("done", to="application/review")
    await walker.taps("submit", to="application/submitted")


async def test_an_applicant_tapping_done_just_as_a_check_ends_goes_on(town: Town) -> None:
    walker = await asked_for_photos(town)
    walker.jobs = False
    async with held(town.house, "picture"):
        await walker.sends_photos(photo(1), to=FRONT)
        message, data = walker.screen["message_id"], walker.data_of("done")
    walker.jobs = True
    await walker.rests(FRONT)
    await walker.player.presses(message, data)
    await walker.rests(BACK)


async def test_an_applicant_moving_to_another_account_keeps_the_photos_under_way(town: Town) -> None:
    plan = await town.plan()
    old = await asked_for_photos(town, plan)
    new = town.second_account(old)
    old.jobs = new.jobs = False
    async with held(town.house, "picture"):
        await old.sends_photos(photo(1), to=FRONT)
        town.house.clock.ahead += 11 * MINUTE
        await new.says("/me", to="sign_up/consent")
        await new.taps("agree", to="sign_up/ask_phone")
        await new.player.shares_contact()
        await new.player.sees("验证码已发送至")
        await new.says(town.house.code_for(new.player.person.phone), to="me/overview")
    old.jobs = new.jobs = True
    await new.rests()
    application = await town.application(new, plan)
    assert [picture.state for picture in application.pictures] == [PictureState.STORED]
