"""The engine: left alone when it answers, installed and started where possible, else an error with the way out."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from runbook import debian, dockerd, program
from runbook.errors import EnvironmentUnavailable

from .fake_program import FakeProgram, failure

DOWN = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
BOTH = "20.10.24 buildx compose\n"


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., FakeProgram]:
    """A machine without systemd and without an engine of its own; `machine(rules)` says how its programs answer."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(dockerd, "LOG", tmp_path / "dockerd.log")
    monkeypatch.setattr(dockerd, "SYSTEMD", tmp_path / "systemd")
    monkeypatch.setattr(dockerd, "PROC", tmp_path / "proc")
    files = {name: tmp_path / f"{name}.pid" for name in dockerd.PID_FILES}
    monkeypatch.setattr(dockerd, "PID_FILES", files)
    monkeypatch.setattr(dockerd, "POLL", 0.01)
    monkeypatch.setattr(dockerd, "DEATH_WATCH", 0.05)
    monkeypatch.setattr(dockerd, "READY_LIMIT", 0.3)

    def make(rules: dict[str, object], obstacle: str | None = None, *, has_engine: bool = True) -> FakeProgram:
        fake = FakeProgram(rules)  # type: ignore[arg-type]
        monkeypatch.setattr(program, "run", fake)
        monkeypatch.setattr(debian, "obstacle", lambda: obstacle)
        monkeypatch.setattr("shutil.which", lambda *_, **__: "/usr/sbin/dockerd" if has_engine else None)
        return fake

    return make


def process(tmp_path: Path, pid: int, name: str) -> None:
    """A process in the machine's /proc."""
    (tmp_path / "proc" / str(pid)).mkdir(parents=True)
    (tmp_path / "proc" / str(pid) / "comm").write_text(f"{name}\n")


def test_an_engine_that_answers_is_left_alone(machine: Callable[..., FakeProgram]) -> None:
    """One call, nothing said, nothing installed."""
    fake = machine({"docker info": BOTH})
    said: list[str] = []
    dockerd.ensure(said.append)
    assert len(fake.calls) == 1
    assert said == []


def test_a_client_of_2010_without_engine_is_not_taken_for_one(machine: Callable[..., FakeProgram]) -> None:
    """That client exits 0 and prints its plugins though nothing answers."""
    machine(
        {"docker info": " buildx compose\n", "docker version": failure(DOWN), "docker": ""},
        obstacle="instalar pacotes exige root",
    )
    with pytest.raises(EnvironmentUnavailable, match="exige root"):
        dockerd.ensure(print)


def test_without_root_the_error_says_what_to_do(machine: Callable[..., FakeProgram]) -> None:
    """The message holds the reason, what to install, and what can be done without."""
    machine({"docker": failure(DOWN)}, obstacle="este sistema não é Debian nem Ubuntu")
    with pytest.raises(EnvironmentUnavailable) as caught:
        dockerd.ensure(print)
    for part in ("Cannot connect", "não é Debian", "Compose v2 e buildx", "make demo"):
        assert part in str(caught.value)


def test_an_engine_that_refuses_this_user_is_not_replaced(machine: Callable[..., FakeProgram]) -> None:
    """Access is a matter of groups, so nothing is installed and the cure is named."""
    fake = machine({"docker": failure("permission denied while trying to connect to the Docker daemon socket")})
    with pytest.raises(EnvironmentUnavailable, match="usermod -aG docker"):
        dockerd.ensure(print)
    assert fake.asked("apt-get") == []


