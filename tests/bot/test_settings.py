from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Listen, Settings, WrongSettings, is_http, is_loopback, lines, load

TOKEN = "123456789:AAF-abcdefghijklmnopqrstuvwxyz_01234"
GOOD = {"ANJU_TOKEN": TOKEN, "ANJU_SMS": "https://sms.example/send", "ANJU_IDENTITY": "https://id.example/check"}


def problems(**environ: str) -> dict[str, str]:
    """What is wrong with a good environment in which these are changed."""
    with pytest.raises(WrongSettings) as caught:
        load(GOOD | environ)
    return dict(caught.value.problems)


def test_the_needed_ones_are_enough() -> None:
    settings = load(GOOD | {"PATH": "/bin", "HOME": "/"})
    assert settings.token.get_secret_value() == TOKEN
    assert settings.telegram == "https://api.telegram.org"
    assert settings.data == Path("data")
    assert settings.database is None
    assert settings.admins == ()
    assert settings.listen == Listen("127.0.0.1", 8080)
    assert (settings.webhook, settings.webhook_secret, settings.key) == (None, None, None)
    assert settings.support == ""
    assert settings.log == "INFO"


def test_all_of_them_are_read(tmp_path: Path) -> None:
    settings = load(
        GOOD
        | {
            "ANJU_TELEGRAM": "http://localhost:8081/",
            "ANJU_DATA": str(tmp_path),
            "ANJU_DATABASE": str(tmp_path / "x.db"),
            "ANJU_SMS": "log",
            "ANJU_IDENTITY": "log",
            "ANJU_ADMINS": "42, 7,42,",
            "ANJU_LISTEN": "[::1]:0",
            "ANJU_WEBHOOK": "https://bot.example/hook",
            "ANJU_WEBHOOK_SECRET": "s3cret_-",
            "ANJU_KEY": "00" * 32,
            "ANJU_SUPPORT": "010-12345678,工作日 9:00–17:00",
            "ANJU_LOG": "debug",
        }
    )
    assert settings.telegram == "http://localhost:8081"
    assert settings.data == tmp_path
    assert settings.database == tmp_path / "x.db"
    assert settings.admins == (42, 7)
    assert settings.listen == Listen("::1", 0)
    assert settings.webhook == "https://bot.example/hook"
    assert settings.webhook_secret is not None
    assert settings.webhook_secret.get_secret_value() == "s3cret_-"
    assert settings.key is not None
    assert settings.support == "010-12345678,工作日 9:00–17:00"
    assert settings.log == "DEBUG"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load(GOOD).log = "DEBUG"  # type: ignore[misc]


def test_every_wrong_setting_is_named_at_once_in_the_order_of_the_table() -> None:
    with pytest.raises(WrongSettings) as caught:
        load({"ANJU_LOG": "loud", "ANJU_TELEGRAM": "ftp://x", "ANJU_TOKENS": "1"})
    assert [name for name, _ in caught.value.problems] == [
        "ANJU_TOKEN",
        "ANJU_TELEGRAM",
        "ANJU_SMS",
        "ANJU_IDENTITY",
        "ANJU_LOG",
        "ANJU_TOKENS",
    ]
    assert lines(caught.value)[-1] == "ANJU_TOKENS is not a setting; perhaps ANJU_TOKEN is meant."
    assert all(line.startswith("ANJU_") and line.endswith(".") for line in lines(caught.value))


def test_an_empty_setting_counts_as_none() -> None:
    assert load(GOOD | {"ANJU_WEBHOOK": " ", "ANJU_ADMINS": ""}).webhook is None
    assert "missing" in problems(ANJU_TOKEN="")["ANJU_TOKEN"]


