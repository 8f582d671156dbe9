"""What people typed stays text, numbers and times read well, and nothing is too long for Telegram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from bot.callbacks import decode
from bot.windows import CAPTION, LABEL, MESSAGE, TOAST, Screen, Windows
from bot.wording import Wording, masked_id, masked_name, masked_phone, read_question
from flows.applicant.application import FORM
from flows.effects import Button, Show, Style
from flows.engine.fields import FullName, IdNumber, Phone, Photos, Question
from flows.model import DAY, HOUR, MINUTE, SECOND
from tests.bot.screens import OPENS, PERSON, PLAN, screens

TEMPLATES = Path(__file__).parents[2] / "templates"
WINDOWS = Windows(TEMPLATES, support="010-1 & 周一")
ZH, EN = WINDOWS.wording("zh"), WINDOWS.wording("en")
NASTY = "<b>{{ 7*7 }}</b> & {% raw %}"
ESCAPED = "&lt;b&gt;{{ 7*7 }}&lt;/b&gt; &amp; {% raw %}"


def shown(window: str, values: Mapping[str, object], *rows: tuple[Button, ...], language: str = "zh") -> Screen:
    return WINDOWS.show(Show(window, values, rows), language, 71)


def made(folder: Path, **files: str) -> Windows:
    """Windows of one language with these templates besides what every language has."""
    (folder / "xx").mkdir()
    for name in ("formats", "questions", "common"):
        (folder / "xx" / f"{name}.j2").write_text((TEMPLATES / "en" / f"{name}.j2").read_text("utf-8"), "utf-8")
    for name, text in files.items():
        (folder / "xx" / f"{name}.j2").write_text(text, "utf-8")
    return Windows(folder)


# --- what people typed -----------------------------------------------------------------------------------------------


def test_names_are_escaped_in_a_text_and_plain_on_a_button() -> None:
    plan = replace(PLAN, name=NASTY)
    screen = shown("plans/plan", values_of("plans/plan") | {"plan": plan})
    assert screen.text.startswith(f"<b>{ESCAPED}</b>\n")
    button = Button("plan", "P1", values={"plan": plan, "now": OPENS})
    values = values_of("plans/list")
    assert shown("plans/list", values, (button,)).keyboard[0][0]["text"] == f"{NASTY}（登记中）"


def values_of(window: str) -> dict[str, object]:
    return dict(next(show.values for _, show in screens() if show.window == window))


def test_a_name_is_escaped_in_errors_and_messages_and_plain_in_toasts() -> None:
    assert ESCAPED in WINDOWS.say("moved_away", {"phone": NASTY}, "zh")
    assert NASTY in WINDOWS.toast("resend_wait", {"seconds": NASTY}, "en")
    assert "010-1 &amp; 周一" in WINDOWS.say("turn_failed", {}, "zh")
    assert WINDOWS.text("record/record", "subtitle", {"plan": replace(PLAN, name=NASTY)}, "zh") == NASTY


def test_support_is_left_out_where_there_is_none() -> None:
    assert (
        Windows(TEMPLATES).say("turn_failed", {}, "zh")
        == "⚠️ 我们这边出了点问题，请稍后再试一次。您之前填写的内容都在。"
    )


# --- the screen ------------------------------------------------------------------------------------------------------


def test_error_and_notice_stand_above_the_body() -> None:
    show = Show("language/choice", {}, error=("edited", {}), notice=("left", {}))
    error, notice, body = WINDOWS.show(show, "en", 1).text.split("\n\n")
    assert error.startswith("⚠️ Changing a message")
    assert notice == "ℹ️ You have left what you were doing. All you filled in is still there."
    assert body == "<b>Language / 语言</b>\nPlease choose your language."


def test_an_error_names_the_field_and_shows_a_right_example() -> None:
    show = Show("language/choice", {}, error=("too_much", {"question": "yearly_income", "most": 10_000_000_000}))
    text = WINDOWS.show(show, "zh", 1).text
    assert text.startswith("⚠️ 「年收入」不能超过 100,000,000 元。单位是元，请核对后重新输入，例如：85000。\n\n")


def test_a_button_carries_revision_argument_and_colour() -> None:
    button = Button("choose_language", "zh", Style.DANGER, {"chosen": True})
    [[drawn]] = shown("language/choice", {}, (button,)).keyboard
    assert drawn == {"text": "✓ 中文", "callback_data": "1z.choose_language.zh", "style": "danger"}
    assert decode(drawn["callback_data"]) == (71, "choose_language", "zh")


def test_asking_for_a_contact_draws_the_reply_keyboard_that_the_flow_listens_to() -> None:
    screen = WINDOWS.show(Show("sign_up/ask_phone", {}, ask_contact=True), "zh", 1)
    assert screen.keyboard == []
    assert screen.reply_keyboard == {
        "keyboard": [
            [{"text": "发送本机手机号", "request_contact": True, "style": "primary"}],
            [{"text": WINDOWS.words("zh").button("back")}],
        ],
        "resize_keyboard": True,
        "one_time_keyboard": False,
        "input_field_placeholder": "请输入 11 位手机号",
    }


def test_options_of_a_question_are_what_its_buttons_say() -> None:
    assert WINDOWS.words("zh").options("hukou")["elsewhere"] == "外地户口"
    assert WINDOWS.words("en").options("hukou")["elsewhere"] == "Outside Beijing"
    assert WINDOWS.words("en").options("employer") == {}


# --- too long --------------------------------------------------------------------------------------------------------


def test_a_long_answer_is_cut_and_what_stands_below_it_stays() -> None:
    values = values_of("form/question") | {"question": FORM.question("employer"), "current": "<𬱖>" * 3000}
    screen = shown("form/question", values)
    assert len(visible(screen.text)) <= MESSAGE
    assert "…\n\n已自动保存" in screen.text
    assert "&lt;𬱖&gt;&lt;𬱖" in screen.text


def visible(html: str) -> bytes:
    """As many bytes as there are UTF-16 units in what is seen."""
    plain = html.replace("<b>", "").replace("</b>", "").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return plain.encode("utf-16-le")[::2]


def test_tags_stay_balanced_however_much_is_cut(tmp_path: Path) -> None:
    body = (
        "{% block body %}<b>{{ name }}</b>\n{% for i in range(900) %}<b>{{ name[:9] }}</b>\n{% endfor %}{% endblock %}"
    )
    text = made(tmp_path, long=body).show(Show("long", {"name": "&" * 9000}), "xx", 1).text
    assert text.count("<b>") == text.count("</b>") == 901
    assert len(visible(text)) <= MESSAGE
    assert "…" in text
    assert "&am" not in text.replace("&amp;", "")


def test_the_text_below_a_picture_is_a_caption(tmp_path: Path) -> None:
    windows = made(tmp_path, long="{% block body %}{{ name }}{% endblock %}")
    screen = windows.show(Show("long", {"name": "长" * 3000}, captcha="4827"), "xx", 1)
    assert screen.captcha == "4827"
    assert screen.text == "长" * (CAPTION - 1) + "…"


def test_labels_and_toasts_are_cut_and_never_empty(tmp_path: Path) -> None:
    block = "{% block body %}-{% endblock %}{% block button_name %}\n {{ name }}\n{% endblock %}"
    windows = made(tmp_path, window=block, common="{% block toast_name %}{{ name }}{% endblock %}")
    rows = tuple((Button("name", values={"name": name}),) for name in ("长 & " * 30, "  ", "a\n b"))
    long, empty, lines = (row[0]["text"] for row in windows.show(Show("window", {}, rows), "xx", 1).keyboard)
    assert len(long) == LABEL
    assert long.endswith("…")
    assert empty == "—"
    assert lines == "a b"
    toast = windows.toast("name", {"name": "好" * 999}, "xx")
    assert (len(toast), toast[-1]) == (TOAST, "…")


def test_runs_of_blank_lines_and_the_indentation_of_templates_are_gone(tmp_path: Path) -> None:
    body = "{% block body %}\n\n  one\n\n  {% if name %}\n\n  two  \n{% endif %}\n\n\n　　three\n\n{% endblock %}"
    text = made(tmp_path, gaps=body).show(Show("gaps", {"name": "yes"}), "xx", 1).text
    assert text == "one\n\ntwo\n\n　　three"


# --- what is missing is said -----------------------------------------------------------------------------------------


def test_a_value_that_is_not_given_is_an_error_not_a_gap(tmp_path: Path) -> None:
    windows = made(tmp_path, window="{% block body %}{{ nmae }}{% endblock %}")
    with pytest.raises(UndefinedError, match="nmae"):
        windows.show(Show("window", {"name": "王芳"}), "xx", 1)


def test_a_missing_block_is_named(tmp_path: Path) -> None:
    windows = made(tmp_path, window="{% block body %}-{% endblock %}")
    with pytest.raises(LookupError, match=r"xx/window.j2 has no block button_agree, nor has common.j2"):
        windows.show(Show("window", {}, ((Button("agree"),),)), "xx", 1)
    with pytest.raises(LookupError, match=r"xx/nowhere.j2"):
        windows.show(Show("nowhere", {}), "xx", 1)


def test_a_block_of_a_window_comes_before_the_common_one(tmp_path: Path) -> None:
    body = "{% block body %}{{ self.shared() }} {{ self.button_back() }}{% endblock %}"
    windows = made(tmp_path, window=body + "{% block shared %}<i>{{ name }}</i>{% endblock %}")
    assert windows.show(Show("window", {"name": "<王>"}), "xx", 1).text == "<i>&lt;王&gt;</i> Back"


# --- how things are written ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "masked"), [("+8613800138000", "138****8000"), ("+85291234567", "+85****4567"), ("12345", "*****")]
)
def test_a_masked_phone_keeps_its_ends(phone: str, masked: str) -> None:
    assert masked_phone(phone) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("110101199003071234", "110***********1234"), ("C12345678", "C********"), ("AB1234567X", "AB1***567X"), ("", "")],
)
def test_a_masked_id_number_hides_the_birthday_and_is_as_long(number: str, masked: str) -> None:
    assert masked_id(number) == masked
    assert len(masked_id(number)) == len(number)


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王芳", "王*"),
        ("欧阳娜娜", "欧***"),
        ("买买提·吐尔逊", "买**·***"),
        ("𬱖𬱖", "𬱖*"),
        ("John Smith", "J***"),
        ("", ""),
    ],
)
def test_a_masked_name_keeps_its_first_character(name: str, masked: str) -> None:
    assert masked_name(name) == masked


def test_times_are_those_of_beijing() -> None:
    assert ZH.moment(OPENS) == "2026年11月24日 09:00"
    assert EN.moment(OPENS) == "24 November 2026, 09:00"
    assert ZH.moment(OPENS + 15 * HOUR) == "2026年11月25日 00:00"
    assert ZH.day("2026-02-03") == "2026年2月3日"
    assert EN.day(date(2026, 2, 3)) == "3 February 2026"
    assert ZH.period(OPENS, OPENS + 4 * DAY + 8 * HOUR) == "2026年11月24日 09:00 至 11月28日 17:00"
    assert ZH.period(OPENS, OPENS + 60 * DAY) == "2026年11月24日 09:00 至 2027年1月23日 09:00"
    assert EN.period(OPENS, OPENS + DAY) == "24 November 2026, 09:00 to 25 November, 09:00"


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (3 * DAY + 4 * HOUR + 59 * MINUTE, "3 天 4 小时", "3 days 4 hours"),
        (DAY + HOUR, "1 天 1 小时", "1 day 1 hour"),
        (2 * DAY + 59 * MINUTE, "2 天", "2 days"),
        (2 * HOUR + 5 * MINUTE + 59 * SECOND, "2 小时 5 分钟", "2 hours 5 minutes"),
        (HOUR, "1 小时", "1 hour"),
        (MINUTE, "1 分钟", "1 minute"),
        (59 * SECOND, "不到 1 分钟", "less than a minute"),
        (-DAY, "不到 1 分钟", "less than a minute"),
    ],
)
def test_a_countdown_says_its_two_greatest_units(length: int, zh: str, en: str) -> None:
    assert (ZH.span(length), EN.span(length)) == (zh, en)


def test_money_and_counts_are_grouped() -> None:
    assert ZH.money(8_500_000) == "85,000 元"
    assert EN.money(8_500_005) == "85,000.05 yuan"
    assert ZH.count(3217) == "3,217"
    assert (ZH.pictures(2), EN.pictures(1), EN.pictures(2)) == ("2 张", "1 picture", "2 pictures")


def test_answers_are_written_as_their_kind_is() -> None:
    written = {"hukou": "elsewhere", "employer": "安居", "contract_start": "2024-03-01", "insured_months": "1200"}
    written["yearly_income"] = "8500000"
    shown = [ZH.answer(FORM.question(key), value) for key, value in written.items()]
    assert shown == ["外地户口", "安居", "2024年3月1日", "1,200", "85,000 元"]
    assert ZH.answer(FORM.question("education"), "") == "未填写"
    assert ZH.answer(FORM.question("hukou"), "moon") == "moon"
    photos = Question("id_front", Photos())
    assert (ZH.answer(photos, "", 2), ZH.answer(photos, "")) == ("2 张", "未上传")


def test_personal_answers_are_masked_unless_their_owner_checks_them() -> None:
    questions = [
        (Question("name", FullName()), "王芳", "王*"),
        (Question("number", IdNumber()), "110101199003070038", "110***********0038"),
    ]
    for question, value, masked in questions:
        assert (ZH.answer(question, value), ZH.answer(question, value, masked=False)) == (masked, value)
    phone = Question("phone", Phone())
    assert ZH.answer(phone, PERSON.phone) == "138****8000"
    assert ZH.answer(phone, PERSON.phone, masked=False) == "13800138000"


def test_a_question_is_read_from_its_block() -> None:
    asked = read_question("\n收入\n第一行。\n> 85 000\n= low 不到 10 万\n=high 很多\n第二行。\n")
    assert (asked.label, asked.example) == ("收入", "85 000")
    assert asked.hint == "第一行。\n=high 很多\n第二行。"
    assert asked.options == {"low": "不到 10 万"}
    assert read_question("").label == ""


def test_hints_and_titles_are_there_for_what_is_no_window() -> None:
    assert isinstance(ZH, Wording)
    assert ZH.label("real_name") == "真实姓名"
    assert ZH.hint(FORM.question("employer")) == "请写劳动合同上的全称。"
    assert ZH.example("phone") == "13800138000"
    assert ZH.section_title("work") == "工作与收入"
