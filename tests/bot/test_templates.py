"""Every language has words for every screen, and they say the same things."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, UndefinedError, nodes

from bot.windows import CAPTION, LABEL, MESSAGE, TOAST, Screen, Windows
from flows.applicant.application import FORM
from flows.book import BOOK
from flows.effects import Show
from flows.engine.fields import Choice, Photos
from flows.engine.kinds import ItemChoice
from flows.staff.plan_form import PLAN_FORM
from tests.bot import desk
from tests.bot.screens import PLAN, REGISTRATION, screens
from tests.bot.words_asked import asked

TEMPLATES = Path(__file__).parents[2] / "templates"
LANGUAGES = ("zh", "en")
BESIDE = {"common", "formats", "menu", "questions", "record/record"}  # files that are no window
NAMED_IN_ERRORS = {"real_name", "id_number", "phone"}  # asked outside the form

# What a block may use beside the values that it is given.
WINDOWS = Windows(TEMPLATES, support="010-12345678")
AROUND = {"self", "support", "language", *WINDOWS.wording("zh").functions}
Blocks = dict[str, nodes.Block]


@cache
def drawn() -> list[tuple[str, Show]]:
    return list(screens())


@cache
def shown(language: str) -> tuple[list[tuple[str, Screen]], list[str]]:
    """Every screen in a language; and which could not be made, and why."""
    made, wrong = [], []
    for name, show in drawn():
        try:
            made.append((name, WINDOWS.show(show, language, 35)))
        except (LookupError, UndefinedError, TypeError) as error:
            wrong.append(f"templates/{language}/{show.window}.j2 for {name}: {error}")
    return made, wrong


@cache
def files(language: str) -> dict[str, Blocks]:
    """The blocks of every template of a language."""
    folder = TEMPLATES / language
    return {
        path.relative_to(folder).with_suffix("").as_posix(): {
            block.name: block
            for block in Environment(autoescape=True).parse(path.read_text("utf-8")).find_all(nodes.Block)
        }
        for path in folder.rglob("*.j2")
    }


def used(block: nodes.Block) -> tuple[set[str], set[str]]:
    """Names of values that a block cannot do without, and of those that it can."""
    names = list(block.find_all(nodes.Name))
    made = {name.name for name in names if name.ctx == "store"}
    spared = {
        kind.node.name
        for kind in block.find_all((nodes.Filter, nodes.Test))
        if kind.name in {"default", "defined"} and isinstance(kind.node, nodes.Name)
    }
    return {name.name for name in names} - made - spared - AROUND, spared


class Balance(HTMLParser):
    """Telegram's own few tags, each closed where it was opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(html)
        self.close()
        self.wrong += [f"<{tag}> is left open" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"b", "i", "u", "s", "code", "pre", "a", "blockquote", "tg-spoiler"}:
            self.wrong.append(f"<{tag}> is none of Telegram's")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing")


def test_every_language_of_the_folder_is_spoken() -> None:
    assert set(WINDOWS.languages) == set(LANGUAGES) == {path.name for path in TEMPLATES.iterdir() if path.is_dir()}


def test_every_state_is_drawn_by_the_town_of_the_tests() -> None:
    there = {name.partition(" ")[0] for name, _ in drawn()}
    states = {
        f"{flow.name}/{name}" for flow in BOOK.flows.values() for name, state in flow.states.items() if state.view
    }
    assert states - there == set(), "tests/bot/screens.py has no situation in which these states show themselves"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_window_has_a_template_and_every_template_a_window(language: str) -> None:
    windows = {show.window for _, show in drawn()}
    there = set(files(language)) - BESIDE
    wrong = [f"templates/{language}/{window}.j2 is missing" for window in sorted(windows - there)]
    wrong += [f"templates/{language}/{window}.j2 belongs to no window" for window in sorted(there - windows)]
    assert not wrong, "\n".join(wrong)


