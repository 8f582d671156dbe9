"""Every screen there is, drawn by the flows' own views from a small made-up town. For tests of words and diagrams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from flows.applicant.application import FORM
from flows.book import BOOK
from flows.effects import Show
from flows.engine.fields import Choice, Day, FullName, IdNumber, Money, Number, Phone, Photos, Question
from flows.engine.session import Frame, Session
from flows.engine.turn import Turn
from flows.events import Membership
from flows.model import (
    DAY,
    HOUR,
    Application,
    Moment,
    Occasion,
    Person,
    Picture,
    PictureState,
    Plan,
    Project,
    Registration,
    RegistrationState,
    Rent,
    UnitType,
)
from flows.ports import Chance, Repository, Words
from tests.bot import desk

OPENS: Moment = 1_795_482_000_000  # 2026-11-24 09:00 in Beijing
CLOSES = OPENS + 4 * DAY + 8 * HOUR
HOMES = (UnitType("A", "一居室", homes=860),)
PLAN = Plan(
    "HD2603",
    "海淀区2026年第三批保租房",
    OPENS,
    CLOSES,
    announced_on=date(2026, 12, 10),
    phone="010-12345678",
    hours="工作日 9:00–17:00",
    projects=(Project("QH", "清河家园", "清河路 1 号", unit_types=HOMES),),
)
PERSON = Person(1, 100, "+8613800138000", "王芳", "110101199003070038")
UNVERIFIED = replace(PERSON, name=None, id_number=None)
# A plan in which every list and every text has more than one page.
UNITS = tuple(
    UnitType(
        f"U{i}",
        f"一居室 {i} 型",
        4_530 + i,
        12,
        "说明。" * 500 * (i % 2),
        rent_count=45,
        lowest=210_000,
        highest=340_050,
    )
    for i in range(12)
)
LARGE = replace(
    PLAN,
    notice_title="关于海淀区2026年第三批保租房配租的公告",
    notice_text="第一条 房源情况 <b>&。详见项目小区，以公告为准。\n\n" * 300,
    notice_file="aa" * 32,
    projects=tuple(
        Project(
            f"Q-{i}", f"清河家园 {i} 区", "清河路 1 号", "海淀区", 40.03, 116.34, "说明。" * 900, UNITS, ("bb" * 32,)
        )
        for i in range(20)
    ),
)
REGISTRATION = Registration("HD2603-7KQ4-XM3P", PLAN.code, 1, 1, RegistrationState.REGISTERED, OPENS + HOUR)
CANCELLED = replace(REGISTRATION, state=RegistrationState.CANCELLED, cancelled_at=OPENS + DAY)

# All that the flows remember in their frames; a view takes what is its own.
DATA = {
    "plan": PLAN.code,
    "number": REGISTRATION.number,
    "phone": PERSON.phone,
    "captcha": "4827",
    "challenge": "1",
    "name": "王芳",
    "id_number": "110101199003070038",
    "section": FORM.sections[0].key,
    "project": "QH",
    "unit": "A",
    "find_which": "kind",
    "status": "mismatch",
    "sms": "sending",
    "tries": "2",
    **desk.DATA,
}


def answer_to(question: Question) -> str:
    """Some right answer."""
    match question.kind:
        case Choice(keys=keys):
            return keys[-1]
        case Number(least=least):
            return str(least + 24)
        case Money():
            return "8500050"
        case Day():
            return "2024-03-01"
        case IdNumber():
            return "110101199003070038"
        case Phone():
            return "+8613800138000"
        case FullName():
            return "王芳"
    return "北京 <b>&安居</b> {{ 7*7 }}"


def _form() -> Application:
    photos = [question.key for question in FORM.questions if isinstance(question.kind, Photos)]
    return Application(
        1,
        PERSON.id,
        PLAN.code,
        {question.key: answer_to(question) for question in FORM.questions if question.key not in photos},
        tuple(
            Picture(number, key, f"id{number}", f"unique{number}", as_document=False, state=state, file="stored")
            for key in photos
            for number, state in enumerate((PictureState.STORED, PictureState.FETCHING))
        ),
    )


DRAFT = _form()
SUBMITTED = replace(DRAFT, submitted_at=OPENS - DAY, submission_id=1)


@dataclass(frozen=True)
class Situation:
    """Who is there and how things stand: what changes the screens."""

    name: str
    at: Moment = OPENS + HOUR
    plan: Plan | None = PLAN
    plans: int = 1
    person: Person | None = PERSON
    application: Application | None = SUBMITTED
    registration: Registration | None = None
    last: Mapping[str, str] | None = None
    data: Mapping[str, str] | None = None
    reminder: bool = False
    only: str = ""  # a flow: elsewhere it cannot be like this


SECOND_PAGES = dict.fromkeys(("notice_page", "projects_page", "text_page", "units_page", "rents_page"), "2")

FOUND = {
    "find_district": "海淀区",
    "find_rent": "upper",
    "find_kind": "one",
    "find_words": "清河 <一居>",
    "find_which": "rent",
    "find_page": "2",
}

SITUATIONS = (
    Situation("open, submitted"),
    Situation("before, nobody", at=OPENS - DAY, person=None, application=None),
    Situation("before, submitted", at=OPENS - DAY),
    Situation("closed, begun", at=CLOSES, application=DRAFT),
    Situation("empty form", application=None, data={"sms": "sent"}),
    Situation("empty form, filled in before", application=None, last=DRAFT.answers, data={"sms": "unknown"}),
    Situation("changed", application=replace(SUBMITTED, changed_since=True), data={"waiting": "yes"}),
    Situation("skipped", application=replace(SUBMITTED, answers=dict.fromkeys(DRAFT.answers, ""), pictures=())),
    Situation("registered", registration=REGISTRATION, plans=20, data={"page": "2"}),
    Situation("registered, closed", at=CLOSES, registration=REGISTRATION, data={"status": "taken"}),
    Situation("cancelled", registration=CANCELLED, data={"tries": "0"}),
    Situation(
        "withdrawn", plan=replace(PLAN, withdrawn_at=OPENS, withdrawn_reason="房源调整"), registration=REGISTRATION
    ),
    Situation("large plan", plan=LARGE, plans=2, data={"project": "Q-3", "unit": "U3"} | SECOND_PAGES),
    Situation("large plan, closed", at=CLOSES, plan=LARGE, data={"project": "Q-3", "unit": "U4"}),
    Situation("reminder before", at=OPENS - DAY, reminder=True, plan=LARGE, plans=2, data=FOUND),
    Situation("reminder open", reminder=True, plan=LARGE, plans=14, data={"find_which": "plan", "choice_page": "2"}),
    Situation("found by plan", plan=LARGE, data={"find_plan": "P0", "find_which": "district"}),
    Situation("found nothing", plan=LARGE, data={"find_words": "月球", "find_kind": "one", "find_which": "rent"}),
    Situation("plan gone", plan=None, registration=REGISTRATION, data={"status": "given_up"}),
    Situation("few details", plan=replace(PLAN, phone="", announced_on=None)),
    Situation("no plans", plans=0),
    Situation("unverified", person=UNVERIFIED, only="me"),
    *(Situation(name, data=data, only=only) for name, data, only in desk.SITUATIONS),
)


class Town(desk.DeskTown):
    """The repository, as far as views look into it, in one situation."""

    def __init__(self, situation: Situation) -> None:
        super().__init__({**DATA, **(situation.data or {})}, situation.plan)
        self._situation = situation

    def person(self, _: int) -> Person | None:
        return self._situation.person

    def plan(self, _: str) -> Plan | None:
        return self._situation.plan

    def plans(self) -> Sequence[Plan]:
        plan = self._situation.plan
        return [replace(plan, code=f"P{number}") for number in range(self._situation.plans)] if plan else []

    def registered(self, _: str) -> int:
        return 3217

    def has_reminder(self, _: str, __: int, ___: Occasion) -> bool:
        return self._situation.reminder

    def rents(self, _: str, __: str, unit_type: str, offset: int, limit: int) -> Sequence[Rent]:
        wide = "南向 " * 5 if unit_type == "U4" else ""
        return [Rent(f"{wide}3-{number}", 4_530, 210_000 + number) for number in range(offset, min(offset + limit, 45))]

    def application(self, _: int, __: str) -> Application | None:
        return self._situation.application

    def open_application(self, _: int, __: str, ___: Moment) -> Application:
        return self._situation.application or Application(1, PERSON.id, PLAN.code)

    def submission(self, _: int) -> Application:
        return self._situation.application or DRAFT

    def last_answers(self, _: int, __: str) -> Mapping[str, str]:
        return self._situation.last or {}

    def live_registration(self, _: int, __: str) -> Registration | None:
        registration = self._situation.registration
        return registration if registration and registration.state is RegistrationState.REGISTERED else None

    def registration(self, _: str) -> Registration | None:
        return self._situation.registration

    def registrations(self, _: int) -> Sequence[Registration]:
        registration = self._situation.registration
        count = range(self._situation.plans)
        return [replace(registration, number=f"HD2603-7KQ4-XM{number}") for number in count] if registration else []

    def __getattr__(self, name: str) -> object:
        raise NotImplementedError(f"a view asks the repository for {name}, which tests/bot/screens.py does not know")


def turn_in(situation: Situation, flow: str, state: str, language: str = "zh") -> Turn:
    data = {**DATA, **(situation.data or {})}
    session = Session(100, language, frames=[Frame("home", "menu", 1), Frame(flow, state, 1, data)])
    return Turn(
        session,
        Membership(blocked=False),
        at=situation.at,
        repository=cast("Repository", Town(situation)),
        chance=cast("Chance", None),
        words=cast("Words", None),
    )


def screens(language: str = "zh") -> Iterator[tuple[str, Show]]:
    """What every state shows in every situation in which it can; the first of the pair names both."""
    for flow in BOOK.flows.values():
        for state in flow.states.values():
            if state.view is None:
                continue
            for situation in SITUATIONS:
                if situation.only not in {"", flow.name}:
                    continue
                try:
                    view = state.view(turn_in(situation, flow.name, state.name, language))
                except LookupError:  # the flow cannot be here in this situation: nobody signed in, no record, …
                    continue
                yield (
                    f"{flow.name}/{state.name} ({situation.name})",
                    Show(
                        view.window or flow.window(state.name),
                        view.values,
                        view.rows,
                        captcha=view.captcha,
                        ask_contact=view.ask_contact,
                    ),
                )
