"""The three images: which one is taken, when a registry is asked, and what makes an image of ours a new one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from runbook import debian, images, prisma, program
from runbook.errors import EnvironmentUnavailable
from runbook.images import Image

from .fake_program import Answer, FakeProgram, failure

NO_HOST = failure("dial tcp: lookup: no such host")
SILENT = failure("", None, timed_out=True)


def ours(major: int = 17) -> dict[str, str]:
    """The names of our images as they have to be now."""
    return {service: f"manual-migrations-{service}:{images.key(service, major)}" for service in images.VARIABLES}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeProgram]:
    """An engine; `engine(images that it has, more rules)` says how it answers. No variable names an image."""
    for name in (*images.VARIABLES.values(), "PG_MAJOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(debian, "obstacle", lambda: None)

    def make(present: Sequence[str] = (), rules: dict[str, Answer | list[Answer]] | None = None) -> FakeProgram:
        fake = FakeProgram({**(rules or {}), "docker image ls": "\n".join(present), "docker buildx": ""})
        monkeypatch.setattr(program, "run", fake)
        return fake

    return make


def test_nothing_is_asked_when_ours_are_there(engine: Callable[..., FakeProgram]) -> None:
    """The warm start of a machine without a registry: one look at what the engine has, not a word said."""
    fake = engine(ours().values())
    said: list[str] = []
    assert images.resolve(said.append) == {service: Image(name, "debian") for service, name in ours().items()}
    assert len(fake.calls) == 1
    assert said == []


def test_official_images_that_are_there_come_first(engine: Callable[..., FakeProgram]) -> None:
    """No registry is asked for what the engine has already."""
    fake = engine([*ours().values(), "postgres:17", "mysql:9.7"])
    chosen = images.resolve(print)
    assert chosen["postgres"] == Image("postgres:17", "oficial")
    assert chosen["mysql"] == Image("mysql:9.7", "oficial")
    assert chosen["toolbox"].kind == "debian"
    assert fake.asked("docker pull") == []


def test_official_images_are_pulled_where_a_registry_answers(engine: Callable[..., FakeProgram]) -> None:
    """Only the toolbox is then built, on Debian's official image."""
    fake = engine((), {"docker pull": ""})
    chosen = images.resolve(lambda _: None)
    assert [chosen[service].kind for service in ("postgres", "mysql", "toolbox")] == ["oficial", "oficial", "debian"]
    assert [line.split()[-1] for line in fake.asked("docker pull")] == [
        "postgres:17",
        "mysql:9.7",
        "debian:trixie-slim",
    ]
    assert all(fake.options[fake.calls.index(line)]["answer_within"] <= 15 for line in fake.asked("docker pull"))


def test_a_registry_that_says_no_to_one_is_asked_for_the_next(engine: Callable[..., FakeProgram]) -> None:
    """A missing tag says nothing about other images."""
    engine((), {"docker pull mysql": failure("manifest unknown"), "docker pull": ""})
    chosen = images.resolve(lambda _: None)
    assert [chosen[service].kind for service in ("postgres", "mysql", "toolbox")] == ["oficial", "debian", "debian"]


def test_a_silent_registry_is_asked_once(engine: Callable[..., FakeProgram]) -> None:
    """Fifteen seconds are waited once and not for each image."""
    fake = engine(["manual-migrations-base:trixie"], {"docker pull": SILENT})
    images.resolve(lambda _: None)
    assert len(fake.asked("docker pull")) == 1


