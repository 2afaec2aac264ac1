"""JupyterLab as `runbook lab` starts it: on the loopback, behind a token, with the notebooks and our kernel alone."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .samples import fence, write

LIMIT = 60.0  # seconds for it to answer


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """The address of a running one, with the token."""
    write(tmp_path / "livro", "capitulo/um", fence("ola", "echo olá"))
    write(tmp_path / "livro", "capitulo/so-mysql", fence("ola", "echo olá"), engines=["mysql"])
    command = [sys.executable, "-m", "runbook", "lab", "--sandbox", "none", "--runbooks", str(tmp_path / "livro")]
    environment = {**os.environ, "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as server:
        assert server.stderr
        said = ""
        for line in server.stderr:
            said += line
            if found := re.search(r"http://127\.0\.0\.1:\d+/lab\?token=\w+", line):
                break
        else:
            pytest.fail(said)
        deadline = time.monotonic() + LIMIT
        while _refused(found[0]):  # it says where it will be a moment before it is there
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield found[0]
        os.killpg(server.pid, signal.SIGINT)  # what Ctrl-C does
        server.stderr.read()
        server.wait(LIMIT)
    assert not list(tmp_path.glob("runbook-lab-*"))


def _refused(address: str) -> bool:
    port = int(address.split(":")[2].partition("/")[0])
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def asked(address: str, what: str, *, token: bool = True) -> Any:
    """What the server answers."""
    base, _, secret = address.partition("lab?")
    with urllib.request.urlopen(f"{base}api/{what}" + (f"?{secret}" if token else "")) as answer:  # noqa: S310 -- loopback
        return json.load(answer)


def test_notebooks_and_kernel(lab: str) -> None:
    """The notebooks are those of the engine, a folder for each chapter, and no other kernel is offered."""
    assert [one["path"] for one in asked(lab, "contents/capitulo")["content"]] == ["capitulo/um.ipynb"]
    notebook = asked(lab, "contents/capitulo/um.ipynb")["content"]
    assert notebook["metadata"]["kernelspec"]["name"] == "runbook"
    found = asked(lab, "kernelspecs")["kernelspecs"]
    assert found.keys() == {"runbook"}
    assert found["runbook"]["spec"]["display_name"] == "Runbook (PostgreSQL)"


def test_token(lab: str) -> None:
    """Without the token nobody gets in."""
    with pytest.raises(urllib.error.HTTPError, match="403"):
        asked(lab, "contents", token=False)