def test_languages_have_the_same_blocks_with_the_same_values() -> None:
    mine, other = (files(language) for language in LANGUAGES)
    wrong = []
    for window in sorted(mine.keys() | other.keys()):
        here, there = mine.get(window, {}), other.get(window, {})
        for block in sorted(here.keys() | there.keys()):
            if block not in here or block not in there:
                wrong.append(f"{window}.j2: block {block} is missing in {'zh' if block not in here else 'en'}")
            elif used(here[block]) != used(there[block]):
                wrong.append(f"{window}.j2: block {block} uses {used(here[block])} in zh, {used(there[block])} in en")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_has_words_and_no_words_lack_a_button(language: str) -> None:
    common = files(language)["common"]
    asked_of: dict[str, set[str]] = {}
    for _, show in drawn():
        asked_of.setdefault(show.window, set()).update(f"button_{button.id}" for row in show.rows for button in row)
    wrong = []
    for window, buttons in sorted(asked_of.items()):
        own = {block for block in files(language).get(window, {}) if block.startswith("button_")}
        wrong += [f"{window}.j2 lacks {block}" for block in sorted(buttons - own - common.keys())]
        wrong += [f"{window}.j2: nobody draws {block}" for block in sorted(own - buttons)]
    assert not wrong, "\n".join(wrong)
    shared = {block for block in common if block.startswith("button_")}
    assert shared - set().union(*asked_of.values()) == {"button_share_phone", "button_phone_placeholder"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_that_flows_ask_for_is_there_with_the_values_it_needs(language: str) -> None:
    common, wanted = files(language)["common"], asked()
    wrong = [f"common.j2 lacks {block}" for block in sorted(wanted.keys() - common.keys())]
    for block, given in wanted.items():
        if block in common and (lacking := used(common[block])[0] - given):
            wrong.append(f"common.j2: {block} uses {sorted(lacking)}, which the flows do not give it")
    sentences = {block for block in common if block.startswith(("error_", "notice_", "toast_", "say_"))}
    wrong += [f"common.j2: nobody asks for {block}" for block in sorted(sentences - wanted.keys())]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_screen_fits_telegram(language: str) -> None:
    made, wrong = shown(language)
    wrong = list(wrong)
    for name, screen in made:
        wrong += [f"{name}: {problem}" for problem in problems(screen)]
    assert not wrong, "\n".join(wrong)


def problems(screen: Screen) -> list[str]:
    found = Balance(screen.text).wrong
    if not screen.text or len(screen.text) > (CAPTION if screen.captcha else MESSAGE):
        found.append(f"{len(screen.text)} characters")
    labels = [button["text"] for row in screen.keyboard for button in row]
    found += [f"label {label!r}" for label in labels if not 0 < len(label) <= LABEL or "—" in label]
    data = [button["callback_data"] for row in screen.keyboard for button in row]
    if len(set(data)) != len(data):
        found.append("two buttons do the same")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_well_formed_and_starts_with_no_more_than_one_sign(language: str) -> None:
    values = {"question": "employer", "reason": "broken", "phone": "138****8000", "seconds": 42, "tries": 2}
    values |= {"longest": 60, "length": 99, "least": 1, "most": 600, "first": PLAN.announced_on, "last": "2030-12-31"}
    values |= desk.SAID
    values |= {"plan": PLAN, "now": PLAN.opens_at, "due_at": PLAN.opens_at}
    for block in files(language)["common"]:
        kind, _, key = block.partition("_")
        if kind in {"error", "notice"}:
            html = WINDOWS.text("common", block, values, language)
            assert html.count("⚠️") == 0, f"{block}: the warning sign is put before it by itself"
            assert (kind == "notice") == html.startswith(("✅ ", "ℹ️ ")), block
        elif kind == "say":
            html = WINDOWS.say(key, values, language)
        elif kind == "toast":
            assert 0 < len(WINDOWS.toast(key, values, language)) <= TOAST
            continue
        else:
            continue
        assert Balance(html).wrong == [], block
        assert "  " not in html, block


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_a_name_and_its_options_or_a_right_example(language: str) -> None:
    words = WINDOWS.wording(language).questions
    questions = (*FORM.questions, *PLAN_FORM.questions)
    assert set(words) == {question.key for question in questions} | NAMED_IN_ERRORS
    assert len(set(words)) == len(questions) + len(NAMED_IN_ERRORS), "two forms have a question of the same key"
    for question in questions:
        about, kind = words[question.key], question.kind
        where = f"{language}/questions.j2: {question.key}"
        assert about.label, f"{where} has no label"
        assert about.hint, f"{where} has no hint"
        expected = kind.keys if isinstance(kind, Choice) else ()
        assert tuple(about.options) == expected, f"{where} has other options than the form"
        assert len(set(about.options.values())) == len(expected), f"{where}: two options have the same words"
        is_typed = not isinstance(kind, Choice | ItemChoice | Photos)
        assert bool(about.example) == is_typed, f"{where}: an example, where one is typed"
        if about.example:
            assert kind.parse(about.example, {}), f"{where}: the example is none"
    for section in (*FORM.sections, *PLAN_FORM.sections):
        assert WINDOWS.wording(language).section_title(section.key)
        if section.items is not None:
            assert f"item_{section.key}" in files(language)["questions"], "one of several has a name of its own"


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_are_those_of_the_flows_and_descriptions_fit(language: str) -> None:
    commands = WINDOWS.commands(language)
    names = ["start", "plans", "records", "me", "help", "privacy", "language", "cancel"]
    assert [command["command"] for command in commands] == names
    assert {*names, "staff"} == set(BOOK.commands)
    assert WINDOWS.commands(language, staff=True)[:-1] == commands
    assert WINDOWS.commands(language, staff=True)[-1]["command"] == "staff"
    assert all(command["description"] for command in commands)
    assert len(WINDOWS.text("menu", "description", {}, language)) <= 512
    assert len(WINDOWS.text("menu", "short_description", {}, language)) <= 120


def test_chinese_labels_are_those_that_people_know() -> None:
    labels = {button["text"] for _, screen in shown("zh")[0] for row in screen.keyboard for button in row}
    known = """
        配租计划|我的登记|我的资料|联系我们|English|立即登记|填报信息|查看填报信息|查看配租记录|返回|首页|‹|›
        同意并继续|查看隐私说明|隐私与数据|换一张|重新发送|换一个手机号|立即实名|以后再说|确认认证|重新输入
        ✓ 基本信息 *|0/2 证明材料 *|○ 工作与收入 *|检查并提交|沿用上次|上一题|跳过|目录|完成|重新上传|查看
        修改 · 基本信息|承诺并提交|修改|确认登记|导出 PDF|取消登记|确认取消|保留登记
    """
    exact = {label.strip() for line in known.split("\n") for label in line.split("|") if label.strip()}
    assert exact - labels == set()
    keyboards = [screen.reply_keyboard for _, screen in shown("zh")[0] if screen.reply_keyboard]
    share = {"text": "发送本机手机号", "request_contact": True, "style": "primary"}
    assert keyboards[0]["keyboard"] == [[share], [{"text": "返回"}]]
    chinese = [command["description"] for command in WINDOWS.commands("zh")]
    assert "|".join(chinese) == "首页|配租计划|我的登记|我的资料|帮助|隐私与数据|语言|退出当前操作"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_record_has_all_its_words(language: str) -> None:
    values = {"plan": PLAN, "registration": REGISTRATION, "now": PLAN.opens_at}
    for block in files(language)["record/record"]:
        assert WINDOWS.text("record/record", block, values, language), block
    label = WINDOWS.text("record/record", "page_label", {}, language)
    assert "{page}" in label
    assert "{pages}" in label


def test_form_screens_end_with_what_is_saved() -> None:
    for name, screen in shown("zh")[0]:
        if name.startswith(("application/ask_", "application/overview", "application/missing", "application/section")):
            assert screen.text.rpartition("\n")[2].startswith("已自动保存 · "), name