def plan_of(fake: FakeProgram, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Resolve, and give what `docker buildx bake` was told to do: its file is gone afterwards."""
    plans: list[dict[str, Any]] = []

    def run(command: Sequence[str], **options: Any) -> str:
        if "bake" in command:
            plans.append(json.loads(Path(command[-1]).read_text(encoding="utf-8")))
        return fake(command, **options)

    monkeypatch.setattr(program, "run", run)
    images.resolve(lambda _: None)
    (plan,) = plans
    return plan


def test_without_registry_a_base_is_made_and_all_three_built(
    engine: Callable[..., FakeProgram], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The base takes the machine's own archive, and the builder is the one that sees the imported base."""
    archive = "Debian|Debian|main|http://espelho.invalid/debian/\n"
    rest = {"apt-get": "", "debootstrap": "", "tar": "", "docker import": ""}
    fake = engine((), {"docker pull": NO_HOST, "apt-get indextargets": archive, **rest})
    plan = plan_of(fake, monkeypatch)
    (made,) = fake.asked("debootstrap")
    assert made.endswith("http://espelho.invalid/debian/")
    assert plan["target"].keys() == set(images.VARIABLES)
    for service, target in plan["target"].items():
        assert target["tags"] == [ours()[service]]
        assert target["args"]["BASE_IMAGE"] == "manual-migrations-base:trixie"
    assert "--builder default" in fake.asked("docker buildx bake")[0]


def test_without_registry_and_without_debian_the_way_out_is_named(
    engine: Callable[..., FakeProgram], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no base can be had the error names the variables."""
    engine((), {"docker pull": NO_HOST})
    monkeypatch.setattr(debian, "obstacle", lambda: "este sistema não é Debian nem Ubuntu")
    with pytest.raises(EnvironmentUnavailable, match="MYSQL_IMAGE"):
        images.resolve(lambda _: None)


def test_a_proxy_reaches_the_build_but_no_command_line(
    engine: Callable[..., FakeProgram], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its address may hold a password."""
    monkeypatch.setenv("https_proxy", "http://eu:segredo@proxy:3128")
    fake = engine(["debian:trixie-slim"], {"docker pull": NO_HOST})
    plan = plan_of(fake, monkeypatch)
    assert plan["target"]["toolbox"]["args"]["https_proxy"].startswith("http://eu:segredo@")
    assert not any("segredo" in line for line in fake.calls)


def test_a_variable_wins_and_the_clients_follow_its_version(
    engine: Callable[..., FakeProgram], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The toolbox gets the client of the server's version, from sid when Debian 13 has none so new."""
    monkeypatch.setenv("POSTGRES_IMAGE", "postgres:latest")
    monkeypatch.setenv("MYSQL_IMAGE", "exemplo.invalid/mysql:8.4")
    has = {"docker image inspect --format ok": "ok\n", "docker image inspect": "PATH=/bin\nPG_MAJOR=18\n"}
    fake = engine(["debian:trixie-slim"], has)
    plan = plan_of(fake, monkeypatch)
    assert plan["target"].keys() == {"toolbox"}
    assert (
        plan["target"]["toolbox"]["args"] | {"PG_MAJOR": "18", "PG_SUITE": "sid"} == plan["target"]["toolbox"]["args"]
    )
    assert plan["target"]["toolbox"]["tags"] == [ours(18)["toolbox"]]
    monkeypatch.setattr(program, "run", fake)
    fake.rules["docker image ls"] = ours(18)["toolbox"]
    chosen = images.resolve(lambda _: None)
    assert chosen["postgres"] == Image("postgres:latest", "oficial")
    assert chosen["mysql"] == Image("exemplo.invalid/mysql:8.4", "informada")


def test_a_named_image_that_cannot_be_had_is_an_error(
    engine: Callable[..., FakeProgram], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else is taken in place of what a person named; the message holds the variable and the cause."""
    monkeypatch.setenv("MYSQL_IMAGE", "mysql:nao-existe")
    engine((), {"docker image inspect": failure("No such image"), "docker pull": NO_HOST})
    with pytest.raises(EnvironmentUnavailable, match=r"MYSQL_IMAGE=mysql:nao-existe.*no such host"):
        images.resolve(lambda _: None)


def test_a_senseless_version_is_an_error(engine: Callable[..., FakeProgram], monkeypatch: pytest.MonkeyPatch) -> None:
    """PG_MAJOR becomes part of image names, so it has to be a number."""
    monkeypatch.setenv("PG_MAJOR", "17.4")
    engine()
    with pytest.raises(EnvironmentUnavailable, match=r"PG_MAJOR.*17\.4"):
        images.resolve(print)


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of the inputs of the images, to be changed."""
    toolbox = images.ROOT / "toolbox"
    for file in [toolbox / "Dockerfile", *(toolbox / "image").iterdir(), *prisma.inputs(toolbox)]:
        copy = tmp_path / file.relative_to(images.ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    monkeypatch.setattr(images, "ROOT", tmp_path)
    return tmp_path


def test_the_tag_depends_on_content_alone(project: Path) -> None:
    """The same files in another folder have the same digest: a second clone builds nothing."""
    before = images.key("toolbox", 17)
    shutil.copytree(project / "toolbox", project / "outro" / "toolbox")
    images.ROOT = project / "outro"  # the fixture puts the real one back
    assert images.key("toolbox", 17) == before


@pytest.mark.parametrize("change", ["dockerfile", "script", "mode", "new file", "version"])
def test_every_input_changes_the_tag(change: str, project: Path) -> None:
    """Whatever decides the image is part of its digest."""
    before = images.key("postgres", 17)
    script = project / "toolbox" / "image" / "postgres-entrypoint"
    if change == "dockerfile":
        (project / "toolbox" / "Dockerfile").open("a").close()
        with (project / "toolbox" / "Dockerfile").open("a") as file:
            file.write("\n")
    elif change == "script":
        script.write_text(script.read_text() + "#\n")
    elif change == "mode":
        script.chmod(0o644)
    elif change == "new file":
        (project / "toolbox" / "image" / "novo").touch()
    assert images.key("postgres", 18 if change == "version" else 17) != before


@pytest.mark.parametrize("file", ["install-prisma", "node.txt", "loja/projeto/pnpm-lock.yaml"])
def test_what_is_installed_changes_the_toolbox_alone(file: str, project: Path) -> None:
    """Another version of Prisma makes a new toolbox, and leaves the servers' images as they are."""
    before = {service: images.key(service, 17) for service in images.VARIABLES}
    with (project / "toolbox" / file).open("a") as stream:
        stream.write("\n")
    assert {service for service, key in before.items() if images.key(service, 17) != key} == {"toolbox"}


def test_the_entrypoints_can_be_executed() -> None:
    """COPY keeps the mode of the checkout, and an entrypoint without it does not start."""
    for file in (images.ROOT / "toolbox" / "image").iterdir():
        assert file.stat().st_mode & 0o111 == 0o111, file.name
