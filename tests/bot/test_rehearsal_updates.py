"""How updates leave the played Telegram, how fast a bot may write, and what can go wrong on the way."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from bot.rehearsal.client import Player
from bot.rehearsal.telegram import PlayedTelegram

TOKEN = "1234567:played-token"
WANG = 1001
Refused = tuple[int, str]


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Caller:
    """Calls methods; the whole answer is returned."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def __call__(self, method: str, **parameters: Any) -> Any:
        async with self.session.post(f"{self.url}/bot{TOKEN}/{method}", json=parameters) as response:
            answer: dict[str, Any] = orjson.loads(await response.read())
            return answer["result"] if answer["ok"] else answer

    async def numbers(self, **parameters: Any) -> list[int]:
        return [update["update_id"] for update in await self("getUpdates", **parameters)]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def played(clock: Clock) -> AsyncIterator[PlayedTelegram]:
    server = PlayedTelegram(TOKEN, clock=clock, overall=30)
    server.webhook_pause = 0.01
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def call(played: PlayedTelegram) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as session:
        yield Caller(session, played.url)


@pytest.fixture
def wang(played: PlayedTelegram) -> Player:
    return played.person(WANG, "王芳", phone="+8613800138000", started=True)


async def test_an_offset_confirms_everything_below_it(call: Caller, wang: Player, clock: Clock) -> None:
    for text in "甲乙丙":
        await wang.sends(text)
    first, second, third = await call.numbers()
    clock.now += 1
    assert await call.numbers(limit=2) == [first, second]
    assert await call.numbers(offset=third) == [third]
    clock.now += 1
    assert await call.numbers(offset=third + 20) == [third]
    assert await call.numbers(offset=-1) == [third]
    assert await call.numbers(offset=third + 1) == []


async def test_who_asks_the_same_again_at_once_is_slowed_down(call: Caller, wang: Player, clock: Clock) -> None:
    await wang.sends("甲")
    await wang.sends("乙")
    assert len(await call.numbers()) == 2
    assert len(await call.numbers()) == 1
    clock.now += 1
    assert len(await call.numbers()) == 2


async def test_a_long_poll_ends_when_something_happens(call: Caller, wang: Player, played: PlayedTelegram) -> None:
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(call("getUpdates", timeout=30))
        await played.is_polled()
        await wang.sends("甲")
    assert poll.result()[0]["message"]["text"] == "甲"


async def test_a_second_poller_ends_the_first(call: Caller, wang: Player, played: PlayedTelegram) -> None:
    async with asyncio.TaskGroup() as group:
        first = group.create_task(call("getUpdates", timeout=30))
        await played.is_polled()
        second = group.create_task(call("getUpdates", offset=-1, timeout=30))
        refused = await first
        await wang.sends("甲")
    assert refused["error_code"] == 409
    assert refused["description"].startswith("Conflict: terminated by other getUpdates request")
    assert len(second.result()) == 1


async def test_presses_expire_before_messages(call: Caller, wang: Player, clock: Clock) -> None:
    await wang.sends("甲")
    await wang.presses(1, "x", wait=False)
    assert (await call("getWebhookInfo"))["pending_update_count"] == 2
    clock.now += 151
    (left,) = await call("getUpdates")
    assert left["message"]["text"] == "甲"
    clock.now += 24 * 3600
    assert await call.numbers() == []


async def test_an_answer_to_a_press_can_come_too_late(call: Caller, wang: Player, clock: Clock) -> None:
    await wang.presses(1, "x", wait=False)
    (update,) = await call("getUpdates")
    clock.now += 61
    refused = await call("answerCallbackQuery", callback_query_id=update["callback_query"]["id"])
    assert refused["error_code"] == 400


async def test_only_what_was_asked_for_is_queued(call: Caller, wang: Player, played: PlayedTelegram) -> None:
    reaction = {"message_reaction": {"chat": wang.person.chat(), "message_id": 1, "date": 1}}
    assert played.inject(reaction) is None
    await call("getUpdates", allowed_updates=["message", "message_reaction", "nonsense"])
    assert played.inject(reaction) is not None
    await wang.presses(1, "x", wait=False)
    await wang.sends("甲")
    kinds = [set(update) - {"update_id"} for update in await call("getUpdates", offset=-9)]
    assert kinds == [{"message_reaction"}, {"message"}]
    await call("getUpdates", offset=-9, allowed_updates=[])
    assert played.inject(reaction) is None


