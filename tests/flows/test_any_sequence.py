"""Any sequence of events, from two accounts at once, leaves everything in order."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.windows import Windows
from flows.effects import Answer, Say, Show
from flows.events import Came, Command, Contact, Edited, Event, Press
from flows.model import Moment
from tests.flows import anything
from tests.flows.conftest import House
from tests.flows.stage import Chat, Reaction

Rows = dict[tuple[object, ...], object]

# The key in two columns, and what may not change under it once it is there.
ANSWERS = "SELECT application_id, field, value FROM answers"
KEPT = (
    "SELECT id, 'proven', id_number FROM people WHERE verified_at IS NOT NULL",
    "SELECT id, 'submitted', body FROM submissions",
    "SELECT number, person_id, plan_code FROM registrations",
    "SELECT number, submission_id, registered_at FROM registrations",
    "SELECT number, 'cancelled', cancelled_at FROM registrations WHERE state = 'cancelled'",
)

WINDOWS = Windows(Path(__file__).parents[2] / "templates", support="010-12345678")
FAR = 40  # presses from the remotest screen home
SELDOM = 26  # of 31 choices, those that look for the way on

chats = st.sampled_from(anything.CHATS)
chosen = st.integers(0, 30)


class AnySequence(RuleBasedStateMachine):
    ground: ClassVar[House]

    def __init__(self) -> None:
        super().__init__()
        self._playing = self.ground.stage()
        self.stage = self._playing.__enter__()
        self.connection = self.stage.connection
        self.chats = {number: self.stage.chat(number) for number in anything.CHATS}
        self.shown_at: dict[int, Moment] = {}

    def teardown(self) -> None:
        self._playing.__exit__(None, None, None)

    @initialize(stretch=st.sampled_from(sorted(anything.STRETCHES)))
    def begin(self, stretch: str) -> None:
        anything.STRETCHES[stretch](self.chats[1])

    # --- what people do ----------------------------------------------------------------------------------------------

    @rule(number=chats, choices=st.lists(chosen, min_size=1, max_size=12))
    def goes_on(self, number: int, choices: list[int]) -> None:
        """Some steps of somebody who means it: right words where words are asked for, else a button, seldom one out."""
        chat = self.chats[number]
        for choice in choices:
            words = anything.right_words(chat, choice)
            ways = [button.id not in anything.WAYS_OUT for button in chat.buttons]
            if words and "choose" not in chat.ids:
                self.play(chat, chat.next_text(words))
            elif chat.at in anything.WAITS_FOR_JOBS and self.stage.jobs:
                self.hear(choice, 0, again=False)
            elif any(ways) and choice < SELDOM:
                forward = [place for place, is_forward in enumerate(ways) if is_forward]
                self.press_standing(chat, forward[choice % len(forward)])
            else:
                self.press_standing(chat, choice)

    @rule(number=chats, index=chosen)
    def presses_what_stands_there(self, number: int, index: int) -> None:
        self.press_standing(self.chats[number], index)

    @rule(number=chats, index=chosen)
    def taps_twice(self, number: int, index: int) -> None:
        chat = self.chats[number]
        press = self.standing(chat, index)
        if press is not None:
            self.play(chat, press)
            assert self.play(chat, press).toast == "stale"

    @rule(number=chats, button=anything.buttons, argument=anything.arguments, age=st.sampled_from([-1, 0, 0, 0, 1, 5]))
    def presses_anything(self, number: int, button: str, argument: str, age: int) -> None:
        chat = self.chats[number]
        reaction = self.play(chat, Press(button, argument, chat.session.revision - age, 7, "forged"))
        if age:
            assert reaction.toast == "stale"

    @rule(number=chats, text=anything.texts)
    def says(self, number: int, text: str) -> None:
        chat = self.chats[number]
        self.play(chat, chat.next_text(text))

    @rule(number=chats, event=st.one_of(anything.files, anything.contacts, anything.other_things))
    def sends_something(self, number: int, event: Event) -> None:
        self.play(self.chats[number], event)

    @rule(number=chats, names=st.lists(st.sampled_from(["help", "privacy", "language"]), min_size=1, max_size=4))
    def looks_beside(self, number: int, names: list[str]) -> None:
        for name in names:
            self.play(self.chats[number], Command(name))

    @rule(number=chats, event=anything.ways_elsewhere)
    def goes_elsewhere(self, number: int, event: Event) -> None:
        self.play(self.chats[number], event)

    @rule(number=chats, phone=st.sampled_from(anything.PHONES))
    def signs_in(self, number: int, phone: str) -> None:
        """By the shortest way there is, whoever was signed in with this phone elsewhere."""
        chat = self.chats[number]
        self.play(chat, Command("me"))
        if chat.at == "sign_up/consent":
            self.play(chat, Press("agree", "", chat.session.revision, 1, "agree"))
        if chat.at == "sign_up/ask_phone":
            self.play(chat, Contact(phone, is_own=True))
        if chat.at == "sign_up/captcha":
            self.play(chat, chat.next_text(chat.data["captcha"]))
        if chat.at == "sign_up/ask_code":
            self.play(chat, chat.next_text(chat.codes[chat.data["challenge"]]))

    @rule(number=chats, how=st.sampled_from(["start", "cancel", "buttons"]))
    def leaves(self, number: int, how: str) -> None:
        """Everything that is open, which always works."""
        chat = self.chats[number]
        if how == "start":
            self.play(chat, Command("start"))
        elif how == "cancel":
            while self.play(chat, Command("cancel")).notice != "nothing_to_leave":
                assert chat.at
        else:
            self.leave_by_buttons(chat)
        assert chat.at == "home/menu"

    # --- what the world does -----------------------------------------------------------------------------------------

    @precondition(lambda self: self.stage.jobs)
    @rule(index=chosen, outcome=chosen, again=st.booleans())
    def a_job_comes_back(self, index: int, outcome: int, again: bool) -> None:
        self.hear(index, outcome, again=again)

    @rule(number=chats, job=st.sampled_from(sorted(anything.OUTCOMES)), row=anything.numbers, outcome=chosen)
    def a_job_comes_back_that_nobody_gave(self, number: int, job: str, row: int, outcome: int) -> None:
        outcomes = anything.OUTCOMES[job]
        self.play(self.chats[number], Came(job, outcomes[outcome % len(outcomes)], {anything.ABOUT[job]: str(row)}))

    @rule(pause=anything.pauses)
    def time_goes_by(self, pause: Moment) -> None:
        self.stage.now += pause

    # --- what holds --------------------------------------------------------------------------------------------------

    @invariant()
    def the_counter_counts_live_registrations(self) -> None:
        wrong = self.connection.execute(
            "SELECT code FROM plans WHERE registered <> (SELECT count(*) FROM registrations r"
            " WHERE r.plan_code = code AND r.state = 'registered')"
        ).fetchall()
        assert not wrong

    @invariant()
    def nobody_is_registered_twice(self) -> None:
        twice = self.connection.execute(
            "SELECT 1 FROM registrations WHERE state = 'registered' GROUP BY plan_code, person_id HAVING count(*) > 1"
        ).fetchall()
        assert not twice

    # --- playing -----------------------------------------------------------------------------------------------------

    def hear(self, index: int, outcome: int, *, again: bool) -> None:
        """Of a job under way; ``again``: it will come back once more."""
        place = index % len(self.stage.jobs)
        chat, job = self.stage.jobs[place]
        came = chat.result(job, {})
        outcomes = anything.OUTCOMES[came.job]
        self.play(chat, Came(came.job, outcomes[outcome % len(outcomes)], came.about))
        if not again:
            del self.stage.jobs[place]

    def leave_by_buttons(self, chat: Chat) -> None:
        self.play(chat, Edited(1))
        for _ in range(FAR):
            if chat.at == "home/menu":
                return
            if chat.screen is not None and chat.screen.ask_contact:
                self.play(chat, chat.next_text("返回"))
            else:
                way = next(way for way in anything.WAYS_OUT if way in chat.ids)
                self.play(chat, Press(way, "", chat.session.revision, 1, "out"))

    def standing(self, chat: Chat, index: int) -> Press | None:
        if not chat.buttons:
            return None
        button = chat.buttons[index % len(chat.buttons)]
        return Press(button.id, button.argument, chat.session.revision, 1, "standing")

    def press_standing(self, chat: Chat, index: int) -> None:
        press = self.standing(chat, index)
        if press is None:
            return
        fresh = self.shown_at.get(chat.chat_id) == self.stage.now
        account = chat.session.person_id
        reaction = self.play(chat, press)
        if fresh and account == chat.session.person_id:
            assert reaction.toast != "stale", press

    def play(self, chat: Chat, event: Event) -> Reaction:
        """One event, with all that no event may do checked."""
        written, place, stored = self.connection.total_changes, chat.at, chat.stored
        answers, kept = self.rows(ANSWERS), [self.rows(sql) for sql in KEPT]
        reaction = chat.does(event)
        if isinstance(event, Press) and place and chat.stored == stored:
            assert self.connection.total_changes == written
        now = self.rows(ANSWERS)
        assert answers.keys() <= now.keys()
        changed = {field for (application, field), value in now.items() if answers.get((application, field)) != value}
        assert {f"application/ask_{field}" for field in changed} <= {place}
        for before, sql in zip(kept, KEPT, strict=True):
            assert before.items() <= self.rows(sql).items()
        if reaction.all(Show):
            self.shown_at[chat.chat_id] = self.stage.now
        self.speak(chat, reaction)
        return reaction

    def rows(self, sql: str) -> Rows:
        return {tuple(row[:2]): row[2] for row in self.connection.execute(sql).fetchall()}

    def speak(self, chat: Chat, reaction: Reaction) -> None:
        """Both languages have words for all of it."""
        for language in WINDOWS.languages:
            for effect in reaction.effects:
                match effect:
                    case Show():
                        assert WINDOWS.show(effect, language, chat.session.revision).text
                    case Answer(key=key, values=values) if key:
                        assert WINDOWS.toast(key, values, language)
                    case Say(key=key, values=values):
                        assert WINDOWS.say(key, values, language)


def test_any_sequence_of_events_leaves_everything_in_order(house: House) -> None:
    class Here(AnySequence):
        ground = house

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=30, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