def test_docker_host_that_does_not_answer(machine: Callable[..., FakeProgram], monkeypatch: pytest.MonkeyPatch) -> None:
    """A person chose an engine elsewhere: no other one is installed in its place."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    fake = machine({"docker": failure(DOWN)})
    with pytest.raises(EnvironmentUnavailable, match="DOCKER_HOST"):
        dockerd.ensure(print)
    assert fake.asked("apt-get") == []


def test_a_bare_debian_12(machine: Callable[..., FakeProgram], monkeypatch: pytest.MonkeyPatch) -> None:
    """The client alone is there: engine from its own release, plugins from the next one, started, each step said."""
    fetched: list[tuple[str, list[str]]] = []

    def fetch(suite: str, packages: list[str], _: Path) -> list[Path]:
        fetched.append((suite, packages))
        return [Path("/x/a.deb")]

    monkeypatch.setattr(debian, "fetch", fetch)
    fake = machine(
        {
            "docker info": [failure(DOWN), BOTH],
            "docker version": [failure(DOWN), failure(DOWN), "20.10.24\n"],
            "docker compose": failure("unknown command"),
            "docker buildx": failure("unknown command"),
            "apt-get": "",
            "apt-cache policy docker-cli": "",
            "apt-cache policy docker-compose-v2": "",
            "apt-cache policy docker-compose": "docker-compose:\n  Installed: (none)\n  Candidate: 1.29.2-3\n",
            "setsid --fork dockerd": "",
        },
        has_engine=False,
    )
    said: list[str] = []
    dockerd.ensure(said.append)
    installed = [line.split(" install ")[1] for line in fake.asked("apt-get") if " install " in line]
    assert installed == ["docker.io iptables", "/x/a.deb"]
    assert fetched == [("trixie", ["docker-compose", "docker-buildx"])]
    assert len(said) == 4
    assert all(line.startswith("Docker: ") for line in said)


def test_ubuntu_has_the_plugins_itself(machine: Callable[..., FakeProgram]) -> None:
    """Where docker-compose-v2 exists it is taken, and nothing comes from another release."""
    fake = machine(
        {
            "docker info": [failure(""), BOTH],
            "docker version": "27.5\n",
            "docker compose": failure("unknown command"),
            "docker buildx": "",
            "apt-get": "",
            "apt-cache policy docker-compose-v2": "  Candidate: 2.37\n",
            "apt-cache policy docker-compose": "  Candidate: 1.29\n",
        }
    )
    dockerd.ensure(lambda _: None)
    assert any(line.endswith("install docker-compose-v2 docker-buildx") for line in fake.calls)
    assert fake.asked("setsid") == []


def test_the_engine_gets_no_secret_and_no_pipe(
    machine: Callable[..., FakeProgram], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It outlives us: its environment is PATH and proxies, its output is the log file."""
    monkeypatch.setenv("TOKEN", "segredo")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    fake = machine(
        {
            "docker info": [failure(DOWN), BOTH],
            "docker version": [failure(DOWN), failure(DOWN), "20.10.24\n"],
            "docker": "",
            "setsid": "",
        }
    )
    dockerd.ensure(lambda _: None)
    options = fake.options[fake.calls.index("setsid --fork dockerd")]
    assert options["environment"].keys() == {"PATH", "HTTPS_PROXY"}
    assert options["log"] == dockerd.LOG


def test_pid_files_of_the_dead_are_removed(machine: Callable[..., FakeProgram], tmp_path: Path) -> None:
    """The number in them may be another program's by now, and then dockerd would refuse to start."""
    process(tmp_path, 41, "bash")
    for file in dockerd.PID_FILES.values():
        file.write_text("41\n")
    machine(
        {
            "docker info": [failure(DOWN), BOTH],
            "docker version": [failure(DOWN), failure(DOWN), "20.10.24\n"],
            "docker": "",
            "setsid": "",
        }
    )
    dockerd.ensure(lambda _: None)
    assert not any(file.exists() for file in dockerd.PID_FILES.values())


def test_an_engine_that_is_starting_is_waited_for(machine: Callable[..., FakeProgram], tmp_path: Path) -> None:
    """Somebody else has started it: its pid file stays, and no second one is started."""
    process(tmp_path, 41, "dockerd")
    dockerd.PID_FILES["dockerd"].write_text("41")
    fake = machine(
        {
            "docker info": [failure(DOWN), BOTH],
            "docker version": [failure(DOWN), failure(DOWN), failure(DOWN), "20.10.24\n"],
            "docker": "",
        }
    )
    dockerd.ensure(lambda _: None)
    assert fake.asked("setsid") == []
    assert dockerd.PID_FILES["dockerd"].exists()


