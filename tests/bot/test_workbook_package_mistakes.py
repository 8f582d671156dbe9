"""Packages that are wrong, or mean harm: every file named by its path, with the mistakes of the sheets, all at once."""

from __future__ import annotations

import stat
import struct
import tracemalloc
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs.workbook import Mistake, Package, headers, package, parcel, read_package
from bot.jobs.workbook.mistakes import Mistakes
from bot.jobs.workbook.safety import ENTRIES, OLE, RefusedError
from tests.bot.workbook_maker import FIELDS, JPEG, PDF, PNG, WEBP, changed, good, made, packed

BOOK = made(good())
GOOD = packed({"计划.xlsx": BOOK, "照片/QH01/1.jpg": JPEG, "照片/QH01/A1/1.png": PNG, "公告.pdf": PDF})
MEGABYTE = 2**20


def mistakes_of(content: bytes) -> list[Mistake]:
    result = read_package(content, FIELDS)
    assert isinstance(result, list), result
    assert result
    return result


def named(content: bytes) -> list[tuple[str, str]]:
    """Path and key."""
    return [(each.path, each.key) for each in mistakes_of(content)]


def with_files(files: dict[str, bytes]) -> bytes:
    return packed({"计划.xlsx": BOOK, **files})


def with_entry(info: ZipInfo, content: bytes = JPEG) -> bytes:
    out = BytesIO(GOOD)
    with ZipFile(out, "a") as archive:
        archive.writestr(info, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "not_a_package"),
        (b"%PDF-1.7", "not_a_package"),
        (JPEG, "not_a_package"),
        (b"Rar!\x1a\x07\x01\x00", "other_archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "other_archive"),
        (b"\x1f\x8b\x08", "other_archive"),
        (OLE + bytes(504), "old_format"),
        (b"PK", "damaged"),
        (GOOD[:-9], "damaged"),
        (BOOK[:-9], "damaged"),
        (b"PK\x05\x06" + bytes(18), "workbook_missing"),
        (packed({"照片/QH01/1.jpg": JPEG}), "workbook_missing"),
        (packed({f"{number}.jpg": b"" for number in range(2_001)}), "too_many_files"),
        (b"PK\x01\x02" * 4_001, "too_large"),
    ],
)
def test_file_that_cannot_be_used_is_refused_with_one_sentence(content: bytes, key: str) -> None:
    assert named(content) == [("", key)]


@pytest.mark.parametrize(
    ("path", "content", "key"),
    [
        ("../1.jpg", JPEG, "path_unsafe"),
        ("照片/../../etc/passwd", JPEG, "path_unsafe"),
        ("/照片/QH01/2.jpg", JPEG, "path_unsafe"),
        ("照片//QH01/2.jpg", JPEG, "path_unsafe"),
        ("照片/./QH01/2.jpg", JPEG, "path_unsafe"),
        ("照片\\QH01\\2.jpg", JPEG, "path_unsafe"),
        ("C:/照片/2.jpg", JPEG, "path_unsafe"),
        ("照片/QH01/.. /2.jpg", JPEG, "path_unsafe"),
        ("照片/QH01/" + "长" * 256 + ".jpg", JPEG, "path_unsafe"),
        ("照片/1.jpg", JPEG, "picture_place"),
        ("照片/QH01/A1/窗/1.jpg", JPEG, "picture_place"),
        ("照片/QH01/2.gif", b"GIF89a", "picture_format"),
        ("照片/QH01/2.heic", b"\0\0\0\x18ftypheic", "picture_format"),
        ("照片/QH01/说明.txt", b"x", "picture_format"),
        ("照片/QH01/2", JPEG, "picture_format"),
        ("照片/QH01/2.jpg", b"", "not_a_picture"),
        ("照片/QH01/2.jpg", b"GIF89a" + bytes(40), "not_a_picture"),
        ("照片/QH01/2.jpg", BOOK, "not_a_picture"),
        ("照片/QH01/2.jpg", PDF, "not_a_picture"),
        ("照片/QH01/更多.zip", GOOD, "nested_archive"),
        ("旧照片.rar", b"Rar!", "nested_archive"),
        ("a/b/c.7z", b"", "nested_archive"),
        ("照片/QH01/计划.xlsx", BOOK, "workbook_place"),
        ("a/b/计划.xlsx", BOOK, "workbook_place"),
        ("附表.xls", OLE, "workbook_format"),
        ("公告.docx", b"PK", "notice_format"),
        ("公告.pdf", b"PK\x03\x04", "not_a_pdf"),
        ("公告.pdf", b"", "not_a_pdf"),
        ("读我.txt", b"x", "file_unknown"),
        ("大门.jpg", JPEG, "file_unknown"),
    ],
)
def test_file_that_does_not_belong_is_named_by_its_path(path: str, content: bytes, key: str) -> None:
    found = mistakes_of(with_files({path: content}))
    assert [each.key for each in found] == [key]
    assert found[0].path == path or found[0].path == "…" + path[-80:]
    assert found[0].sentence.startswith(f"“{found[0].path}”：")
    assert (found[0].sheet, found[0].row, found[0].column) == ("", None, None)


