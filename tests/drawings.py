"""The pictures that not everybody can show as SVG, drawn anew from it with Chromium: `python -m tests.drawings`.

In: `docs/img/*.svg`. Out: the PNG files beside them, which are committed. Apart from the tests, which never write.
"""

from __future__ import annotations

from playwright.sync_api import Browser

from runbook.chromium import opened

from .samples import ROOT

IMAGES = ROOT / "docs" / "img"
# Each picture: from which drawing, how wide and how high.
SIZES = {"favicon.png": ("marca.svg", 64, 64), "previa.png": ("previa.svg", 1200, 630)}


def drawn(chromium: Browser, name: str) -> bytes:
    """The bytes of one picture."""
    source, width, height = SIZES[name]
    page = chromium.new_page(viewport={"width": width, "height": height})
    try:
        svg = (IMAGES / source).read_text(encoding="utf-8")
        page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:{width}px;height:{height}px}}</style>{svg}")
        return page.screenshot(omit_background=True)
    finally:
        page.context.close()


if __name__ == "__main__":
    with opened() as chromium:
        for name in SIZES:
            (IMAGES / name).write_bytes(drawn(chromium, name))
