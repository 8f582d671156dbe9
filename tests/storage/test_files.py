"""What the file store promises: whole files or none, for their own person only, and no orphan for ever."""

import errno
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.files import HOUR, FileStore
from storage.vault import KEYS_FILE, ForgottenError, MasterKey, TamperedError, Vault, open_keys

SECRET = bytes(32)
ROOT = Path(__file__).parents[2]
NOW = 1_800_000_000_000  # milliseconds
MARKER = b"a photographed identity card"


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    with Vault(MasterKey(SECRET), open_keys(tmp_path / KEYS_FILE)) as vault:
        vault.new_person(1)
        vault.new_person(2)
        yield vault


@pytest.fixture
def store(tmp_path: Path, vault: Vault) -> FileStore:
    return FileStore(tmp_path / "files", vault)


def files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "files").rglob("*") if path.is_file())


def age(path: Path, seconds: float) -> None:
    os.utime(path, (NOW / 1000 - seconds,) * 2)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileStore]:
    folder = tmp_path_factory.mktemp("shared")
    with Vault(MasterKey(SECRET), open_keys(folder / KEYS_FILE)) as vault:
        vault.new_person(1)
        yield FileStore(folder / "files", vault)


@settings(deadline=None)
@given(content=st.binary(max_size=5000))
def test_any_content_comes_back(shared: FileStore, content: bytes) -> None:
    assert shared.get(1, shared.put(1, content)) == content


def test_a_large_picture_comes_back(store: FileStore) -> None:
    content = os.urandom(5_000_000)
    assert store.get(1, store.put(1, content)) == content


def test_nothing_readable_lies_on_the_disk_and_only_the_owner_may_look(store: FileStore, tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        name = store.put(1, MARKER * 100)
    finally:
        os.umask(umask)
    (path,) = files(tmp_path)
    assert path == tmp_path / "files" / name[:2] / name[2:4] / name
    assert len(name) == 32
    assert MARKER not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folders = [path.parent, path.parent.parent, tmp_path / "files"]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * 3


def test_a_folder_that_others_could_read_is_closed(tmp_path: Path, vault: Vault) -> None:
    (tmp_path / "files").mkdir(mode=0o755)
    FileStore(tmp_path / "files", vault)
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700


def test_another_person_or_name_does_not_open_it(store: FileStore, tmp_path: Path) -> None:
    name, other = store.put(1, MARKER), store.put(1, b"other")
    with pytest.raises(TamperedError):
        store.get(2, name)
    paths = {path.name: path for path in files(tmp_path)}
    paths[other].write_bytes(paths[name].read_bytes())
    with pytest.raises(TamperedError):
        store.get(1, other)


def test_a_cut_file_is_refused(store: FileStore, tmp_path: Path) -> None:
    name = store.put(1, MARKER)
    (path,) = files(tmp_path)
    for length in (0, 1, 20, path.stat().st_size - 1):
        os.truncate(path, length)
        with pytest.raises(TamperedError):
            store.get(1, name)


def test_an_erased_person_has_no_files(store: FileStore, vault: Vault) -> None:
    name = store.put(1, MARKER)
    vault.forget(1)
    with pytest.raises(ForgottenError):
        store.get(1, name)
    with pytest.raises(ForgottenError):
        store.put(1, MARKER)


def test_removing_twice_is_harmless(store: FileStore, tmp_path: Path) -> None:
    name = store.put(1, MARKER)
    store.remove(name)
    store.remove(name)
    store.remove("0" * 32)
    assert files(tmp_path) == []
    with pytest.raises(FileNotFoundError):
        store.get(1, name)


@pytest.mark.parametrize(
    "name", ["", "..", "../../../etc/passwd", "A" * 32, "a" * 31, "a" * 33, "a" * 32 + "\n", "/" + "a" * 31, "٣" * 32]
)
def test_a_name_is_never_a_path(store: FileStore, name: str) -> None:
    for use in (lambda: store.get(1, name), lambda: store.remove(name)):
        with pytest.raises(ValueError, match="32 hexadecimal"):
            use()


KILLED = """
import os, pathlib, sys
from storage.files import FileStore
from storage.vault import MasterKey, Vault, open_keys
folder = pathlib.Path(sys.argv[1])
vault = Vault(MasterKey(bytes(32)), open_keys(folder / "keys.sqlite3"))
vault.new_person(1)
store = FileStore(folder / "files", vault)
whole = os.fsync
calls = []
def fsync(handle):
    calls.append(handle)
    if len(calls) == int(sys.argv[2]):
        os.kill(os.getpid(), 9)
    whole(handle)
os.fsync = fsync
print(store.put(1, b"content" * 1000), flush=True)
"""


@pytest.mark.parametrize("moment", [1, 2, 3, 4, 5])
def test_a_crash_at_any_moment_leaves_a_whole_file_or_none(tmp_path: Path, moment: int) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path), str(moment)]
    child = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert child.returncode == (-9 if moment < 5 else 0), child.stderr
    with Vault(MasterKey(SECRET), open_keys(tmp_path / KEYS_FILE)) as vault:
        store = FileStore(tmp_path / "files", vault)
        left = files(tmp_path)
        named = [path.name for path in left if not path.name.startswith(".")]
        assert [store.get(1, name) for name in named] == [b"content" * 1000] * (moment >= 4)
        for path in left:
            age(path, HOUR + 1)
        assert store.sweep(set(), now=NOW) == len(left)
        assert files(tmp_path) == []


def test_a_full_disk_leaves_nothing(store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.ENOSPC, "No space left on device")

    store.put(1, b"x")
    before = files(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            store.put(1, MARKER)
    assert [path for path in files(tmp_path) if path.name.startswith(".")] == []
    assert files(tmp_path) == before


def test_sweep_removes_old_orphans_and_nothing_else(store: FileStore, tmp_path: Path) -> None:
    kept, young, old = store.put(1, b"kept"), store.put(1, b"young"), store.put(1, b"old")
    paths = {path.name: path for path in files(tmp_path)}
    age(paths[kept], 10 * HOUR)
    age(paths[young], HOUR - 1)
    age(paths[old], HOUR + 1)
    strange = paths[old].with_name("readme.txt")
    half = paths[old].with_name(f".{'0' * 32}.part")
    link = paths[old].with_name("f" * 32)
    strange.write_text("not ours")
    half.write_bytes(b"half")
    link.symlink_to(tmp_path / KEYS_FILE)
    age(strange, 10 * HOUR)
    age(half, 10 * HOUR)

    assert store.sweep({kept}, now=NOW) == 2
    assert set(files(tmp_path)) == {paths[kept], paths[young], strange, link}
    assert store.sweep({kept}, now=NOW + 2000) == 1
    assert store.get(1, kept) == b"kept"


def test_sweep_keeps_everything_when_the_clock_went_back(store: FileStore) -> None:
    name = store.put(1, b"x")
    assert store.sweep(set(), now=0) == 0
    assert store.get(1, name) == b"x"


def test_threads_put_and_get_together(store: FileStore, tmp_path: Path) -> None:
    failures: list[BaseException] = []

    def work(person: int) -> None:
        try:
            for number in range(10):
                content = bytes([number]) * 10_000
                assert store.get(person, store.put(person, content)) == content
        except BaseException as failure:
            failures.append(failure)
            raise

    threads = [threading.Thread(target=work, args=(1 + number % 2,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(files(tmp_path)) == 60