async def test_a_group_that_was_injected_can_be_written_to(call: Caller, played: PlayedTelegram) -> None:
    group = {"id": -100123, "type": "supergroup", "title": "邻居"}
    message = {"message_id": 5, "chat": group, "date": 1, "text": "/start", "from": {"id": 9, "is_bot": False}}
    number = played.inject({"message": message})
    (update,) = await call("getUpdates")
    assert update == {"update_id": number, "message": message}
    assert (await call("sendMessage", chat_id=-100123, text="甲"))["chat"] == group


async def test_a_burst_passes_and_then_it_is_one_a_second(call: Caller, wang: Player, clock: Clock) -> None:
    clock.now += 10
    for _ in range(20):
        assert "message_id" in await call("sendMessage", chat_id=WANG, text="甲")
    held = await call("sendMessage", chat_id=WANG, text="甲")
    assert held["error_code"] == 429
    assert held["description"] == "Too Many Requests: retry after 1"
    assert held["parameters"] == {"retry_after": 1}
    again = await call("sendMessage", chat_id=WANG, text="甲")
    assert again["parameters"] == {"retry_after": 2}
    clock.now += 2
    assert "message_id" in await call("sendMessage", chat_id=WANG, text="甲")


async def test_a_person_who_acts_gets_answers(call: Caller, wang: Player) -> None:
    for _ in range(3):
        await wang.sends("甲")
        for _ in range(20):
            assert "message_id" in await call("sendMessage", chat_id=WANG, text="甲")


async def test_bulk_is_held_to_thirty_a_second_and_answers_are_not(
    call: Caller, wang: Player, played: PlayedTelegram, clock: Clock
) -> None:
    crowd = [played.person(5000 + number, "众", phone=str(number), started=True).id for number in range(31)]
    sent = [await call("sendMessage", chat_id=number, text="通知") for number in crowd]
    assert [answer.get("error_code") for answer in sent] == [None] * 30 + [429]
    await wang.sends("/start")
    assert "message_id" in await call("sendMessage", chat_id=WANG, text="甲")


async def test_limits_can_be_switched_off() -> None:
    server = PlayedTelegram(TOKEN, limits=False)
    server.person(WANG, "王芳", phone="1", started=True)
    await server.start()
    async with aiohttp.ClientSession() as session:
        call = Caller(session, server.url)
        for _ in range(40):
            assert "message_id" in await call("sendMessage", chat_id=WANG, text="甲")
    await server.stop()


async def test_planned_faults_come_once_and_in_order(call: Caller, wang: Player, played: PlayedTelegram) -> None:
    played.faults.fail_next("sendMessage", 2, 500)
    played.faults.fail_next("sendMessage", status=429, retry_after=7)
    played.faults.fail_next("*", status=502)
    send = {"chat_id": WANG, "text": "甲"}
    codes = [(await call("sendMessage", **send))["error_code"] for _ in range(2)]
    held = await call("sendMessage", **send)
    other = await call("getMe")
    assert (codes, held["parameters"], other["error_code"]) == ([500, 500], {"retry_after": 7}, 502)
    assert "message_id" in await call("sendMessage", **send)
    assert played.calls["sendMessage"] == 4


async def test_a_lost_answer_may_have_been_carried_out(call: Caller, wang: Player, played: PlayedTelegram) -> None:
    played.faults.fail_next("sendMessage", status="reset")
    with pytest.raises(aiohttp.ClientError):
        await call("sendMessage", chat_id=WANG, text="甲")
    assert wang.chat == []
    played.faults.fail_next("sendMessage", status="reset", carried_out=True)
    with pytest.raises(aiohttp.ClientError):
        await call("sendMessage", chat_id=WANG, text="甲")
    assert [message["text"] for message in wang.chat] == ["甲"]


async def test_a_call_can_go_unanswered(call: Caller, wang: Player, played: PlayedTelegram) -> None:
    played.faults.fail_next("getMe", status="timeout")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await call("getMe")
    played.faults.fail_next("getMe", 9)
    played.faults.clear()
    assert (await call("getMe"))["is_bot"] is True


async def test_a_server_that_is_down_cuts_every_connection(call: Caller, wang: Player, played: PlayedTelegram) -> None:
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(asyncio.wait_for(_cut(call("getUpdates", timeout=30)), 5))
        await played.is_polled()
        played.faults.down = True
    assert poll.result() is True
    assert await _cut(call("getMe")) is True
    assert played.faults.down
    played.faults.down = False
    assert (await call("getMe"))["is_bot"] is True


