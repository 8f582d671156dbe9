"""What the vault promises: a ciphertext opens in its own place only, an erased person nowhere, and no key shows."""

import base64
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import vault as vault_module
from storage.master_key import KEY_FILE
from storage.vault import (
    KEYS_FILE,
    ForgottenError,
    MasterKey,
    TamperedError,
    Vault,
    WrongMasterError,
    load_or_make,
    open_keys,
)

SECRET = bytes(range(32))
ROOT = Path(__file__).parents[2]


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault(MasterKey(SECRET), open_keys(tmp_path / KEYS_FILE)) as vault:
        vault.new_person(1)
        vault.new_person(2)
        yield vault


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    with Vault(MasterKey(SECRET), open_keys(tmp_path_factory.mktemp("keys") / KEYS_FILE)) as vault:
        vault.new_person(1)
        yield vault


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


# -- personal data -----------------------------------------------------------------------------------


@settings(deadline=None)
@given(value=st.text(st.characters(exclude_categories=["Cs"])), field=st.text().filter(lambda text: "|" not in text))
def test_any_text_comes_back(shared: Vault, value: str, field: str) -> None:
    field = field.encode("utf-8", "replace").decode()
    sealed = shared.seal(1, "person", field, value)
    assert shared.open_text(1, "person", field, sealed) == value
    assert len(sealed) == len(value.encode()) + 29


@settings(deadline=None)
@given(value=st.binary(max_size=3000), key_id=st.integers() | st.text(st.characters(exclude_categories=["Cs"])))
def test_any_bytes_come_back(shared: Vault, value: bytes, key_id: int | str) -> None:
    assert shared.open(1, "files", "picture", shared.seal(1, "files", "picture", value)) == value
    assert shared.open_system("inbox", key_id, shared.seal_system("inbox", key_id, value)) == value


@pytest.mark.parametrize(
    ("person", "table", "field", "row"),
    [
        (2, "person", "phone", 7),
        (1, "application", "phone", 7),
        (1, "person", "name", 7),
        (1, "person", "phone", 8),
        (1, "person", "phone", ""),
    ],
    ids=["person", "table", "field", "row", "no row"],
)
def test_a_ciphertext_moved_elsewhere_is_refused(vault: Vault, person: int, table: str, field: str, row: int) -> None:
    sealed = vault.seal(1, "person", "phone", "13800138000", row=7)
    with pytest.raises(TamperedError) as caught:
        vault.open(person, table, field, sealed, row=row)
    assert "138" not in str(caught.value)


def test_a_place_cannot_be_spelled_in_two_ways(vault: Vault) -> None:
    with pytest.raises(ValueError, match=r"no '\|'"):
        vault.seal(1, "person|1", "phone", "x")


