"""What the tests share: where the runbooks are, the sandboxes, and a loud word about what could not be run.

Containers come up through pytest-docker, once, and only when a test asks for them; when a service does not come up,
its logs are in the error and nothing stays behind. Where there is no engine the tests that need one are skipped with
the reason, counted at the end, and with CI=true that is a failure.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from runbook import compose, containers, dockerd, sandbox, site
from runbook.chromium import obstacle, opened
from runbook.containers import Docker
from runbook.embedded import Embedded

from . import browser

ROOT = Path(__file__).parents[1]
PROJECT = f"{containers.PROJECT}-pytest"  # a name of its own, so that a sandbox that is up is left alone


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options of the runbook tests."""
    group = parser.getgroup("runbooks")
    group.addoption("--runbooks", type=Path, default=ROOT / "runbooks", help="folder of the runbooks to test")
    group.addoption("--sandbox", choices=sandbox.KINDS, help="run the runbooks only there")
    group.addoption(
        "--all-runners", action="store_true", help="carry out every runbook in every way, which takes hours"
    )


def pytest_configure() -> None:
    """Takes Ctrl-C even where whoever started us ignores it: some tests send it to what they start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Whoever asks for the containers is marked, so that `-m "not docker"` leaves out all of them and nothing else."""
    if "docker_ready" in getattr(item, "fixturenames", ()):
        item.add_marker(pytest.mark.docker)


@pytest.fixture(scope="session")
def docker_compose_file() -> list[str]:
    """The project's own file, for pytest-docker."""
    return [str(ROOT / "docker-compose.yml")]


@pytest.fixture(scope="session")
def docker_compose_project_name() -> str:
    """The same for pytest-docker and for us."""
    return PROJECT


@pytest.fixture(scope="session")
def docker_setup() -> list[str]:
    """Nothing for pytest-docker to start: the engine, the images and the passwords have to be made first."""
    return []


@pytest.fixture(scope="session")
def docker_cleanup() -> list[str]:
    """What pytest-docker runs at the end, whatever happened."""
    return ["down --volumes --remove-orphans --timeout 0"]


@pytest.fixture(scope="session")
def docker_ready(pytestconfig: pytest.Config) -> None:
    """Skips with the reason where there is no engine; `make test` has installed one by now where that is possible."""
    if not dockerd.available():
        pytestconfig.stash[_WITHOUT_ENGINE] = True
        pytest.skip("sem Docker")


@pytest.fixture(scope="session")
def docker_sandbox(
    docker_ready: None, monkeypatch_session: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Docker]:
    """The containers, up; pytest-docker follows them, and at the end nothing of them is left."""
    chosen = compose.up(PROJECT, lambda _: None)  # on failure: logs in the error, everything removed
    try:
        for name, value in compose.variables(PROJECT, chosen).items():
            monkeypatch_session.setenv(name, value)
        request.getfixturevalue("docker_services")
        yield Docker(lambda _: None, PROJECT)
    finally:
        remove(PROJECT)


def remove(project: str) -> None:
    """Takes a project down and proves that nothing of it is left, the files of its locks included."""
    compose.down(project)
    assert compose.leftovers(project) == []
    folder = compose.state_folder(project)
    for lock in folder.parent.glob(f"{folder.name}.*"):
        lock.unlink()


@pytest.fixture(scope="session")
def monkeypatch_session() -> Iterator[pytest.MonkeyPatch]:
    """Environment variables for the whole session."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="session")
def embedded_sandbox() -> Iterator[Embedded]:
    """The embedded PostgreSQL, running."""
    with Embedded(print) as place:
        yield place


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> Iterator[Browser]:
    """The browser of all tests of pages; each test opens contexts of its own."""
    if reason := obstacle():
        pytestconfig.stash[_WITHOUT_ENGINE] = True
        pytest.skip(reason)
    with opened() as found:
        yield found


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the whole site, built once."""
    return site.build(ROOT, tmp_path_factory.mktemp("site") / "site")


@pytest.fixture(scope="session")
def site_url(built_site: Path) -> Iterator[str]:
    """Where that site is served, without the last `/`."""
    with browser.served(built_site) as address:
        yield address


_WITHOUT_ENGINE = pytest.StashKey[bool]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says loudly what was not run, and how to get it."""
    missed = [r for r in terminalreporter.stats.get("skipped", []) if "sem Docker" in str(r.longrepr)]
    if missed:
        terminalreporter.section("NÃO EXECUTADO", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(missed)} testes precisam de contêineres e NÃO foram executados.")
        terminalreporter.line(
            "Instale e inicie o Docker com Compose v2 e buildx; em Debian ou Ubuntu, como root, `make test` o faz."
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a test that was left out is a failure."""
    if os.environ.get("CI") == "true" and session.config.stash.get(_WITHOUT_ENGINE, False):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
