"""`docker compose up`, as somebody types it: the site, JupyterLab and the databases, from one command."""

from __future__ import annotations

import os
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Browser

from runbook import compose, images, program

from .conftest import PROJECT, remove
from .notebooks import Notebook
from .samples import ROOT

NAME = f"{PROJECT}-up"
LIMIT = 900  # seconds, the building of the image included

Compose = Callable[..., str]


@pytest.fixture(scope="module")
def up(docker_ready: None) -> Iterator[Compose]:
    """It, up, at free ports and with the images that this machine has; gives `docker compose` for it."""
    chosen = images.resolve(lambda _: None)
    base = images.OWN_BASE if images.OWN_BASE in images.in_engine() else images.OFFICIAL_BASE
    variables = {
        **{images.VARIABLES[service]: image.name for service, image in chosen.items()},
        "MANUAL_IMAGE": f"{images.PREFIX}-manual",
        "BASE_IMAGE": base,
        "SITE_PORT": "0",
        "LAB_PORT": "0",
    }
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPOSE_")}
    environment.pop("SECRETS", None)

    def asked(*arguments: str) -> str:
        return program.run(
            ["docker", "compose", "--project-name", NAME, *arguments],
            timeout=LIMIT,
            environment={**environment, **variables},
            folder=ROOT,
        )

    try:
        asked("up", "--detach", "--build")
        asked("up", "--detach", "--wait", "--no-deps", "site", "lab")
        yield asked
    finally:
        remove(NAME)


def answer(address: str) -> tuple[int, str]:
    """The status and the text that are there."""
    try:
        with urllib.request.urlopen(address, timeout=60) as found:  # noqa: S310 -- loopback
            return found.status, found.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def lab(up: Compose) -> str:
    """The address of JupyterLab with its token, as its log shows it, at the port that was free."""
    log = program.run(["docker", "compose", "--project-name", NAME, "logs", "lab"], timeout=60, folder=Path("/"))
    found = re.search(r"http://127\.0\.0\.1\S*(/lab/\S*\?token=\w+)", log)
    assert found, log
    return f"http://{up('port', 'lab', '8888').strip()}{found[1]}"


@pytest.mark.docker
def test_site(up: Compose) -> None:
    """The first page of the site is there."""
    address = f"http://{up('port', 'site', '8000').strip()}/"
    status, text = answer(address)
    assert status == 200
    assert "Manual de Migrations" in text


@pytest.mark.docker
def test_token(up: Compose) -> None:
    """JupyterLab lets in who has the token of its log, and nobody else."""
    address = lab(up)
    base, _, token = address.partition("/lab/")
    token = token.partition("?")[2]
    assert answer(f"{base}/api/contents?{token}")[0] == 200
    assert answer(f"{base}/api/contents")[0] == 403


@pytest.mark.docker
@pytest.mark.parametrize("engine", ["postgresql", "mysql"])
def test_runbook(up: Compose, chromium: Browser, engine: str) -> None:
    """A notebook in it has its database: the first step of one is good."""
    book = Notebook(chromium, lab(up), f"preparo/verificacao.{engine}.ipynb")
    try:
        book.run_all()
        book.cell(0).locator('[data-mime-type="text/plain"]', has_text="✔").wait_for(state="attached")
    finally:
        book.close()


@pytest.mark.docker
def test_loopback_and_passwords(up: Compose) -> None:
    """All ports are on the loopback; the two passwords were made at random, and no container shows them."""
    names = up("ps", "--all", "--quiet").split()
    bound = program.run(["docker", "inspect", "--format", "{{json .HostConfig.PortBindings}}", *names], timeout=60)
    assert set(re.findall(r'"HostIp":"([^"]*)"', bound)) == {"127.0.0.1"}
    passwords = up("exec", "-T", "postgres", "sh", "-c", "cat /run/secrets/*_password").strip()
    found = re.findall(r"[0-9a-f]{32}", passwords)
    assert len(set(found)) == 2
    shown = program.run(["docker", "inspect", *names], timeout=60)
    assert not [password for password in found if password in shown]


def test_the_sandbox_is_without_them() -> None:
    """`runbook sandbox up` names the services that it wants, so that neither the site nor JupyterLab is among them."""
    services = yaml.safe_load(Path(ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    assert set(services) - set(compose.SERVICES) == {"site", "lab", "passwords"}
    assert services["toolbox"]["profiles"] == ["sandbox"]
    for name in ("site", "lab"):
        assert all(port.startswith("127.0.0.1:") for port in services[name]["ports"])
