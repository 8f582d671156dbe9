"""Where a chat stands: a stack of frames and a revision. This is what is stored between two turns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DEPTH = 12  # more open flows than any path through the screens needs (10): reaching it is a mistake in a flow


@dataclass(slots=True)
class Frame:
    """One open flow: where it waits and what it must remember. ``data`` holds only strings: plain JSON."""

    flow: str
    state: str
    version: int
    data: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """A chat's conversation. The last frame is the one that talks.

    ``revision`` is raised by all that people do and all that moves the conversation, and stands in every button, so
    that a doubled tap or an old button is stale by construction. ``person_id``: who was signed in when it was last
    looked at.
    """

    chat_id: int
    language: str
    language_chosen: bool = False
    revision: int = 0
    frames: list[Frame] = field(default_factory=list)
    person_id: int | None = None

    @property
    def top(self) -> Frame:
        return self.frames[-1]

    def dump(self) -> dict[str, Any]:
        return {
            "language": self.language,
            "chosen": self.language_chosen,
            "revision": self.revision,
            "frames": [[frame.flow, frame.state, frame.version, frame.data] for frame in self.frames],
            "person": self.person_id,
        }

    @classmethod
    def load(cls, chat_id: int, stored: Mapping[str, Any]) -> Session:
        return cls(
            chat_id,
            stored["language"],
            stored["chosen"],
            stored["revision"],
            [Frame(flow, state, version, data) for flow, state, version, data in stored["frames"]],
            stored.get("person"),
        )
