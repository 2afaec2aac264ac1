"""The containers' life without an engine: what is asked of docker compose, passwords, and what a failure leaves."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from runbook import compose, dockerd, images, program
from runbook.errors import EnvironmentUnavailable

from .fake_program import Answer, FakeProgram, failure

CHOSEN = {service: images.Image(f"imagem-{service}:1", "debian") for service in compose.SERVICES}
UP = "docker compose --ansi never --project-name teste --progress quiet"
ASK = "docker compose --ansi never --project-name teste"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., FakeProgram]:
    """An engine with all images, and a private place for state; `engine(rules)` says how docker compose answers."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("COMPOSE_FILE", "outro.yml")
    monkeypatch.setattr(dockerd, "ensure", lambda _: None)
    monkeypatch.setattr(images, "resolve", lambda _: CHOSEN)

    def make(rules: dict[str, Answer | list[Answer]] | None = None) -> FakeProgram:
        fake = FakeProgram({**(rules or {}), "docker compose": ""})
        monkeypatch.setattr(program, "run", fake)
        return fake

    return make


def test_passwords_are_private_random_and_nowhere_else(engine: Callable[..., FakeProgram]) -> None:
    """Two files of 0600 in a folder of 0700; no command line and no variable holds a password."""
    fake = engine()
    assert compose.up("teste", lambda _: None) == CHOSEN
    folder = compose.state_folder("teste")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    passwords = [(folder / name).read_text() for name in compose.PASSWORDS]
    assert len(set(passwords)) == 2
    for name, password in zip(compose.PASSWORDS, passwords, strict=True):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
        assert re.fullmatch(r"[0-9a-f]{32}", password)
        assert password not in repr((fake.calls, fake.options))


