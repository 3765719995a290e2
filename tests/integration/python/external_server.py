"""A pytest plugin: the fixtures of the peer's own integration tests, for a server that runs already.

Run with ``--noconftest``, so that the peer's fixtures, which start its server in a thread, stay out. The address
is in HISTSERV_TEST_ADDRESS; the outcome of each test function goes to the file HISTSERV_TEST_REPORT as JSON.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from histserv.client import Client

_RANK = {"passed": 0, "skipped": 1, "failed": 2}
_outcomes: dict[str, str] = {}


@dataclass(frozen=True)
class ExternalServer:
    address: str


@pytest.fixture
def grpc_server() -> ExternalServer:
    return ExternalServer(os.environ["HISTSERV_TEST_ADDRESS"])


@pytest.fixture
def client(grpc_server: ExternalServer) -> Iterator[Client]:
    with Client(grpc_server.address) as grpc_client:
        yield grpc_client


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A function is as good as the worst of its cases and phases."""
    name = report.nodeid.rsplit("::", 1)[-1].split("[", 1)[0]
    before = _outcomes.get(name, "passed")
    _outcomes[name] = max(before, report.outcome, key=_RANK.__getitem__)


def pytest_sessionfinish() -> None:
    with open(os.environ["HISTSERV_TEST_REPORT"], "w", encoding="utf-8") as file:
        json.dump(_outcomes, file)