def test_a_command_on_the_data_folder_needs_no_token_but_says_what_is_wrong() -> None:
    assert load({}, to_run=False).token.get_secret_value() == ""
    with pytest.raises(WrongSettings):
        load({"ANJU_TOKEN": "x"}, to_run=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKEN", "123"),
        ("TOKEN", "１２３:" + "a" * 30),
        ("TOKEN", TOKEN + "\n/x"),
        ("TELEGRAM", "api.telegram.org"),
        ("TELEGRAM", "http://"),
        ("TELEGRAM", "http://h:99999"),
        ("TELEGRAM", "https://h/?a=b"),
        ("TELEGRAM", "https://user:word@h"),
        ("DATABASE", "postgresql://h/anju"),
        ("SMS", "aliyun"),
        ("SMS", "LOG"),
        ("IDENTITY", "ftp://h"),
        ("ADMINS", "1,@someone"),
        ("ADMINS", "-5"),
        ("ADMINS", "٣"),
        ("LISTEN", "8080"),
        ("LISTEN", ":8080"),
        ("LISTEN", "h:65536"),
        ("LISTEN", "h:http"),
        ("WEBHOOK", "http://bot.example/hook"),
        ("WEBHOOK_SECRET", "with space"),
        ("WEBHOOK_SECRET", "a" * 257),
        ("KEY", "no-such-file-and-no-key"),
        ("LOG", "verbose"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(name: str, value: str) -> None:
    found = problems(**{f"ANJU_{name}": value})
    assert list(found) == [f"ANJU_{name}"]
    assert found[f"ANJU_{name}"].startswith("is ")
    if name in ("TOKEN", "KEY", "SMS", "IDENTITY", "WEBHOOK_SECRET", "TELEGRAM"):
        assert value not in str(found)


def test_a_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert problems(ANJU_DATA=str(file)) == {"ANJU_DATA": "is not a folder"}


@pytest.mark.parametrize("name", ["ANJU_SMS", "ANJU_IDENTITY"])
def test_log_is_for_rehearsals_only(name: str) -> None:
    assert "rehearsals" in problems(**{name: "log"})[name]
    assert "rehearsals" in problems(**{name: "log", "ANJU_TELEGRAM": "http://10.0.0.1"})[name]
    assert load(GOOD | {name: "log", "ANJU_TELEGRAM": "http://127.0.0.2:8081"})


def test_of_a_wrong_server_and_a_log_only_the_server_is_named() -> None:
    assert list(problems(ANJU_TELEGRAM="nonsense", ANJU_SMS="log")) == ["ANJU_TELEGRAM"]


def test_a_webhook_needs_a_secret() -> None:
    assert problems(ANJU_WEBHOOK="https://h/x") == {"ANJU_WEBHOOK": "needs ANJU_WEBHOOK_SECRET beside it"}
    assert list(problems(ANJU_WEBHOOK="https://h/x", ANJU_WEBHOOK_SECRET="?")) == ["ANJU_WEBHOOK_SECRET"]
    assert load(GOOD | {"ANJU_WEBHOOK": "http://[::1]:1/x", "ANJU_WEBHOOK_SECRET": "x"}).webhook == "http://[::1]:1/x"


def test_an_unknown_setting_is_named() -> None:
    assert problems(ANJU_ZZZZZZ="1") == {"ANJU_ZZZZZZ": "is not a setting"}


def test_secrets_are_not_shown() -> None:
    shown = repr(load(GOOD | {"ANJU_WEBHOOK_SECRET": "hush-hush", "ANJU_KEY": "ab" * 32}))
    for secret in (TOKEN, "hush-hush", "ab" * 32, "sms.example", "id.example"):
        assert secret not in shown


def test_defaults_pass_their_own_validation() -> None:
    settings = Settings()
    assert Settings.model_validate(settings.model_dump(exclude_unset=True)) == settings


def test_tuples_are_taken_as_they_are() -> None:
    given = {"admins": (1,), "listen": Listen("h", 1)}
    assert Settings.model_validate(given).admins == (1,)


@pytest.mark.parametrize(
    ("url", "expected"),
    [("http://localhost", True), ("http://[::1]:1", True), ("http://127.1.2.3", True), ("http://127.0.0.1.x", False)],
)
def test_loopback(url: str, *, expected: bool) -> None:
    assert is_loopback(url) is expected


@pytest.mark.parametrize("url", ["http://h:0", "http://h/#x", "http://h/a b", "http://h/\u200b", "http://[::1", "//h"])
def test_what_is_no_address(url: str) -> None:
    assert not is_http(url)