@pytest.mark.parametrize(
    "path", ["照片/QH01/\u202egpj.jpg", "照片/QH01/a\nb.jpg", "照片/QH01/\x7f.jpg", "照片/QH01/\ufffd.jpg"]
)
def test_path_with_what_does_not_show_is_named_without_it(path: str) -> None:
    found = mistakes_of(with_files({path: JPEG}))[0]
    assert found.key == "path_unsafe"
    assert found.sentence.isprintable()


def test_name_with_an_end_inside_is_refused() -> None:
    content = GOOD.replace("照片/QH01/1.jpg".encode(), "照片/QH01/1\0jpg".encode())
    assert named(content) == [("照片/QH01/1jpg", "path_unsafe")]


def test_name_in_no_known_encoding_is_named() -> None:
    content = packed({"a.xlsx": BOOK, "zz.jpg": JPEG}, encoding="ascii").replace(b"zz.jpg", b"\xff\xfe.jpg")
    assert [each.key for each in mistakes_of(content)] == ["path_unsafe"]


def test_link_is_named() -> None:
    link = ZipInfo("照片/QH01/9.jpg")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert named(with_entry(link, b"/etc/passwd")) == [("照片/QH01/9.jpg", "path_unsafe")]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_path_are_named() -> None:
    assert named(with_entry(ZipInfo("照片/QH01/1.jpg"))) == [("照片/QH01/1.jpg", "file_twice")]
    twice = packed({"包/计划.xlsx": BOOK, "公告.pdf": PDF, "包/公告.pdf": PDF, "照片/QH01/1.jpg": JPEG})
    assert named(twice) == [("包/公告.pdf", "file_twice")]


def locked(content: bytes, name: str) -> bytes:
    """With one entry said to be encrypted, in the index."""
    place = content.rindex(name.encode()) - 46
    assert content[place : place + 4] == b"PK\x01\x02"
    flags = struct.unpack_from("<H", content, place + 8)[0] | 1
    return content[: place + 8] + struct.pack("<H", flags) + content[place + 10 :]


def test_encrypted_file_is_named_and_a_whole_encrypted_package_once() -> None:
    content = locked(GOOD, "照片/QH01/1.jpg")
    assert named(content) == [("照片/QH01/1.jpg", "file_encrypted")]
    for name in ("计划.xlsx", "照片/QH01/A1/1.png", "公告.pdf"):
        content = locked(content, name)
    assert named(content) == [("", "package_encrypted")]


def test_packing_that_is_not_usual_is_named() -> None:
    info = ZipInfo("照片/QH01/9.jpg")
    info.compress_type = ZIP_BZIP2
    assert named(with_entry(info)) == [("照片/QH01/9.jpg", "file_method")]


def test_broken_file_is_named_and_the_others_are_read() -> None:
    stored = packed({"计划.xlsx": BOOK, "照片/QH01/1.jpg": JPEG, "照片/QH01/2.jpg": b"x"}, method=0)
    assert named(stored.replace(JPEG, JPEG[:-1] + b"!")) == [
        ("照片/QH01/1.jpg", "file_damaged"),
        ("照片/QH01/2.jpg", "not_a_picture"),
    ]


def test_bombs_are_named_and_not_unpacked() -> None:
    bomb = JPEG + bytes(9 * MEGABYTE)
    content = with_files({"照片/QH01/1.jpg": bomb, "公告.pdf": PDF + bytes(15 * MEGABYTE)})
    tracemalloc.start()
    try:
        assert named(content) == [("公告.pdf", "file_bomb"), ("照片/QH01/1.jpg", "file_bomb")]
        assert tracemalloc.get_traced_memory()[1] < 3 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_file_that_declares_less_than_it_is_is_broken() -> None:
    content = with_files({"照片/QH01/1.jpg": JPEG + bytes(MEGABYTE)})
    size = struct.pack("<L", len(JPEG) + MEGABYTE)
    assert content.count(size) == 2
    assert named(content.replace(size, struct.pack("<L", 40))) == [("照片/QH01/1.jpg", "file_damaged")]


def test_too_large_as_declared_is_refused_before_anything_is_read() -> None:
    content = packed({"a.xlsx": BOOK, **{f"照片/QH01/{number}.jpg": JPEG for number in range(3)}})
    huge = content.replace(struct.pack("<L", len(JPEG)), struct.pack("<L", 70 * MEGABYTE))
    assert named(huge) == [("", "package_too_large")]


