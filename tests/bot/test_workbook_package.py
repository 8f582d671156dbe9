"""Packages that are right, however they were packed."""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import replace
from zipfile import ZIP_DEFLATED, ZIP_STORED
from zlib import crc32

import pytest

from bot.jobs.workbook import Package, PackagePicture, read_package, write_package
from bot.jobs.workbook.natural import natural
from bot.rehearsal.sample_workbook import chaoyang_plan, haidian_plan, sample_package
from flows.model import Demand
from tests.bot.workbook_maker import (
    CLOSES,
    FIELDS,
    JPEG,
    OPENS,
    PDF,
    PNG,
    WEBP,
    good,
    good_plan,
    made,
    packed,
    read_parcel,
    screened,
    screened_plan,
)

BOOK = made(good())


def names(package: Package) -> list[tuple[str, str | None, str]]:
    return [(each.project, each.unit_type, each.name) for each in package.pictures]


def test_workbook_alone_is_a_package_without_pictures() -> None:
    assert read_parcel(made(screened())) == Package(screened_plan())


def test_workbook_in_a_zip_alone_is_the_same() -> None:
    assert read_parcel(packed({"计划.xlsx": made(screened())})) == Package(screened_plan())


def test_pictures_and_notice_are_read() -> None:
    content = packed(
        {
            "海淀第三批.XLSX": BOOK,
            "照片/QH01/大门.jpg": JPEG,
            "照片/QH01/A1/客厅.png": PNG,
            "照片/YF02/1.webp": WEBP,
            "公告.pdf": PDF,
        }
    )
    assert read_parcel(content) == Package(
        good_plan(),
        (
            PackagePicture("QH01", None, "大门.jpg", JPEG),
            PackagePicture("QH01", "A1", "客厅.png", PNG),
            PackagePicture("YF02", None, "1.webp", WEBP),
        ),
        PDF,
    )


def test_pictures_come_as_the_plan_has_them_and_as_people_count() -> None:
    files = ["10.jpg", "2.jpg", "1.jpg", "a10.jpg", "B2.jpg", "a9.jpg", "０３.jpg", "图 11.png", "图 2.png"]
    content = packed(
        {f"照片/{folder}/{name}": JPEG for folder in ("YF02", "QH01/A1", "QH01") for name in files} | {"x.xlsx": BOOK}
    )
    ordered = ["1.jpg", "2.jpg", "０３.jpg", "10.jpg", "a9.jpg", "a10.jpg", "B2.jpg", "图 2.png", "图 11.png"]
    assert names(read_parcel(content)) == [
        (project, unit_type, name)
        for project, unit_type in (("QH01", None), ("QH01", "A1"), ("YF02", None))
        for name in ordered
    ]


def test_numbers_of_thousands_of_digits_and_nothing_have_an_order_too() -> None:
    assert natural("1" * 9_999) < natural("2" * 9_999) < natural("1" * 10_000)
    assert natural("") < natural("0") < natural("00") < natural("1") < natural("a")
    assert sorted(["b", "a2b", "a", "a10", "a2"], key=natural) == ["a", "a2", "a2b", "a10", "b"]


@pytest.mark.parametrize("folder", ["配租包/", "配租包/第三批/"])
def test_everything_may_lie_in_a_folder(folder: str) -> None:
    content = packed({f"{folder}计划.xlsx": BOOK, f"{folder}照片/QH01/1.jpg": JPEG, f"{folder}公告.pdf": PDF})
    package = read_parcel(content)
    assert names(package) == [("QH01", None, "1.jpg")]
    assert package.notice_pdf == PDF


def test_workbook_may_lie_in_a_folder_with_or_without_the_rest() -> None:
    beside = packed({"工作簿/计划.xlsx": BOOK, "照片/QH01/1.jpg": JPEG, "公告.pdf": PDF})
    within = packed({"工作簿/计划.xlsx": BOOK, "工作簿/照片/QH01/1.jpg": JPEG, "公告.pdf": PDF})
    assert read_parcel(beside) == read_parcel(within)
    assert names(read_parcel(within)) == [("QH01", None, "1.jpg")]


def test_picture_may_be_called_by_its_format_only() -> None:
    content = packed({"x.xlsx": BOOK, "照片/QH01/.jpg": JPEG, "照片/QH01/ .png": PNG})
    assert names(read_parcel(content)) == [("QH01", None, " .png"), ("QH01", None, ".jpg")]


def test_folders_have_entries_of_their_own_or_not() -> None:
    folders = {"照片/": b"", "照片/QH01/": b"", "照片/空/": b"", "空/": b""}
    assert names(read_parcel(packed({"x.xlsx": BOOK, **folders, "照片/QH01/1.jpg": JPEG}))) == [("QH01", None, "1.jpg")]


def test_folders_may_be_written_in_another_case_or_width() -> None:
    content = packed({"x.xlsx": BOOK, " 照片/ｑｈ01 /a1/1.JPG": JPEG, "公告.PDF": PDF})
    assert names(read_parcel(content)) == [("QH01", "A1", "1.JPG")]


def test_codes_that_differ_only_in_case_are_told_apart() -> None:
    book = good()
    book["项目"].append(["qh01", "另一个", None, "别处"])
    content = packed({"x.xlsx": made(book), "照片/qh01/1.jpg": JPEG, "照片/QH01/2.jpg": PNG})
    assert names(read_parcel(content)) == [("QH01", None, "2.jpg"), ("qh01", None, "1.jpg")]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_without_a_word_of_their_encoding_are_understood(encoding: str) -> None:
    """Windows and WPS write GBK; the archiver of macOS writes UTF-8: neither says so."""
    name = "昞眀䶮.jpg"  # the second byte of 昞 in GBK is a backslash
    content = packed({"计划.xlsx": BOOK, f"照片/QH01/{name}": JPEG, "公告.pdf": PDF}, encoding=encoding)
    package = read_parcel(content)
    assert names(package) == [("QH01", None, name)]
    assert package.notice_pdf == PDF


