"""Writes a part of the page of measurements in the place of the one that is there."""

from __future__ import annotations

import re
from pathlib import Path


def replace_part(page: Path, title: str, part: str) -> None:
    """`title` is the heading that the part begins with."""
    text = page.read_text()
    pattern = rf"^{re.escape(title)}\n.*?(?=^## |\Z)"
    others = re.sub(pattern, "", text, flags=re.DOTALL | re.MULTILINE)
    page.write_text(f"{others.rstrip()}\n\n{part}")