def test_up_sets_the_variables_of_the_file(engine: Callable[..., FakeProgram]) -> None:
    """Compose is given the images and the folder of the passwords, and no COMPOSE_FILE of the caller's."""
    fake = engine()
    compose.up("teste", lambda _: None)
    environment = fake.options[-1]["environment"]
    assert environment["MYSQL_IMAGE"] == "imagem-mysql:1"
    assert environment["SECRETS"] == str(compose.state_folder("teste"))
    assert "COMPOSE_FILE" not in environment
    services = yaml.safe_load((compose.ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    needed = set(re.findall(r"\$\{(\w+)", str([services[name] for name in compose.SERVICES])))
    assert needed <= compose.variables("teste", CHOSEN).keys()


def test_containers_are_made_anew_only_with_new_passwords(engine: Callable[..., FakeProgram]) -> None:
    """The second start keeps what runs; one whose passwords were lost cannot be kept."""
    fake = engine()
    compose.up("teste", lambda _: None)
    compose.up("teste", lambda _: None)
    (compose.state_folder("teste") / "mysql_password").unlink()
    compose.up("teste", lambda _: None)
    assert ["--force-recreate" in line for line in fake.asked(UP)] == [True, False, True]


def test_ports_are_published_only_when_asked(engine: Callable[..., FakeProgram]) -> None:
    """The file with the ports is left out by default."""
    fake = engine()
    compose.up("teste", lambda _: None)
    compose.up("teste", lambda _: None, publish=True)
    assert ["docker-compose.ports.yml" in line for line in fake.asked(UP)] == [False, True]


def test_a_failed_start_shows_logs_and_leaves_nothing(engine: Callable[..., FakeProgram]) -> None:
    """Logs are read before everything is removed, and are part of the error, without compose's control characters."""
    fake = engine({UP: failure("container teste-mysql-1 exited (1)"), f"{ASK} logs": "\x1b[2Kmysql-1 | sem espaço\n"})
    with pytest.raises(EnvironmentUnavailable) as caught:
        compose.up("teste", lambda _: None)
    assert "exited (1)" in str(caught.value)
    assert str(caught.value).endswith("\nmysql-1 | sem espaço\n")
    assert [line.removeprefix(ASK).split()[0] for line in fake.calls[1:]] == ["logs", "down"]
    assert not compose.state_folder("teste").exists()


def test_an_interrupted_start_leaves_nothing(
    engine: Callable[..., FakeProgram], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the servers start removes them and stays a Ctrl-C."""
    fake = engine()

    def run(command: list[str], **options: object) -> str:
        if "up" in command:
            raise KeyboardInterrupt
        return fake(command, **options)

    monkeypatch.setattr(program, "run", run)
    with pytest.raises(KeyboardInterrupt):
        compose.up("teste", lambda _: None)
    assert [line for line in fake.calls if " down " in line]
    assert not compose.state_folder("teste").exists()


def test_the_first_error_is_told_when_cleaning_fails_too(engine: Callable[..., FakeProgram]) -> None:
    """An engine that died takes `down` with it; what it said first is what helps."""
    engine({UP: failure("primeiro erro"), ASK: failure("segundo erro")})
    with pytest.raises(EnvironmentUnavailable, match="primeiro erro"):
        compose.up("teste", lambda _: None)


def test_down_needs_neither_file_nor_passwords(engine: Callable[..., FakeProgram]) -> None:
    """It works from the folder /, by label, also twice and also when nothing was ever started."""
    fake = engine()
    compose.down("teste")
    compose.down("teste")
    assert fake.calls == [f"{ASK} down --volumes --remove-orphans --timeout 0"] * 2
    assert fake.options[0]["folder"] == Path("/")
    assert "COMPOSE_FILE" not in fake.options[0]["environment"]


def line_of(service: str, health: str, state: str = "running") -> str:
    """A line of `docker compose ps --format json`."""
    return (
        f'{{"Service": "{service}", "State": "{state}", "Health": "{health}", "Image": "i:1", "Publishers": '
        f'[{{"URL": "127.0.0.1", "PublishedPort": 32768}}, {{"URL": "", "PublishedPort": 0}}]}}\n'
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (line_of("toolbox", "") + line_of("mysql", "healthy") + line_of("postgres", "healthy"), True),
        (line_of("toolbox", "") + line_of("mysql", "starting") + line_of("postgres", "healthy"), False),
        (line_of("toolbox", "", "exited") + line_of("mysql", "healthy") + line_of("postgres", "healthy"), False),
        (line_of("mysql", "healthy") + line_of("postgres", "healthy"), False),
        ("", False),
    ],
)
def test_up_means_all_three_ready(lines: str, expected: bool, engine: Callable[..., FakeProgram]) -> None:
    """A service that is missing, stopped or not healthy yet cannot be used."""
    engine({f"{ASK} ps": lines})
    assert compose.is_up("teste") is expected


def test_without_an_engine_nothing_is_up(engine: Callable[..., FakeProgram]) -> None:
    """The question is answered, not refused."""
    engine({ASK: failure("Cannot connect to the Docker daemon")})
    assert compose.is_up("teste") is False


def test_status_names_published_addresses(engine: Callable[..., FakeProgram]) -> None:
    """Ports that are not published are left out."""
    engine({f"{ASK} ps": line_of("mysql", "healthy")})
    (service,) = compose.status("teste")
    assert service == compose.Service("mysql", "running", "healthy", "i:1", ("127.0.0.1:32768",))


def test_leftovers_of_every_kind_are_found(engine: Callable[..., FakeProgram]) -> None:
    """Containers, stopped ones too, volumes and networks, by the project's label."""
    fake = engine({"docker container": "a\nb\n", "docker volume": "", "docker network": "n\n"})
    assert compose.leftovers("teste") == ["container a", "container b", "network n"]
    assert all("label=com.docker.compose.project=teste" in line for line in fake.calls)
    assert "--all" in fake.calls[0]


@pytest.mark.parametrize("name", ["", "-x", "A", "../x", "a b", "a\n"])
def test_a_name_that_could_leave_the_state_folder_is_refused(name: str, engine: Callable[..., FakeProgram]) -> None:
    """The name becomes a folder that `down` removes."""
    fake = engine()
    for call in (compose.down, compose.status, compose.exec_prefix):
        with pytest.raises(EnvironmentUnavailable, match="nome do projeto"):
            call(name)
    assert fake.calls == []


def test_the_file_keeps_its_promises() -> None:
    """Nothing published, data in memory, health checks that run a query, the project mounted read-only."""
    services = yaml.safe_load((compose.ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    for name in compose.SERVICES:
        service = services[name]
        assert "ports" not in service
        assert service["tmpfs"]
        if name != "toolbox":
            assert "SELECT 1" in service["healthcheck"]["test"]
            assert "-h 127.0.0.1" in service["healthcheck"]["test"]
    assert ".:/manual:ro" in services["toolbox"]["volumes"]
    assert {"--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--log-bin=binlog"} <= set(services["mysql"]["command"])
    assert "wal_level=replica" in services["postgres"]["command"]
    published = yaml.safe_load((compose.ROOT / "docker-compose.ports.yml").read_text(encoding="utf-8"))["services"]
    for service in published.values():
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