def test_an_engine_that_dies_is_told_with_its_log(machine: Callable[..., FakeProgram]) -> None:
    """The error names the log file and shows its end, without waiting for the whole limit."""
    fake = machine({"docker info": failure(DOWN), "docker version": failure(DOWN), "docker": "", "setsid": ""})
    dockerd.LOG.write_text("um\nfailed to start daemon: cgroups\n")
    with pytest.raises(EnvironmentUnavailable, match="terminou logo ao iniciar") as caught:
        dockerd.ensure(lambda _: None)
    assert str(dockerd.LOG) in str(caught.value)
    assert "cgroups" in str(caught.value)
    assert fake.asked("setsid")


def test_systemd_starts_its_own_service(machine: Callable[..., FakeProgram], tmp_path: Path) -> None:
    """Where systemd runs the machine, the engine is its service and not ours."""
    (tmp_path / "systemd").mkdir()
    fake = machine(
        {
            "docker info": [failure(DOWN), BOTH],
            "docker version": [failure(DOWN), "20.10.24\n"],
            "docker": "",
            "systemctl": "",
        }
    )
    dockerd.ensure(lambda _: None)
    assert fake.asked("systemctl") == ["systemctl start docker"]


@pytest.mark.parametrize(
    ("release", "root", "expected"),
    [
        ("ID=debian\n", True, None),
        ("ID=ubuntu\nID_LIKE=debian\n", True, None),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', True, None),
        ("ID=debian\n", False, "root"),
        ("ID=fedora\n", True, "não é Debian nem Ubuntu"),
    ],
)
def test_where_packages_can_be_installed(
    release: str, root: bool, expected: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Debian, Ubuntu and their children, as root."""
    monkeypatch.setattr(debian, "OS_RELEASE", tmp_path / "os-release")
    (tmp_path / "os-release").write_text(release)
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)
    reason = debian.obstacle()
    assert (reason is None) if expected is None else (reason is not None and expected in reason)


def test_the_archive_is_the_machines_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the security archive nor another publisher's is taken for Debian's."""
    listing = (
        "Docker|Docker CE|stable|https://outro.invalid/\n"
        "Debian|Debian-Security|main|http://espelho.invalid/debian-security/\n"
        "Debian|Debian|contrib|http://espelho.invalid/contrib/\n"
        "Debian|Debian|main|http://espelho.invalid/debian/\n"
    )
    monkeypatch.setattr(program, "run", FakeProgram({"apt-get indextargets": listing}))
    assert debian.archive() == "http://espelho.invalid/debian/"
    monkeypatch.setattr(program, "run", FakeProgram({"apt-get indextargets": "Ubuntu|Ubuntu|main|http://u.invalid/\n"}))
    with pytest.raises(EnvironmentUnavailable, match="POSTGRES_IMAGE"):
        debian.archive()


def test_fetch_leaves_the_machines_apt_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Source, lists and cache of the other release are all in the folder given."""
    fake = FakeProgram({"apt-get indextargets": "Debian|Debian|main|http://espelho.invalid/debian/\n", "apt-get": ""})
    monkeypatch.setattr(program, "run", fake)
    (tmp_path / "a.deb").touch()
    assert debian.fetch("trixie", ["a"], tmp_path) == [tmp_path / "a.deb"]
    assert (tmp_path / "source.list").read_text().endswith("http://espelho.invalid/debian/ trixie main\n")
    for line in fake.calls[1:]:
        assert f"Dir::Etc::SourceList={tmp_path}" in line
        assert "Dir::Etc::SourceParts=/dev/null" in line
        assert f"Dir::State::Lists={tmp_path}" in line
