"""The whole table: what a team meets with `migrate deploy`, `status`, `resolve`, `reset` and `db execute`."""

from __future__ import annotations

from . import histories, scripts, surroundings

SCENARIOS = {**histories.TABLE, **scripts.TABLE, **surroundings.TABLE}
