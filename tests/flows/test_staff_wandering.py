"""Clerks who do anything at all, three at once, on the same plans: nothing breaks, and nobody is left without a way."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from flows.effects import (
    Effect,
    ExportLog,
    ExportPlan,
    FetchPlanPicture,
    MakeCharts,
    MakePoster,
    ReadWorkbook,
    SendTemplate,
)
from flows.events import Came, Command, Event, File, Press, Text
from flows.model import HOUR
from flows.staff.model import SYSTEM, Role
from flows.staff.plan_text import plan_to_text
from tests.flows.conftest import House
from tests.flows.desk import MEDIA, NEW
from tests.flows.stage import Chat, Stage
from tests.flows.town import OPEN

STEPS = 250
TEXTS = ("2026-11-25 09:00", "2026-12-01 18:00", "王芳", "010-1", "x" * 500, "2026-12-10", "房源调整", " ")
PAPERS = {SendTemplate: "template", ExportPlan: "package", MakePoster: "poster", MakeCharts: "charts", ExportLog: "log"}


def result(effect: Effect, chance: random.Random) -> Came | None:
    """What comes of a job, good or bad."""
    match effect:
        case ReadWorkbook():
            plan = chance.choice([NEW, replace(NEW, phone="1"), replace(OPEN, name="新", projects=())])
            outcomes = [{"plan": plan_to_text(plan)}, {"mistakes": json.dumps(["一处"] * 30)}, {"reason": "gone"}]
            return Came("workbook", chance.choice(outcomes))
        case FetchPlanPicture(draft=draft, project=project):
            outcome = chance.choice([{"media": MEDIA}, {"media": "d" * 64}, {"reason": "broken"}])
            return Came("plan_picture", outcome, {"draft": str(draft), "project": project})
        case _ if type(effect) in PAPERS:
            return Came(PAPERS[type(effect)], chance.choice([{}, {"status": "given_up"}]))
    return None


def deed(chat: Chat, chance: random.Random) -> Event:
    """Mostly a button that stands there."""
    match chance.randrange(12):
        case 0:
            return Text(chance.choice(TEXTS), 1)
        case 1:
            return File("f", f"u{chance.random()}", as_document=chance.random() < 0.7, size=9)
        case 2:
            return Command(chance.choice(["cancel", "help"]))
        case _ if chat.buttons and not chat.at.startswith("home/"):
            onward = [
                button for button in chat.buttons if button.id not in {"back", "page", "people", "confirm_removal"}
            ]
            button = chance.choice(onward if onward and chance.random() < 0.85 else chat.buttons)
            age = chance.choice([0, 0, 0, 0, 1])
            return Press(button.id, button.argument, chat.session.revision - age, 1, "q")
    return Command("staff")


def wander(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)
    roles = {31: Role.ADMIN, 32: Role.EDITOR, 33: Role.ADMIN}
    for number, role in roles.items():
        stage.repository.add_staff(number, role, "同事", SYSTEM, stage.now)
    chats = [stage.chat(number) for number in roles]
    under_way: list[tuple[Chat, Came]] = []
    for _ in range(STEPS):
        chat = chance.choice(chats)
        if under_way and chance.random() < 0.2:
            chat, came = under_way.pop(chance.randrange(len(under_way)))
            reaction = chat.does(came)
        elif chance.random() < 0.02:
            stage.now += HOUR
            draft = chance.randrange(1, 9)
            reaction = chat.does(Came("publish", {"status": chance.choice(["due", "late"])}, {"draft": str(draft)}))
        else:
            reaction = chat.does(deed(chat, chance))
        news = (result(effect, chance) for effect in reaction.effects)
        under_way += [(chat, one) for one in news if one is not None]
    assert stage.repository.first_break() is None
    assert stage.repository.admins() >= 1


@pytest.mark.parametrize("seed", range(12))
def test_clerks_who_do_anything_break_nothing(house: House, seed: int) -> None:
    with house.stage(seed) as stage:
        wander(stage, seed)