def test_names_of_macos_are_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "café.jpg")
    content = packed({"计划.xlsx": BOOK, f"照片/QH01/{decomposed}": JPEG})
    assert names(read_parcel(content)) == [("QH01", None, "café.jpg")]


def test_litter_of_systems_and_office_is_passed_over() -> None:
    litter = [
        "__MACOSX/._计划.xlsx",
        "__MACOSX/照片/QH01/._1.jpg",
        ".DS_Store",
        "照片/.DS_Store",
        "照片/QH01/Thumbs.db",
        "照片/QH01/desktop.ini",
        "~$计划.xlsx",
        "照片/QH01/._1.jpg",
    ]
    content = packed({"计划.xlsx": BOOK, "照片/QH01/1.jpg": JPEG} | dict.fromkeys(litter, b"x"))
    assert names(read_parcel(content)) == [("QH01", None, "1.jpg")]


def test_picture_is_known_by_its_content_among_the_formats_allowed() -> None:
    content = packed({"计划.xlsx": BOOK, "照片/QH01/1.jpg": PNG, "照片/QH01/2.png": WEBP})
    assert [each.content for each in read_parcel(content).pictures] == [PNG, WEBP]


@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED])
def test_stored_and_deflated_files_are_the_same(method: int) -> None:
    content = packed({"计划.xlsx": BOOK, "照片/QH01/1.jpg": JPEG}, method=method)
    assert read_parcel(content).pictures[0].content == JPEG


def test_package_written_is_imported_unchanged() -> None:
    package = Package(
        screened_plan(),
        (
            PackagePicture("QH01", None, "1 大门.jpg", JPEG),
            PackagePicture("QH01", None, "2.png", PNG),
            PackagePicture("QH01", "A1", "1.webp", WEBP),
            PackagePicture("YF02", "A1", "café.jpg", JPEG),
        ),
        PDF,
    )
    content = write_package(package.plan, package.pictures, package.notice_pdf, FIELDS)
    assert read_parcel(content) == package
    assert read_parcel(write_package(package.plan, fields=FIELDS)) == Package(package.plan)


@pytest.mark.parametrize(
    "picture",
    [
        PackagePicture("QH02", None, "1.jpg", JPEG),
        PackagePicture("QH01", "B1", "1.jpg", JPEG),
        PackagePicture("QH01", None, "1.gif", JPEG),
        PackagePicture("QH01", None, "a/1.jpg", JPEG),
        PackagePicture("QH01", None, "..\\1.jpg", JPEG),
        PackagePicture("QH01", None, "._1.jpg", JPEG),
        PackagePicture("QH01", None, "长" * 252 + ".jpg", JPEG),
    ],
)
def test_picture_that_would_not_be_read_is_not_written(picture: PackagePicture) -> None:
    with pytest.raises(ValueError, match=r"no QH0|cannot be called"):
        write_package(good_plan(), [picture])


def test_two_pictures_of_one_name_are_not_written() -> None:
    picture = PackagePicture("QH01", None, "1.jpg", JPEG)
    with pytest.raises(ValueError, match="two pictures"):
        write_package(good_plan(), [picture, replace(picture, content=PNG)])


def test_picture_does_not_fill_the_log_when_it_is_shown() -> None:
    package = Package(good_plan(), (PackagePicture("QH01", None, "1.jpg", JPEG),), PDF)
    assert "\\x" not in repr(package)


def test_samples_are_packages_with_conditions_demands_and_the_pictures_given() -> None:
    pictures = (PackagePicture("QH01", None, "1.jpg", JPEG), PackagePicture("QH01", "A1", "1.jpg", PNG))
    haidian = haidian_plan(OPENS, CLOSES)
    package = read_parcel(sample_package(haidian, FIELDS, pictures, PDF))
    assert package == Package(haidian, pictures, PDF)
    assert [each.field for each in package.plan.conditions] == ["age", "insured_months", "yearly_income"]
    assert all(each.message in package.plan.notice_text for each in package.plan.conditions)
    chaoyang = chaoyang_plan(OPENS, CLOSES)
    assert read_parcel(sample_package(chaoyang, FIELDS)) == Package(chaoyang)
    assert chaoyang.demands == (("education", Demand.LEFT_OUT),)


def test_sample_for_another_form_leaves_out_what_that_does_not_ask() -> None:
    plan = read_package(sample_package(haidian_plan(OPENS, CLOSES), {}), {})
    assert isinstance(plan, Package)
    assert [each.field for each in plan.plan.conditions] == ["age"]
    assert plan.plan.demands == ()


def test_unicode_path_beside_a_name_in_gbk_does_no_harm() -> None:
    """WinRAR writes both (Info-ZIP extra field 0x7075)."""
    name = "照片/QH01/1.jpg"
    path = struct.pack("<BL", 1, crc32(name.encode("gb18030"))) + name.encode()
    extra = struct.pack("<HH", 0x7075, len(path)) + path
    content = packed({"计划.xlsx": BOOK, name: JPEG}, encoding="gb18030", extra=extra)
    assert names(read_parcel(content)) == [("QH01", None, "1.jpg")]
