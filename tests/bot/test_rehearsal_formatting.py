"""HTML as Telegram reads it."""

import pytest

from bot.rehearsal.errors import Refusal
from bot.rehearsal.formatting import finish, read_html, utf16_length


def read(source: str) -> tuple[str, list[tuple[str, int, int]]]:
    text, entities = finish(*read_html(source))
    return text, [(entity["type"], entity["offset"], entity["length"]) for entity in entities]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("<b>x</b>", "bold"),
        ("<strong>x</strong>", "bold"),
        ("<i>x</i>", "italic"),
        ("<em>x</em>", "italic"),
        ("<u>x</u>", "underline"),
        ("<ins>x</ins>", "underline"),
        ("<s>x</s>", "strikethrough"),
        ("<strike>x</strike>", "strikethrough"),
        ("<del>x</del>", "strikethrough"),
        ('<span class="tg-spoiler">x</span>', "spoiler"),
        ("<tg-spoiler>x</tg-spoiler>", "spoiler"),
        ('<a href="https://example.org/">x</a>', "text_link"),
        ("<code>x</code>", "code"),
        ("<pre>x</pre>", "pre"),
        ("<blockquote>x</blockquote>", "blockquote"),
        ("<blockquote expandable>x</blockquote>", "expandable_blockquote"),
        ('<tg-emoji emoji-id="5368324170671202286">x</tg-emoji>', "custom_emoji"),
        ('<tg-time unix="1647531900" format="wDT">x</tg-time>', "date_time"),
        ("<B>x</B>", "bold"),
        ("<b>x</>", "bold"),
    ],
)
def test_each_tag_makes_its_entity(source: str, kind: str) -> None:
    assert read(source) == ("x", [(kind, 0, 1)])


def test_offsets_count_utf16_units() -> None:
    assert read("😀<b>𠮷野</b>家") == ("😀𠮷野家", [("bold", 2, 3)])
    assert utf16_length("😀a") == 3


def test_nested_tags_come_outer_first_and_empty_ones_not_at_all() -> None:
    assert read("<b>一<i>二</i></b><u></u>") == ("一二", [("bold", 0, 2), ("italic", 1, 1)])


def test_references_are_read_and_unknown_ones_left() -> None:
    assert read("&lt;b&gt; &amp;amp; &quot;&#21271;&#x4eac;&nbsp;") == ('<b> &amp; "北京&nbsp;', [])


def test_pre_takes_the_language_of_its_code() -> None:
    _, entities = read_html('<pre><code class="language-python">x</code></pre>')
    assert entities == [{"type": "pre", "offset": 0, "length": 1, "language": "python"}]
    _, entities = read_html('<code class="language-python">x</code>')
    assert entities == [{"type": "code", "offset": 0, "length": 1}]


def test_blank_ends_are_cut_and_entities_with_them() -> None:
    assert read(" \n<b> 甲 </b>\n ") == ("甲", [("bold", 0, 1)])
    assert read("<b> </b>") == ("", [])


def test_commands_links_and_mentions_are_recognised_outside_of_code() -> None:
    text = "/start 见 https://example.org/a?b=1，或 @anju_bot a@example.org <code>/plans</code> 1/2"
    assert [(kind, start) for kind, start, _ in read(text)[1]] == [
        ("bot_command", 0), ("url", 9), ("mention", 37), ("email", 47), ("code", 61),
    ]  # fmt: skip


def test_control_characters_and_carriage_returns_go() -> None:
    assert read("a\x00b\r\nc") == ("a b\nc", [])


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("<div>", 'Unsupported start tag "div" at byte offset 0'),
        ("甲 < 乙", 'Unsupported start tag "" at byte offset 4'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<tg-emoji emoji-id="x">x</tg-emoji>', "Invalid custom emoji identifier specified"),
        ("<tg-time>x</tg-time>", "Invalid Unix time specified"),
        ('<tg-time unix="1" format="rT">x</tg-time>', "Invalid date-time format specified"),
        ("<a =>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
    ],
)
def test_what_cannot_be_read_is_refused(source: str, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_html(source)
    assert refused.value.code == 400
    assert refused.value.description == f"Bad Request: can't parse entities: {sentence}"


def test_a_link_without_address_is_just_its_text() -> None:
    assert read("<a>甲</a>") == ("甲", [])


def test_a_quoted_bracket_does_not_end_a_tag() -> None:
    _, entities = read_html("<a href='https://example.org/?a>b'>x</a>")
    assert entities[0]["url"] == "https://example.org/?a>b"