def test_too_large_in_reading_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with ZipFile(BytesIO(GOOD)) as archive:
        total = sum(entry.file_size for entry in archive.infolist())
    monkeypatch.setattr(parcel, "PACKAGE_BYTES", total)
    assert isinstance(read_package(GOOD), Package)
    box = parcel.Parcel(GOOD, Mistakes(()))
    for path in box.files:
        box.read(path, MEGABYTE, "too_large")
    with pytest.raises(RefusedError, match="package_too_large"):
        box.read(box.files[0], MEGABYTE, "too_large")
    monkeypatch.setattr(parcel, "PACKAGE_BYTES", total - 1)
    assert named(GOOD) == [("", "package_too_large")]


def test_packed_size_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel, "PACKAGE_BYTES", len(GOOD) - 1)
    assert named(GOOD) == [("", "package_too_large")]


@pytest.mark.parametrize(("path", "limit"), [("照片/QH01/1.jpg", "PICTURE_BYTES"), ("公告.pdf", "NOTICE_BYTES")])
def test_file_larger_than_allowed_is_named_with_both_sizes(
    path: str, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, limit, MEGABYTE)
    start = {"照片/QH01/1.jpg": JPEG, "公告.pdf": PDF}[path]
    noise = bytes(range(256)) * 4_096
    assert isinstance(read_package(packed({"a.xlsx": BOOK, path: (start + noise)[:MEGABYTE]})), Package)
    found = mistakes_of(packed({"a.xlsx": BOOK, path: start + noise}, method=0))
    assert [each.path for each in found] == [path]
    assert "最大 1 MB，现有 1.1 MB" in found[0].sentence


def test_limits_are_those_of_the_contract() -> None:
    assert (package.PICTURE_BYTES, package.NOTICE_BYTES) == (10 * MEGABYTE, 20 * MEGABYTE)
    assert (parcel.PACKAGE_BYTES, ENTRIES) == (200 * MEGABYTE, 2_000)


@pytest.mark.parametrize(
    ("picture", "size"),
    [
        (JPEG.replace(b"\x03\x20\x04\xb0", b"\xff\xff\x04\x00"), "1024×65535"),
        (
            JPEG.replace(b"\x03\x20\x04\xb0", b"\xff\xff\x04\x00").replace(b"\xff\xc0", b"\xff\xff\xd0\xff\xc2"),
            "1024×65535",
        ),
        (PNG.replace(b"\0\0\x04\xb0\0\0\x03\x20", b"\0\0\x30\0\0\0\x30\0"), "12288×12288"),
        (WEBP.replace(b"\xaf\x04\0\x1f\x03\0", b"\xff\x1f\0\xff\x1f\0"), "8192×8192"),
    ],
)
def test_picture_of_too_many_pixels_is_named(picture: bytes, size: str) -> None:
    found = mistakes_of(with_files({"照片/QH01/1.jpg": picture}))
    assert [each.key for each in found] == ["picture_pixels"]
    assert f"现有 {size}" in found[0].sentence


@pytest.mark.parametrize(
    "picture", [JPEG[:20], JPEG[:22], JPEG[:20] + b"\xff\xe1\0\0" * 2_000, WEBP[:14], b"\xff\xd8\xff\xff\xff", PNG[:12]]
)
def test_picture_that_hides_its_size_is_left_to_who_decodes_it(picture: bytes) -> None:
    assert headers.too_many_pixels(picture) is None
    assert isinstance(read_package(with_files({"照片/QH01/1.jpg": picture})), Package)


def test_what_is_no_picture_has_no_pixels() -> None:
    assert headers.too_many_pixels(PDF) is None


def test_unknown_folders_and_codes_are_named_once() -> None:
    files = {f"{folder}/{number}.jpg": JPEG for folder in ("图片", "照片/QH02", "照片/QH01/B1") for number in range(9)}
    found = mistakes_of(with_files(files))
    assert [each.sentence for each in found] == [
        "“图片”：不认识。压缩包里只能有：一个 .xlsx 工作簿、“照片”文件夹、公告.pdf。",
        "“照片/QH01/B1”：工作表“户型”中，项目“QH01”没有户型编号“B1”，请核对文件夹的名称。",
        "“照片/QH02”：工作表“项目”中没有编号“QH02”，请核对文件夹的名称。",
    ]


def test_unknown_folder_within_the_one_everything_lies_in_is_named_by_its_whole_path() -> None:
    content = packed({"包/计划.xlsx": BOOK, "包/图片/1.jpg": JPEG, "包/图片/2/3.jpg": JPEG})
    assert named(content) == [("包/图片", "file_unknown")]


