"""The desk opens to those who work there, and to nobody else; people come by a link and go at once."""

from __future__ import annotations

import pytest

from flows.model import HOUR
from flows.staff.model import Act, Role
from tests.journeys.conftest import House
from tests.journeys.office import Office, link_on
from tests.journeys.rules import holds_to_the_rules
from tests.journeys.town import Town
from tests.journeys.walking import Walker, app_of, rests, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def office(town: Town) -> Office:
    return Office(town)


def menu(walker: Walker) -> list[str]:
    return [command["command"] for command in walker.player.commands]


def data_on(walker: Walker) -> list[str]:
    rows = walker.screen["reply_markup"]["inline_keyboard"]
    return [button["callback_data"] for row in rows for button in row]


async def invite(admin: Walker, role: Role, name: str = "李雷") -> str:
    """From the desk and back; returns the payload of the link."""
    await admin.taps("people", to="people/list")
    await admin.taps("invite", to="people/ask_name")
    await admin.says(name, to="people/ask_role")
    await admin.taps("role", role, to="people/invited")
    link = link_on(admin)
    await admin.taps("back", to="people/list")
    await admin.taps("back", to="desk/home")
    return link


async def test_a_clerk_invited_by_link_comes_to_the_desk(office: Office) -> None:
    admin, newcomer = await office.clerk(), office.town.newcomer(visit=holds_to_the_rules)
    admin.visit = holds_to_the_rules
    link = await invite(admin, Role.EDITOR)
    await newcomer.says(f"/start {link}", to="desk/home")
    assert "李雷，您已成为编辑" in newcomer.text
    assert menu(newcomer)[-1] == "staff"
    await rests(office.town.house)
    assert any("李雷已接受邀请" in (message.get("text") or "") for message in admin.player.chat)
    about = f"staff:{newcomer.player.id}"
    assert await office.log(about) == [(Act.JOINED, newcomer.player.id)]
    (joined,) = await office.entries(about)
    assert joined.after == {"role": "editor"}
    assert (Act.INVITED, admin.player.id) in await office.log()
    assert await office.is_whole()


async def test_an_invitation_works_once_for_one_day_and_not_after_its_giver_left(office: Office) -> None:
    admin = await office.clerk()
    used, late = [await invite(admin, Role.EDITOR) for _ in range(2)]
    first, second, third, fourth = (office.town.newcomer() for _ in range(4))
    await first.says(f"/start {used}", to="desk/home")
    await second.says(f"/start {used}", to="home/menu")
    assert words(office.town.house, "common", "error_invitation_over") in second.text
    await second.says("/staff", to="home/menu")
    await office.later(24 * HOUR)
    await third.says(f"/start {late}", to="home/menu")
    orphan = await invite(admin, Role.EDITOR)
    await app_of(office.town.house).rooms.database.write(
        lambda connection: connection.execute(
            "UPDATE staff SET role = 'editor' WHERE telegram_id = ?", (admin.player.id,)
        )
    )
    await fourth.says(f"/start {orphan}", to="home/menu")
    assert words(office.town.house, "common", "error_invitation_over") in fourth.text


async def test_a_colleague_leaves_an_invitation_for_the_one_it_is_meant_for(office: Office) -> None:
    admin, colleague, newcomer = await office.clerk(), await office.clerk(Role.REVIEWER), office.town.newcomer()
    link = await invite(admin, Role.EDITOR)
    await colleague.says(f"/start {link}", to="desk/home")
    assert "审核员" in colleague.text
    await newcomer.says(f"/start {link}", to="desk/home")


async def test_to_everybody_else_the_desk_is_not_there(office: Office) -> None:
    stranger, other = office.town.newcomer(), office.town.newcomer()
    await stranger.says("/staff", to="home/menu")
    await other.says("/stuff", to="home/menu")
    assert stranger.text == other.text
    assert stranger.labels == other.labels
    assert "staff" not in menu(stranger)


@pytest.mark.parametrize("deed", ["press", "text", "edit", "command"])
async def test_a_removed_clerk_sees_nothing_from_then_on(office: Office, deed: str) -> None:
    admin, clerk = await office.clerk(), await office.clerk(Role.ADMIN, "韩梅梅")
    await clerk.taps("people", to="people/list")
    await clerk.taps("invite", to="people/ask_name")
    assert menu(clerk)[-1] == "staff"
    await admin.taps("people", to="people/list")
    await find(admin, clerk)
    await admin.taps("remove", to="people/confirm_removal")
    await admin.taps("confirm_removal", to="people/list")
    await rests(office.town.house)
    assert "staff" not in menu(clerk)
    assert any("您已不再是工作人员" in (message.get("text") or "") for message in clerk.player.chat)
    match deed:
        case "press":
            await clerk.taps("back")
            assert clerk.toast is None
        case "text":
            await clerk.says("李雷")
        case "edit":
            await clerk.player.edits(clerk.player.chat[0]["message_id"], "韩梅梅")
            await clerk.rests()
            assert "请返回首页" in clerk.text
            await clerk.taps("back")
        case _:
            await clerk.says("/staff")
            assert words(office.town.house, "common", "error_unknown_command") in clerk.text
            assert "请返回首页" in clerk.text
            await clerk.taps("back")
    assert clerk.place == "home/menu"
    assert (await office.log(f"staff:{clerk.player.id}"))[-1] == (Act.REMOVED, admin.player.id)


async def find(admin: Walker, clerk: Walker) -> None:
    """In the list of staff, page by page."""
    await admin.rests("people/list")
    while not any(f"member.{clerk.player.id}" in data for data in data_on(admin)):
        await admin.player.taps("›")
        await admin.rests("people/list")
    await admin.taps("member", str(clerk.player.id), to="people/member")


async def test_a_role_is_changed_and_takes_effect_at_once(office: Office) -> None:
    admin, clerk = await office.clerk(), await office.clerk(Role.ADMIN)
    await clerk.taps("audit", to="audit/list")
    await admin.taps("people", to="people/list")
    await find(admin, clerk)
    await admin.taps("change_role", to="people/choose_role")
    await admin.taps("role", "reviewer", to="people/member")
    assert "角色已改为审核员" in admin.text
    await clerk.taps("back", to="home/menu")
    await clerk.says("/staff", to="desk/home")
    assert "审核员" in clerk.text
    assert not any("操作日志" in label for row in clerk.labels for label in row)


@pytest.mark.asyncio(loop_scope="function")
async def test_there_is_always_an_administrator(house: House) -> None:
    admin = Walker(house, house.someone(9))
    house.environ["ANJU_ADMINS"] = str(admin.player.id)
    await house.close()
    await house.open()
    await admin.says("/staff", to="desk/home")
    assert menu(admin)[-1] == "staff"
    await admin.taps("people", to="people/list")
    await admin.taps("member", str(admin.player.id), to="people/member")
    await admin.taps("remove", to="people/member")
    assert words(house, "common", "error_last_admin") in admin.text
    await admin.taps("change_role", to="people/member")
    assert words(house, "common", "error_last_admin") in admin.text


async def test_an_administrator_who_removes_themselves_is_led_out(office: Office) -> None:
    admin, _ = await office.clerk(), await office.clerk()
    await admin.taps("people", to="people/list")
    await find(admin, admin)
    await admin.taps("remove", to="people/confirm_removal")
    assert "您自己" in admin.text
    await admin.taps("confirm_removal", to="home/menu")
    await admin.says("/staff", to="home/menu")
