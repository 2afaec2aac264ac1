"""The manual itself, built and served."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

from runbook import site

from .samples import ROOT


def test_the_manual_builds_strictly(tmp_path: Path) -> None:
    """Without any database the site of the manual builds with no warning: links hold, and every record is current."""
    output = site.build(ROOT, tmp_path / "site")
    assert (output / "index.html").is_file()
    assert (output / "runbooks" / "index.html").is_file()


def test_serve(tmp_path: Path) -> None:
    """The site is served on the loopback alone, on a port that was free, until it is interrupted."""
    (tmp_path / "index.html").write_text("<p>olá", encoding="utf-8")
    code = "import sys; from pathlib import Path; from runbook import site; "
    code += "site.serve(Path(sys.argv[1]), lambda address: print(address, flush=True))"
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        with build_opener(ProxyHandler({})).open(address) as answer:
            assert answer.read().decode() == "<p>olá"
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
