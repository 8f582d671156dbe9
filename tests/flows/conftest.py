"""One database for all tests of the flows; what a test does in it is taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from storage.database import connect, migrate
from storage.vault import MasterKey, Vault
from tests.flows.stage import Chat, Stage


@dataclass(frozen=True, slots=True)
class House:
    connection: sqlite3.Connection
    vault: Vault

    @contextmanager
    def stage(self, seed: int = 0) -> Iterator[Stage]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield Stage(self.connection, self.vault, seed)
        finally:
            self.connection.execute("ROLLBACK")


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    connection = connect(tmp_path_factory.mktemp("flows") / "anju.sqlite3")
    migrate(connection)
    keys = sqlite3.connect(":memory:", isolation_level=None)
    Vault.prepare(keys)
    with Vault(MasterKey.random(), keys) as vault:
        yield House(connection, vault)
    connection.close()


@pytest.fixture
def stage(house: House) -> Iterator[Stage]:
    with house.stage() as stage:
        yield stage


@pytest.fixture
def chat(stage: Stage) -> Chat:
    """Somebody who has never written before."""
    return stage.chat()
