"""The telling bot in a process that may be killed and started again at once: what takes time, imports, is done once.

Standard input: a line of JSON for each run, with the settings and where templates and log are. Standard output: the
process id of the run, then how it ended.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import orjson

from bot import logs
from tests.journeys.telling import telling_app, without_helpers


async def run(order: dict[str, Any]) -> int:
    app = telling_app(order["environ"], Path(order["templates"]))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.stopping.set)
    return await app.run()


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            order = orjson.loads(line)
            with Path(order["log"]).open("a") as log, without_helpers():
                logs.set_up(stream=log)
                code = asyncio.run(run(order))
            os._exit(code)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
