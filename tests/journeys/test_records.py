"""What became of a registration: list, record, PDF, cancelling; nobody sees another's."""

from __future__ import annotations

import asyncio

import pypdfium2 as pdfium
import pytest

from bot import callbacks
from flows.model import DAY, HOUR, RegistrationState
from tests.journeys.identities import EMPLOYER, NAME, id_number_of
from tests.journeys.town import Town
from tests.journeys.walking import Walker, words

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def at_record(town: Town, walker: Walker | None = None, closes_in: int = 3 * DAY) -> Walker:
    """Before the record of a new registration."""
    walker = await town.registered(walker or town.newcomer(), await town.plan(closes_in=closes_in))
    await walker.taps("record", to="records/record")
    return walker


def text_of(content: bytes) -> str:
    pdf = pdfium.PdfDocument(content)
    try:
        return "".join(page.get_textpage().get_text_bounded() for page in pdf)
    finally:
        pdf.close()


async def test_an_applicant_sees_number_progress_and_masked_names(town: Town) -> None:
    walker = await at_record(town)
    (registration,) = await town.registrations(walker)
    assert walker.text.startswith(f"配租记录 {registration.number}\n")
    assert "✓ 登记成功 → 资格审核 → 摇号 → 选房" in walker.text
    assert f"{NAME[0]}* · 138****" in walker.text
    assert walker.labels == [["导出 PDF"], ["取消登记"], ["返回"]]


async def test_an_applicant_exporting_gets_one_pdf_however_often_they_tap(town: Town) -> None:
    walker = await at_record(town)
    (registration,) = await town.registrations(walker)
    message, data = walker.screen["message_id"], walker.data_of("export")
    first, *others = await asyncio.gather(*(walker.player.presses(message, data) for _ in range(5)))
    await walker.rests("records/record")
    assert first == words(town.house, "common", "toast_record_being_made")
    assert set(others) == {words(town.house, "common", "toast_stale")}
    documents = [message for message in walker.player.chat if "document" in message]
    assert [found["document"]["file_name"] for found in documents] == [f"{registration.number}.pdf"]
    text = text_of(await walker.player.downloads(documents[0]))
    for expected in (registration.number, NAME, EMPLOYER, id_number_of(walker.player.id), "登记成功"):
        assert expected in text, expected


async def test_an_applicant_keeping_the_registration_keeps_it(town: Town) -> None:
    walker = await at_record(town)
    await walker.taps("cancel", to="records/confirm_cancel")
    assert walker.labels == [["确认取消"], ["保留登记"]]
    await walker.taps("keep", to="records/record")
    await walker.taps("cancel", to="records/confirm_cancel")
    await walker.says("/cancel")  # leaves the screen, not the registration
    (registration,) = await town.registrations(walker)
    assert registration.state is RegistrationState.REGISTERED


async def test_an_applicant_cancelling_sees_when_and_may_change_the_form(town: Town) -> None:
    walker = await at_record(town)
    await walker.taps("cancel", to="records/confirm_cancel")
    await walker.taps("confirm_cancel", to="records/record")
    assert walker.text.startswith("✅ 已取消登记。")
    assert "目前进度 已取消" in walker.text
    assert ["取消登记"] not in walker.labels
    await walker.taps("see_plan", to="plans/plan")
    await walker.taps("see_form", to="application/form")
    await walker.taps("edit", to="application/overview")


async def test_an_applicant_cancelling_too_late_keeps_the_registration_and_is_told(town: Town) -> None:
    walker = await at_record(town, closes_in=2 * HOUR)
    await walker.taps("cancel", to="records/confirm_cancel")
    town.house.clock.ahead += 3 * HOUR
    await walker.taps("confirm_cancel", to="records/record")
    assert walker.text.startswith("⚠️ 登记已截止，现在不能取消登记。您的登记仍然有效。")
    assert walker.labels == [["导出 PDF"], ["返回"]]
    (registration,) = await town.registrations(walker)
    assert registration.state is RegistrationState.REGISTERED


async def test_somebody_without_a_registration_is_told_how_to_get_one(town: Town) -> None:
    walker = await town.signed_up(town.newcomer())
    await walker.says("/records", to="records/list")
    assert "您还没有登记过。" in walker.text
    assert walker.labels == [["返回"]]


async def test_an_applicant_with_many_records_turns_pages_of_eight(town: Town) -> None:
    """Nine of them: registered and cancelled in turn."""
    plan = await town.plan()
    walker = await town.submitted(town.newcomer(), plan)
    for _ in range(9):
        await walker.says(f"/start plan_{plan.code}", to="plans/plan")
        await walker.taps("register", to="register/confirm")
        await walker.taps("confirm", to="register/registered")
        await walker.taps("record", to="records/record")
        await walker.taps("cancel", to="records/confirm_cancel")
        await walker.taps("confirm_cancel", to="records/record")
    await walker.says("/records", to="records/list")
    assert "第 1/2 页" in walker.text
    assert len(walker.labels) == 9
    assert walker.labels[-1] == ["返回", "›"]
    await walker.taps("page", to="records/list")
    assert "第 2/2 页" in walker.text
    assert walker.labels[-1] == ["‹", "返回"]
    await walker.taps("record", to="records/record")
    await walker.taps("back", to="records/list")
    assert "第 2/2 页" in walker.text


async def test_somebody_forging_data_never_sees_anothers_record(town: Town) -> None:
    victim = await at_record(town)
    (registration,) = await town.registrations(victim)
    thief = await at_record(town)
    (own,) = await town.registrations(thief)
    await thief.says("/records", to="records/list")
    stale = words(town.house, "common", "toast_stale")
    revision = (await thief.session()).revision
    forged = [
        callbacks.encode(revision, "record", registration.number),
        callbacks.encode(revision, "export", registration.number),
        callbacks.encode(revision, "confirm_cancel", registration.number),
        callbacks.encode(revision, "cancel", registration.number),
        victim.data_of("export"),
        victim.data_of("cancel"),
    ]
    for data in forged:
        assert await thief.player.presses(thief.screen["message_id"], data) == stale, data
        await thief.rests("records/list")
        # a message of the other chat, too: Telegram shows neither, but data can be sent about any
        assert await thief.player.presses(victim.screen["message_id"], data) == stale, data
        await thief.rests("records/list")
    for text in (
        f"/start record_{registration.number}",
        f"/records {registration.number}",
        f"/start {registration.number}",
    ):
        await thief.says(text)
    seen = " ".join(str(message.get("text")) + str(message.get("caption")) for message in thief.player.chat)
    assert registration.number not in seen.replace(f"/start record_{registration.number}", "").replace(
        f"/records {registration.number}", ""
    ).replace(f"/start {registration.number}", "")
    assert not any("document" in message for message in thief.player.chat)
    (after,) = await town.registrations(victim)
    assert after.state is RegistrationState.REGISTERED
    (mine,) = await town.registrations(thief)
    assert mine == own
