"""Anju's command line. Exit codes: 0 stopped in order, 2 wrong settings (each is named), 1 anything else."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sqlite3
import sys
from pathlib import Path

from bot import logs, settings
from bot.app import import_alone, run
from bot.control import SOCKET, AlreadyRunning, Reply, ask
from bot.rehearsal.demo import rehearse
from bot.settings import Settings, WrongSettings


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="main.py", description="Anju (安居): public rental housing, as a chat.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("run", help="run the bot (the default); settings come from ANJU_… in the environment")
    demo = commands.add_parser("demo", help="rehearse with a played Telegram in the browser: no token, no internet")
    demo.add_argument("--port", type=int, default=8750, help="where the page is served (default %(default)s)")
    demo.add_argument("--data", type=Path, help="folder to keep the rehearsal in (default: a new one, thrown away)")
    bring = commands.add_parser("import", help="bring a plan's workbook in (.xlsx)")
    bring.add_argument("file", type=Path)
    bring.add_argument("--publish", action="store_true", help="and publish the plan at once")
    commands.add_parser("check", help="say whether the settings are right, and stop")
    given = parser.parse_args(arguments)
    if given.command == "demo":
        return asyncio.run(rehearse(port=given.port, data=given.data))
    try:
        found = settings.load(os.environ, to_run=given.command != "import")
    except WrongSettings as wrong:
        print(*settings.lines(wrong), sep="\n", file=sys.stderr)
        return 2
    if given.command == "check":
        print("The settings are right.")
        return 0
    logs.set_up(found.log)
    try:
        if given.command == "import":
            return _import(found, given.file, publish=given.publish)
        return asyncio.run(run(found))
    except AlreadyRunning as running:
        print(f"Another process ({running.pid}) works on {found.data}.", file=sys.stderr)
    except (ValueError, RuntimeError, OSError, sqlite3.Error) as error:
        logging.getLogger("main").critical("cannot go on", extra={"kind": type(error).__name__})
        print(error, file=sys.stderr)
    return 1


def _import(found: Settings, file: Path, *, publish: bool) -> int:
    """Handed to the running bot, or done here when none runs."""

    request = {"command": "import", "file": str(file.resolve()), "publish": publish}

    async def bring_in() -> Reply:
        reply = await ask(found.data / SOCKET, request)
        return reply if reply is not None else await import_alone(found, file, publish=publish)

    reply = asyncio.run(bring_in())
    print(*reply.lines, sep="\n", file=sys.stdout if reply.ok else sys.stderr)
    return 0 if reply.ok else 1


if __name__ == "__main__":
    sys.exit(main())