async def test_a_far_server_takes_its_time_both_ways(call: Caller, wang: Player, played: PlayedTelegram) -> None:
    played.faults.delay = 0.1
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.TaskGroup() as group:
        group.create_task(call("sendMessage", chat_id=WANG, text="甲"))
        await wang.sees("甲")
        seen = loop.time() - began
    assert 0.04 < seen < loop.time() - began
    assert loop.time() - began >= 0.1


async def _cut(calling: Any) -> bool:
    try:
        await calling
    except aiohttp.ClientError:
        return True
    return False


class Door:
    """A bot's webhook: keeps what comes, answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.statuses: list[int] = []
        self.arrived = asyncio.Condition()
        self.held: dict[str, asyncio.Event] = {}

    async def take(self, request: web.Request) -> web.Response:
        update = orjson.loads(await request.read())
        async with self.arrived:
            self.got.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token", ""), update))
            self.arrived.notify_all()
        text = update.get("message", {}).get("text", "")
        if text in self.held:
            await self.held[text].wait()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    async def has(self, number: int) -> list[str]:
        async with asyncio.timeout(5), self.arrived:
            await self.arrived.wait_for(lambda: len(self.got) >= number)
        return [update["message"]["text"] if "message" in update else "press" for _, update in self.got]


@pytest.fixture
async def door() -> AsyncIterator[tuple[Door, str]]:
    taken = Door()
    app = web.Application()
    app.router.add_post("/hook", taken.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield taken, f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


async def test_a_webhook_gets_what_waits_and_what_comes(call: Caller, wang: Player, door: tuple[Door, str]) -> None:
    await wang.sends("甲")
    assert await call("setWebhook", url=door[1], secret_token="hush") is True
    await wang.sends("乙")
    assert await door[0].has(2) == ["甲", "乙"]
    assert {secret for secret, _ in door[0].got} == {"hush"}
    await wang.settles(quiet=0)
    info = await call("getWebhookInfo")
    assert (info["url"], info["pending_update_count"]) == (door[1], 0)
    assert (await call("getUpdates"))["error_code"] == 409
    assert await call("deleteWebhook", drop_pending_updates=True) is True
    assert await call("getUpdates") == []


async def test_a_webhook_is_tried_again_until_it_takes_the_update(
    call: Caller, wang: Player, door: tuple[Door, str]
) -> None:
    door[0].statuses = [500, 503]
    await call("setWebhook", url=door[1])
    await wang.sends("甲")
    await wang.sends("乙")
    assert await door[0].has(4) == ["甲", "甲", "甲", "乙"]
    assert "Wrong response from the webhook: 503" in (await call("getWebhookInfo"))["last_error_message"]


async def test_a_chat_that_hangs_holds_up_neither_presses_nor_other_chats(
    call: Caller, wang: Player, played: PlayedTelegram, door: tuple[Door, str]
) -> None:
    door[0].held["甲"] = asyncio.Event()
    await call("setWebhook", url=door[1])
    await wang.sends("甲")
    await wang.sends("乙")
    await wang.presses(1, "x", wait=False)
    await played.person(2002, "李强", phone="1").sends("丙")
    assert sorted(await door[0].has(3)) == ["press", "丙", "甲"]
    door[0].held["甲"].set()
    assert (await door[0].has(4))[-1] == "乙"


async def test_webhooks_that_are_refused(call: Caller, wang: Player, door: tuple[Door, str]) -> None:
    refused = await call("setWebhook", url="http://example.org/hook")
    assert refused["description"] == "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    assert (await call("setWebhook", url=door[1], secret_token="a b"))["error_code"] == 400
    await wang.sends("甲")
    assert await call("setWebhook", url=door[1], drop_pending_updates=True, allowed_updates=["message"]) is True
    info = await call("getWebhookInfo")
    assert (info["pending_update_count"], info["allowed_updates"]) == (0, ["message"])
    assert await call("setWebhook", url="") is True
    assert (await call("getWebhookInfo"))["url"] == ""


async def test_setting_a_webhook_ends_the_poller(call: Caller, played: PlayedTelegram, door: tuple[Door, str]) -> None:
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(call("getUpdates", timeout=30))
        await played.is_polled()
        await call("setWebhook", url=door[1])
    assert poll.result()["description"] == "Conflict: terminated by setWebhook request"
