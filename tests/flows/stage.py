"""A stage on which conversations are played: the real flows on the real repository, with a clock set by hand.

What holds for every turn is checked at every turn (``rules.py``), whichever test plays it. Between two turns a session
is nothing but JSON, as in the storage.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import orjson

from flows.applicant.application import FORM
from flows.book import BOOK
from flows.effects import Answer, Button, CheckIdentity, Effect, FetchPicture, Job, MakeRecord, Say, SendSms, Show
from flows.engine.fields import Photos
from flows.engine.fire import fire
from flows.engine.session import Session
from flows.engine.turn import Turn
from flows.events import Came, Command, Contact, Edited, Event, File, Press, Text
from flows.model import DAY, Application, Person, Plan, Registration
from storage.repository import SqlRepository
from storage.store import Shelf
from storage.vault import Vault
from tests.flows.rules import check_turn
from tests.flows.town import ANSWERS, CLOSED, ID_NUMBER, NAME, NOW, OPEN, PHONE, UPCOMING, PlainWords, SeededChance

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reaction:
    """What one event brought about."""

    effects: tuple[Effect, ...]

    def all(self, kind: type[T]) -> list[T]:
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def one(self, kind: type[T]) -> T:
        (effect,) = self.all(kind)
        return effect

    @property
    def error(self) -> str:
        """The key of what stands above the question, or nothing."""
        failed = self.one(Show).error
        return failed[0] if failed else ""

    @property
    def notice(self) -> str:
        told = self.one(Show).notice
        return told[0] if told else ""

    @property
    def toast(self) -> str:
        return self.one(Answer).key

    @property
    def said(self) -> list[str]:
        return [say.key for say in self.all(Say)]


class Stage:
    """The town: plans, a clock, chance, and the jobs that nobody has carried out yet."""

    def __init__(self, connection: sqlite3.Connection, vault: Vault, seed: int = 0) -> None:
        self.connection = connection
        self.chance = SeededChance(seed)
        self.now = NOW
        self.jobs: list[tuple[Chat, Job]] = []
        self._shelf = Shelf()
        self._vault = vault
        self.repository = self.new_repository()
        for plan in (OPEN, CLOSED, UPCOMING):
            self.repository.add_plan(plan, plan.opens_at - DAY)

    def new_repository(self) -> SqlRepository:
        return SqlRepository(self.connection, self._vault, self._shelf)

    def chat(self, chat_id: int = 1) -> Chat:
        return Chat(self, chat_id)

    def index_of(self, id_number: str) -> bytes:
        return self._vault.index("id_number", id_number)

    def withdraw(self, plan: Plan) -> None:
        self.repository.withdraw_plan(plan.code, "房源调整", self.now)

    def unpublish(self, plan: Plan) -> None:
        self.connection.execute("UPDATE plans SET published_at = NULL WHERE code = ?", (plan.code,))
        self._shelf.clear()

    def turn(self, session: Session, event: Event) -> Turn:
        repository = self.new_repository()
        return Turn(session, event, at=self.now, repository=repository, chance=self.chance, words=PlainWords())

    def play(self, session: Session, event: Event) -> Reaction:
        """One turn, undone if it fails."""
        turn = self.turn(session, event)
        self.connection.execute("SAVEPOINT turn")
        try:
            fire(BOOK, turn)
        except BaseException:
            self.connection.execute("ROLLBACK TO turn")
            raise
        finally:
            self.connection.execute("RELEASE turn")
        return Reaction(tuple(turn.effects))


class Chat:
    """One Telegram account's conversation."""

    def __init__(self, stage: Stage, chat_id: int) -> None:
        self.stage = stage
        self.chat_id = chat_id
        self.stored = orjson.dumps(Session(chat_id, "zh").dump())
        self.screen: Show | None = None
        self.codes: dict[str, str] = {}  # of SMS, by challenge
        self._messages = 0

    @property
    def session(self) -> Session:
        return Session.load(self.chat_id, orjson.loads(self.stored))

    def restores(self, session: Session) -> None:
        """Puts the conversation somewhere without anything having been played."""
        self.stored = orjson.dumps(session.dump())
        self.says("?")

    @property
    def at(self) -> str:
        """``flow/state`` in which the conversation rests; nothing before it began."""
        frames = self.session.frames
        return f"{frames[-1].flow}/{frames[-1].state}" if frames else ""

    @property
    def data(self) -> dict[str, str]:
        return self.session.top.data

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.screen.rows for button in row] if self.screen else []

    @property
    def ids(self) -> list[str]:
        return [button.id for button in self.buttons]

    @property
    def person(self) -> Person | None:
        return self.stage.repository.person(self.chat_id)

    def application(self, plan: Plan = OPEN) -> Application:
        assert self.person is not None
        application = self.stage.repository.application(self.person.id, plan.code)
        assert application is not None
        return application

    def registration(self, plan: Plan = OPEN) -> Registration | None:
        assert self.person is not None
        return self.stage.repository.live_registration(self.person.id, plan.code)

    def turn(self) -> Turn:
        """One in which nothing happens, for what the flows offer each other."""
        return self.stage.turn(self.session, Edited())

    # --- what people do ----------------------------------------------------------------------------------------------

    def does(self, event: Event) -> Reaction:
        before, session = self.session, self.session
        reaction = self.stage.play(session, event)
        check_turn(before, event, session, reaction.effects)
        self.stored = orjson.dumps(session.dump())
        for effect in reaction.effects:
            if isinstance(effect, Show):
                self.screen = effect
            if isinstance(effect, SendSms | CheckIdentity | FetchPicture | MakeRecord):
                self.stage.jobs.append((self, effect))
            if isinstance(effect, SendSms):
                self.codes[str(effect.challenge)] = effect.code
        return reaction

    def next_text(self, text: str) -> Text:
        self._messages += 1
        return Text(text, self._messages)

    def says(self, text: str) -> Reaction:
        return self.does(self.next_text(text))

    def taps(self, button: str, argument: str = "") -> Reaction:
        """A button that must stand on the screen, and must do something."""
        assert any((one.id, one.argument) == (button, argument) for one in self.buttons), (button, argument, self.ids)
        revision = self.session.revision
        reaction = self.does(Press(button, argument, revision, 1, "query"))
        assert self.session.revision == revision + 1, f"{button} on {self.at} did nothing"
        return reaction

    def commands(self, name: str, argument: str = "") -> Reaction:
        return self.does(Command(name, argument))

    def shares(self, phone: str = PHONE, *, own: bool = True) -> Reaction:
        return self.does(Contact(phone.removeprefix("+"), own))

    def sends_file(self, name: str, *, size: int = 200_000, group: str = "") -> Reaction:
        return self.does(File(f"id-{name}", f"unique-{name}", as_document=False, size=size, group=group))

    # --- what comes back ---------------------------------------------------------------------------------------------

    def last(self, kind: type[T]) -> T:
        """The newest job of a kind that this chat asked for."""
        return next(job for chat, job in reversed(self.stage.jobs) if chat is self and isinstance(job, kind))

    def hears(self, job: Job, **outcome: str) -> Reaction:
        return self.does(self.result(job, outcome))

    def result(self, job: Job, outcome: Mapping[str, str]) -> Came:
        """A job's result, as its handler reports it."""
        match job:
            case SendSms(challenge=challenge):
                return Came("sms", outcome, {"challenge": str(challenge)})
            case CheckIdentity(check=check):
                return Came("identity", outcome, {"check": str(check)})
            case FetchPicture(picture_id=picture):
                return Came("picture", outcome, {"picture": str(picture)})
            case MakeRecord(number=number):
                return Came("record", outcome, {"number": number})

    # --- whole stretches ---------------------------------------------------------------------------------------------

    def opens_plan(self, plan: Plan = OPEN) -> Reaction:
        return self.commands("start", f"plan_{plan.code}")

    def proves_phone(self, phone: str = PHONE) -> Reaction:
        """From the consent, or the question for a number, to the end of the sign-up."""
        if self.at == "sign_up/consent":
            self.taps("agree")
        self.shares(phone)
        job = self.last(SendSms)
        self.hears(job, status="sent")
        return self.says(job.code)

    def proves_name(self, name: str = NAME, id_number: str = ID_NUMBER, status: str = "match") -> Reaction:
        """From the question for the name to what the service answers."""
        self.says(name)
        self.says(id_number)
        self.taps("confirm")
        return self.hears(self.last(CheckIdentity), status=status)

    def signs_up(self, phone: str = PHONE, name: str = NAME, id_number: str = ID_NUMBER) -> Chat:
        """An account with a proven name, at home."""
        self.commands("me")
        self.proves_phone(phone)
        if self.at == "sign_up/verified":
            self.taps("real_name")
            self.proves_name(name, id_number)
        self.commands("start")
        return self

    def fills_in(self) -> Reaction:
        """From the task list to the review, skipping nothing."""
        for section in FORM.sections:
            self.taps("section", section.key)
            for question in section.questions:
                if isinstance(question.kind, Photos):
                    self.sends_file(question.key)
                    self.hears(self.last(FetchPicture), file=f"file-{question.key}")
                    self.taps("done")
                else:
                    self.answers(question.key)
        return self.taps("check_answers")

    def answers(self, question: str) -> Reaction:
        """Rightly."""
        answer = ANSWERS[question][0]
        if "choose" in self.ids:
            return self.taps("choose", answer)
        return self.says(answer)

    def submits(self, plan: Plan = OPEN) -> Chat:
        """From anywhere to a submitted form."""
        self.opens_plan(plan)
        self.taps("fill_in")
        self.fills_in()
        self.taps("submit")
        return self

    def registers(self, plan: Plan = OPEN) -> str:
        """From anywhere, with a submitted form, to the number."""
        self.opens_plan(plan)
        self.taps("register")
        self.taps("confirm")
        return self.data["number"]
