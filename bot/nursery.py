"""Supervised tasks: nothing runs in the background without somebody who notices how it ends."""

import asyncio
import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.logs import place_of

Result = TypeVar("Result")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """An essential task that ended as it should not have. `where` is file:line, never the words of the exception."""

    task: str
    kind: str
    where: str


class Nursery:
    """Starts tasks and watches over them.

    An *essential* task that raises, or is cancelled by anybody but this nursery, sets `failed`: the program is then to
    stop and exit with 1. The end of any other task by an exception is logged. Logged are the kind of the exception and
    the place, never its message, which may quote what a person typed.
    """

    def __init__(self, deadline: float = 10.0) -> None:
        """`deadline`: the seconds `stop` gives tasks for their `finally` clauses."""
        self.failed = asyncio.Event()
        self.failure: Failure | None = None
        self._deadline = deadline
        self._tasks: dict[asyncio.Task[Any], bool] = {}
        self._stopping = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def start(
        self, coroutine: Coroutine[Any, Any, Result], name: str, *, essential: bool = False
    ) -> asyncio.Task[Result]:
        """Run `coroutine` as a task. Raises RuntimeError once the nursery is stopping."""
        if self._stopping:
            coroutine.close()
            raise RuntimeError(f"the nursery is stopping, {name} was not started")
        task = asyncio.create_task(coroutine, name=name)  # noqa: TID251
        self._tasks[task] = essential
        task.add_done_callback(self._ended)
        return task

    async def end(self, task: asyncio.Task[Any]) -> None:
        """Cancel one task and wait, within the deadline, until it is gone. This is no failure, essential or not."""
        if task in self._tasks:
            self._tasks[task] = False
        task.cancel()
        await self._wait({task})

    async def stop(self) -> None:
        """Cancel every task and wait, within the deadline, until all are gone; name in the log those that are not."""
        self._stopping = True
        tasks = {task for task in self._tasks if task is not asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await self._wait(tasks)

    async def _wait(self, tasks: set[asyncio.Task[Any]]) -> None:
        if not tasks:
            return
        _, left = await asyncio.wait(tasks, timeout=self._deadline)
        for task in left:
            log.error("task did not end in time", extra={"task": task.get_name()})

    def _ended(self, task: asyncio.Task[Any]) -> None:
        essential = self._tasks.pop(task)
        if task.cancelled():
            if essential and not self._stopping:
                self._fail(Failure(task.get_name(), "CancelledError", "-"))
            return
        error = task.exception()
        if error is None:
            return
        failure = Failure(task.get_name(), type(error).__name__, place_of(error))
        if essential:
            self._fail(failure)
        else:
            log.error(
                "task ended by an exception",
                extra={"task": failure.task, "kind": failure.kind, "where": failure.where},
            )

    def _fail(self, failure: Failure) -> None:
        log.critical("essential task ended", extra={"task": failure.task, "kind": failure.kind, "where": failure.where})
        if self.failure is None:
            self.failure = failure
        self.failed.set()
