"""Reads XML from outside as a stream of facts, without building a tree, and never with a document type.

All attacks by entities (billion laughs, quadratic blow-up, external files) need a DOCTYPE; spreadsheets have none.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from xml.parsers.expat import ExpatError, ParserCreate

from bot.jobs.workbook.safety import Archive, RefusedError


def read_markup(
    archive: Archive,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Call ``start`` (name, attributes), ``end`` (name) and ``text`` as they come; names are without namespaces.

    Raises ``RefusedError`` for a part that is not there, is not well-formed, has a DOCTYPE or is too much.
    """

    def started(name: str, attributes: dict[str, str]) -> None:
        archive.count_element()
        start(_local(name), {_local(key): value for key, value in attributes.items()})

    def doctype(_name: str, _system: str | None, _public: str | None, _internal: bool) -> None:
        raise RefusedError("damaged")

    # Excel and WPS write UTF-8; taking the document's word would hand the choice of a codec to a stranger
    parser = ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = started
    if end is not None:
        ended = end
        parser.EndElementHandler = lambda name: ended(_local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    try:
        # in one piece: fed in many, old versions of expat read a long token again from its start for each
        parser.Parse(archive.read(part), True)
    except ExpatError as error:
        raise RefusedError("damaged") from error


@lru_cache(maxsize=1_024)
def _local(name: str) -> str:
    return name.rpartition(" ")[2]
