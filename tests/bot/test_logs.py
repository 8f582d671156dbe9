import io
import logging
import warnings
from collections.abc import Iterator

import pytest

from bot.logs import NOISY, LineHandler, place_of, redact, set_up

TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz_01234"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the log goes; afterwards everything is as it was."""
    root = logging.getLogger()
    level = root.level
    root.handlers[:] = []  # pytest's; it takes them away itself after each phase of a test
    levels = {name: logging.getLogger(name).level for name in NOISY}
    stream = io.StringIO()
    set_up("DEBUG", stream)
    yield stream
    logging.captureWarnings(False)
    for handler in root.handlers[:]:
        if isinstance(handler, LineHandler):
            root.removeHandler(handler)
    root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)


def test_a_record_is_one_line_with_time_level_logger_message_and_values(stream: io.StringIO) -> None:
    record = logging.LogRecord("bot.delivery", logging.WARNING, "x.py", 1, "call failed for %s", ("lane",), None)
    record.created, record.msecs = 1_700_000_000.25, 250.0
    vars(record).update(method="sendMessage", note="two words", empty="", count=3)
    logging.getLogger().handle(record)
    assert stream.getvalue() == (
        "2023-11-14T22:13:20.250Z WARNING bot.delivery call failed for lane "
        'method=sendMessage note="two words" empty="" count=3\n'
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            f"POST https://api.telegram.org/bot{TOKEN}/sendMessage",
            "POST https://api.telegram.org/bot<token>/sendMessage",
        ),
        (f"/file/bot{TOKEN.replace(':', '%3A')}/a.jpg", "/file/bot<token>/a.jpg"),
        ("来自13800138000的消息", "来自<phone>的消息"),
        ("+8613800138000", "<phone>"),
        ("008613800138000", "<phone>"),
        ("+86 138 0013 8000", "<phone>"),
        ("phone=138-0013-8000.", "phone=<phone>."),
        ("+447911123456", "<phone>"),
        ("id 110101199003074518 and 11010119900307451X", "id <id> and <id>"),
        ("11010119900307451x", "<id>"),
        ("update 123456789 of chat 8123456789", "update 123456789 of chat 8123456789"),
        ("at 1700000000000, took 13.800138000 s", "at 1700000000000, took 13.800138000 s"),
        ("1234567890123456789012", "1234567890123456789012"),
    ],
)
def test_what_names_a_person_or_opens_the_bot_is_taken_out(text: str, expected: str) -> None:
    assert redact(text) == expected


def test_arguments_and_values_go_through_the_net(stream: io.StringIO) -> None:
    logging.getLogger("x").info(
        "to %s", "13800138000", extra={"url": f"/bot{TOKEN}/getMe", "person": {"id": "13800138000"}}
    )
    assert TOKEN not in stream.getvalue()
    assert "13800138000" not in stream.getvalue()


def test_an_exception_is_one_line_through_the_net(stream: io.StringIO) -> None:
    try:
        try:
            raise ValueError("110101199003074518")
        except ValueError as error:
            raise RuntimeError(f"line\nbreak {TOKEN}") from error
    except RuntimeError:
        logging.getLogger("x").exception("failed")
    line = stream.getvalue()
    assert line.count("\n") == 1
    assert "exception=RuntimeError at=bot/test_logs.py:" in line
    assert "<id>" in line
    assert "<token>" in line
    assert "110101199003074518" not in line


def test_nobody_can_forge_a_line(stream: io.StringIO) -> None:
    logging.getLogger("x").info("a\r\nb\x1b[2J\u2028c\td")
    assert stream.getvalue().endswith("a\\x0d\\nb\\x1b[2J\\x2028c\\td\n")


def test_stacks_and_warnings_are_lines_too(stream: io.StringIO) -> None:
    logging.getLogger("x").info("here", stack_info=True)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old 13800138000", UserWarning, stacklevel=1)
    assert stream.getvalue().count("\n") == 2
    assert "<phone>" in stream.getvalue()


def test_loggers_that_tell_addresses_are_silent_below_warning(stream: io.StringIO) -> None:
    for name in NOISY:
        logging.getLogger(name).info("told")
        logging.getLogger(f"{name}.child").debug("told")
    assert stream.getvalue() == ""
    logging.getLogger("httpx").warning("told")
    assert stream.getvalue() != ""


def test_what_cannot_be_written_is_kept_to_itself(stream: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    (handler,) = (handler for handler in logging.getLogger().handlers if isinstance(handler, LineHandler))
    handler.handle(logging.LogRecord("x", logging.INFO, "test_logs.py", 1, "%d", ("13800138000",), None))
    assert stream.getvalue() == ""
    shown = capsys.readouterr().err
    assert "test_logs.py" in shown
    assert "13800138000" not in shown


def test_the_place_of_an_exception_is_ours_first_then_the_innermost() -> None:
    assert place_of(ValueError()) == "-"
    with pytest.raises(ValueError) as caught:
        logging.getLogger("x").setLevel("no such level")
    ours, innermost = place_of(caught.value).split(" < ")
    assert ours.startswith("bot/test_logs.py:")
    assert innermost.startswith("logging/__init__.py:")