def test_every_changed_bit_and_every_cut_is_noticed(vault: Vault) -> None:
    sealed = vault.seal(1, "person", "name", "张三")
    body = vault.seal_system("inbox", 1, b"{}")
    for place in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(TamperedError):
            vault.open(1, "person", "name", bytes(changed))
    for place in range(len(body) * 8):
        changed = bytearray(body)
        changed[place // 8] ^= 1 << place % 8
        with pytest.raises(TamperedError):
            vault.open_system("inbox", 1, bytes(changed))
    for length in range(len(sealed)):
        with pytest.raises(TamperedError):
            vault.open(1, "person", "name", sealed[:length])
    for length in range(len(body)):
        with pytest.raises(TamperedError):
            vault.open_system("inbox", 1, body[:length])


def test_equal_values_look_different(vault: Vault) -> None:
    assert len({vault.seal(1, "person", "phone", "13800138000") for _ in range(100)}) == 100
    assert len({vault.seal_system("inbox", 1, b"") for _ in range(100)}) == 100


# -- erasing -----------------------------------------------------------------------------------------


def test_an_erased_person_opens_nowhere_and_the_key_is_in_no_file(vault: Vault, tmp_path: Path) -> None:
    sealed = vault.seal(1, "person", "name", "张三")
    (wrapped,) = vault._keys.execute("SELECT wrapped FROM person_keys WHERE person_id = 1").fetchone()
    assert wrapped in everything(tmp_path)

    vault.forget(1)
    vault.forget(1)

    assert wrapped not in everything(tmp_path)
    with pytest.raises(ForgottenError):
        vault.open(1, "person", "name", sealed)
    with pytest.raises(ForgottenError):
        vault.seal(1, "person", "name", "李四")
    assert vault.open_text(2, "person", "name", vault.seal(2, "person", "name", "王五")) == "王五"


def test_a_key_made_anew_opens_nothing_of_before(vault: Vault) -> None:
    sealed = vault.seal(1, "person", "name", "张三")
    vault.forget(1)
    vault.new_person(1)
    with pytest.raises(TamperedError):
        vault.open(1, "person", "name", sealed)


def test_a_key_that_is_there_is_kept(vault: Vault) -> None:
    sealed = vault.seal(1, "person", "name", "张三")
    vault.new_person(1)
    vault._people.clear()
    assert vault.open_text(1, "person", "name", sealed) == "张三"


def test_a_key_is_on_the_disk_before_new_person_returns(tmp_path: Path) -> None:
    killed = f"""
import os, pathlib
from storage.vault import MasterKey, Vault, open_keys
vault = Vault(MasterKey({SECRET!r}), open_keys(pathlib.Path({str(tmp_path / KEYS_FILE)!r})))
vault.new_person(5)
print(vault.seal(5, "person", "name", "a name").hex(), flush=True)
os.kill(os.getpid(), 9)
"""
    child = subprocess.run([sys.executable, "-c", killed], capture_output=True, text=True, cwd=ROOT)
    assert child.returncode == -9, child.stderr
    with Vault(MasterKey(SECRET), open_keys(tmp_path / KEYS_FILE)) as vault:
        assert vault.open_text(5, "person", "name", bytes.fromhex(child.stdout)) == "a name"
        assert vault._keys.execute("PRAGMA synchronous").fetchone() == (2,)
        assert vault._keys.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_sweep_destroys_orphans_only(vault: Vault, tmp_path: Path) -> None:
    vault.new_person(3)
    (wrapped,) = vault._keys.execute("SELECT wrapped FROM person_keys WHERE person_id = 3").fetchone()
    sealed = vault.seal(3, "person", "name", "x")
    assert vault.sweep({1, 2}) == 1
    assert vault.sweep({1, 2}) == 0
    assert wrapped not in everything(tmp_path)
    with pytest.raises(ForgottenError):
        vault.open(3, "person", "name", sealed)
    vault.seal(1, "person", "name", "x")


def test_the_cache_is_bounded_and_only_a_cache(tmp_path: Path) -> None:
    with Vault(MasterKey(SECRET), open_keys(tmp_path / KEYS_FILE), cache=10) as vault:
        sealed = {}
        for person in range(50):
            vault.new_person(person)
            sealed[person] = vault.seal(person, "person", "id", str(person))
        assert len(vault._people) == 10
        for person in range(50):
            assert vault.open_text(person, "person", "id", sealed[person]) == str(person)
        assert len(vault._people) == 10


def test_many_threads_share_a_vault(tmp_path: Path) -> None:
    with Vault(MasterKey(SECRET), open_keys(tmp_path / KEYS_FILE), cache=3) as vault:
        failures: list[BaseException] = []

        def work(first: int) -> None:
            try:
                for person in range(first, first + 30):
                    vault.new_person(person)
                    sealed = vault.seal(person, "person", "id", str(person) * 50)
                    assert vault.open_text(person, "person", "id", sealed) == str(person) * 50
                    body = vault.seal_system("inbox", person, b"body")
                    assert vault.open_system("inbox", person, body) == b"body"
            except BaseException as failure:
                failures.append(failure)
                raise

        threads = [threading.Thread(target=work, args=(first * 30,)) for first in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert vault._keys.execute("SELECT count(*) FROM person_keys").fetchone() == (240,)


# -- system bodies -----------------------------------------------------------------------------------


def test_a_body_moved_to_another_row_or_purpose_is_refused(vault: Vault) -> None:
    sealed = vault.seal_system("session", 5, b"answers")
    for purpose, key_id in (("session", 6), ("outbox", 5)):
        with pytest.raises(TamperedError):
            vault.open_system(purpose, key_id, sealed)


def test_a_body_outlives_its_run_and_its_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault_module, "EPOCH_MESSAGES", 2)
    monkeypatch.setattr(vault_module, "EPOCHS_CACHED", 4)
    bodies = []
    for _ in range(3):
        with Vault(MasterKey(SECRET), open_keys(tmp_path / KEYS_FILE)) as vault:
            bodies += [vault.seal_system("inbox", 1, b"body") for _ in range(5)]
    with Vault(MasterKey(SECRET), open_keys(tmp_path / KEYS_FILE)) as vault:
        assert [vault.open_system("inbox", 1, body) for body in bodies] == [b"body"] * 15
    assert len({body[1:17] for body in bodies}) == 9  # five bodies, two to an epoch: three epochs in each run


# -- looking up --------------------------------------------------------------------------------------


def test_indexes_are_equal_only_for_equal_kind_value_and_master(vault: Vault, tmp_path: Path) -> None:
    index = vault.index("phone", "13800138000")
    assert len(index) == 32
    assert vault.same(index, vault.index("phone", "13800138000"))
    other_root = Vault(MasterKey(SECRET), open_keys(tmp_path / "other.sqlite3"))
    others = [
        vault.index("id", "13800138000"),
        vault.index("phone", "13800138001"),
        vault.index("phone1", "3800138000"),
    ]
    others += [other_root.index("phone", "13800138000"), vault.code_hash("phone", "13800138000")]
    assert not any(vault.same(index, other) for other in others)
    other_root.close()


def test_indexes_stay_the_same_over_runs(tmp_path: Path) -> None:
    seen = set()
    for _ in range(2):
        with Vault(MasterKey(SECRET), open_keys(tmp_path / KEYS_FILE)) as vault:
            seen.add((vault.index("phone", "1"), vault.code_hash(4, "123456")))
    assert len(seen) == 1


def test_a_code_is_bound_to_its_challenge(vault: Vault) -> None:
    assert vault.same(vault.code_hash(1, "123456"), vault.code_hash("1", "123456"))
    assert not vault.same(vault.code_hash(1, "123456"), vault.code_hash(2, "123456"))
    assert not vault.same(vault.code_hash(1, "123456"), vault.code_hash(1, "123457"))


# -- the master key ----------------------------------------------------------------------------------


def test_another_master_key_is_noticed_at_the_start(vault: Vault) -> None:
    with pytest.raises(WrongMasterError):
        Vault(MasterKey(bytes(32)), vault._keys)


def test_keys_without_a_root_are_not_given_a_new_one(vault: Vault) -> None:
    vault._keys.execute("DELETE FROM root")
    with pytest.raises(WrongMasterError, match="damaged"):
        Vault(MasterKey(SECRET), vault._keys)


def test_rotation_keeps_data_indexes_and_bodies(vault: Vault, tmp_path: Path) -> None:
    sealed, body, index = (
        vault.seal(1, "person", "name", "张三"),
        vault.seal_system("inbox", 1, b"x"),
        vault.index("a", "b"),
    )
    new = MasterKey.random()
    assert vault.rewrap(new) == 2
    vault.new_person(3)
    later = vault.seal(3, "person", "name", "李四")
    with pytest.raises(WrongMasterError):
        Vault(MasterKey(SECRET), vault._keys)
    with Vault(new, open_keys(tmp_path / KEYS_FILE)) as again:
        assert again.open_text(1, "person", "name", sealed) == "张三"
        assert again.open_text(3, "person", "name", later) == "李四"
        assert again.open_system("inbox", 1, body) == b"x"
        assert again.index("a", "b") == index


def test_rotation_is_all_or_nothing(vault: Vault) -> None:
    vault._keys.execute("UPDATE person_keys SET wrapped = zeroblob(40) WHERE person_id = 2")
    with pytest.raises(TamperedError):
        vault.rewrap(MasterKey.random())
    with_the_old = Vault(MasterKey(SECRET), vault._keys)
    with_the_old.seal(1, "person", "name", "张三")
    with pytest.raises(TamperedError):
        with_the_old.seal(2, "person", "name", "x")


def test_a_copy_of_the_keys_serves_as_backup(vault: Vault, tmp_path: Path) -> None:
    sealed = vault.seal(1, "person", "name", "张三")
    copy = tmp_path / "copy.sqlite3"
    vault.copy_keys(copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        vault.copy_keys(copy)
    with Vault(MasterKey(SECRET), open_keys(copy)) as restored:
        assert restored.open_text(1, "person", "name", sealed) == "张三"


def test_the_first_start_makes_a_key_for_its_owner_only(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        key, made = load_or_make(None, tmp_path)
        open_keys(tmp_path / KEYS_FILE).close()
    finally:
        os.umask(umask)
    assert made
    assert {path.name for path in tmp_path.iterdir()} == {KEY_FILE, KEYS_FILE}
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    again, made = load_or_make("  ", tmp_path)
    assert not made
    assert again.wrapping_key() == key.wrapping_key()
    with pytest.raises(FileExistsError):
        key.save(tmp_path / KEY_FILE)


def test_a_lost_key_is_not_replaced_by_a_new_one(tmp_path: Path) -> None:
    open_keys(tmp_path / KEYS_FILE).close()
    with pytest.raises(ValueError, match="put the master key back"):
        load_or_make(None, tmp_path)
    assert not (tmp_path / KEY_FILE).exists()


def test_two_first_starts_agree_on_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_is_first(self: MasterKey, path: Path) -> None:
        path.write_bytes(SECRET)
        raise FileExistsError

    monkeypatch.setattr(MasterKey, "save", other_is_first)
    key, made = load_or_make(None, tmp_path)
    assert not made
    assert key.wrapping_key() == MasterKey(SECRET).wrapping_key()


@pytest.mark.parametrize(
    "text",
    [
        SECRET.hex(),
        SECRET.hex().upper(),
        base64.b64encode(SECRET).decode(),
        base64.urlsafe_b64encode(b"\xff" * 32).decode(),
        base64.b64encode(SECRET).decode().rstrip("="),
    ],
)
def test_a_setting_may_be_the_key_or_its_file(tmp_path: Path, text: str) -> None:
    expected = MasterKey(b"\xff" * 32 if text.startswith("__") else SECRET).fingerprint
    file = tmp_path / "key"
    file.write_text(f"{text}\n")
    assert [load_or_make(setting, tmp_path)[0].fingerprint for setting in (text, f" {text}\n", str(file))] == [
        expected
    ] * 3


def test_a_file_may_hold_raw_bytes(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(SECRET)
    assert load_or_make(str(file), tmp_path)[0].fingerprint == MasterKey(SECRET).fingerprint


@pytest.mark.parametrize(
    "setting", ["f" * 63, "f" * 65, "é" * 44, "no/such/file", "x" * 5000, "a\0b", "~nobody-here/key"]
)
def test_a_bad_setting_is_refused_without_being_shown(tmp_path: Path, setting: str) -> None:
    with pytest.raises(ValueError, match="ANJU_KEY") as caught:
        load_or_make(setting, tmp_path)
    assert setting not in str(caught.value)
    assert caught.value.__cause__ is None
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"f" * 63, b"\xff" * 33])
def test_a_bad_file_is_refused_without_being_shown(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="does not hold a master key") as caught:
        load_or_make(str(file), tmp_path)
    assert "fff" not in str(caught.value)


def test_an_unreadable_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_bytes(SECRET)

    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ValueError, match="cannot be read: Permission denied"):
        load_or_make(str(file), tmp_path)


def test_a_key_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes, this one 16"):
        MasterKey(bytes(16))


def test_no_key_shows(vault: Vault) -> None:
    key = MasterKey(SECRET)
    for shown in (repr(key), str(key), f"{key}", repr(vault)):
        assert SECRET.hex() not in shown
        assert base64.b64encode(SECRET).decode() not in shown
        assert repr(SECRET) not in shown


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / KEYS_FILE
    path.write_bytes(b"not a database, and long enough to be looked at as one" * 20)
    with pytest.raises(sqlite3.DatabaseError):
        open_keys(path)