def test_folder_of_a_project_whose_code_is_wrong_is_not_called_unknown() -> None:
    book = changed("项目", 2, "编号", "清河")
    for sheet in ("户型", "租金"):
        for row in book[sheet][1:]:
            row[0] = "清河" if row[0] == "QH01" else row[0]
    content = packed({"计划.xlsx": made(book), "照片/清河/A1/1.jpg": JPEG})
    assert [each.key for each in mistakes_of(content)] == ["code"]


@pytest.mark.parametrize("lost", ["项目", "户型"])
def test_without_a_sheet_of_codes_folders_are_not_called_unknown(lost: str) -> None:
    book = good()
    del book[lost]
    content = packed({"计划.xlsx": made(book), "照片/QH01/A1/1.jpg": JPEG, "照片/QH01/B1/1.jpg": JPEG})
    assert [each.key for each in mistakes_of(content)] == ["sheet_missing"]


def test_mistakes_of_sheets_and_files_are_told_at_once_and_in_order() -> None:
    book = changed("项目", 2, "地址", None)
    book["租金"][1][4] = "面议"
    content = packed(
        {
            "计划.xlsx": made(book),
            "照片/QH01/10.jpg": b"x",
            "照片/QH01/2.jpg": b"x",
            "照片/QH01/3.jpg": JPEG,
            "照片/YF09/1.jpg": b"x",
            "公告.pdf": b"x",
            "../x": b"",
        }
    )
    assert [(each.sheet, each.path, each.key) for each in mistakes_of(content)] == [
        ("项目", "", "required"),
        ("租金", "", "money"),
        ("", "../x", "path_unsafe"),
        ("", "公告.pdf", "not_a_pdf"),
        ("", "照片/QH01/2.jpg", "not_a_picture"),
        ("", "照片/QH01/10.jpg", "not_a_picture"),
        ("", "照片/YF09", "picture_project"),
        ("", "照片/YF09/1.jpg", "not_a_picture"),
    ]


def test_workbook_that_cannot_be_used_is_named_by_its_path_with_the_rest() -> None:
    content = packed({"计划.xlsx": b"PK?", "照片/QH09/1.jpg": b"x", "读我.txt": b""})
    assert named(content) == [
        ("照片/QH09/1.jpg", "not_a_picture"),
        ("计划.xlsx", "damaged"),
        ("读我.txt", "file_unknown"),
    ]
    assert named(packed({"计划.xlsx": OLE})) == [("计划.xlsx", "old_format")]
    assert named(packed({"计划.xls": OLE})) == [("计划.xls", "workbook_format")]
    assert named(packed({"计划.xls": OLE, "照片/QH01/1.jpg": JPEG})) == [("计划.xls", "workbook_format")]
    elsewhere = packed({"照片/QH01/计划.xls": OLE, "公告.pdf": PDF})
    assert named(elsewhere) == [("", "workbook_missing"), ("照片/QH01/计划.xls", "picture_format")]


def test_nothing_is_written_to_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    read_package(with_files({"../evil.jpg": JPEG, "照片/QH01/1.jpg": JPEG}))
    assert list(tmp_path.iterdir()) == []
    assert not (tmp_path.parent / "evil.jpg").exists()


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_package_with_bytes_changed_never_raises(data: st.DataObject) -> None:
    content = bytearray(GOOD)
    index = content.index(b"PK\x01\x02")
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(index, len(content) - 1) | st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    result = read_package(bytes(content), FIELDS)
    assert isinstance(result, Package) or result


PARTS = st.sampled_from(
    ["照片", "QH01", "A1", "1.jpg", "x.xlsx", "公告.pdf", "..", "", "包", "QH01.zip", "C:", "a.txt"]
)


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.lists(PARTS, min_size=1, max_size=5).map("/".join), st.sampled_from([JPEG, PDF, b""]), max_size=6
    )
)
def test_any_paths_give_a_package_or_mistakes_that_say_where(files: dict[str, bytes]) -> None:
    files = {name: content for name, content in files.items() if name}
    result = read_package(packed({**files, "计划.xlsx": BOOK}), FIELDS)
    if isinstance(result, Package):
        assert all(each.project == "QH01" and each.unit_type in {None, "A1"} for each in result.pictures)
    else:
        assert result
        assert all(each.path or each.key == "workbook_missing" for each in result)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_never_raise(content: bytes) -> None:
    for start in (b"", b"PK", OLE):
        assert read_package(start + content)


def test_deflated_package_is_what_the_tests_mean() -> None:
    with ZipFile(BytesIO(GOOD)) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {ZIP_DEFLATED}
