"""Where the shipped definitions lie: in the checkout, or inside the installed wheel."""

from __future__ import annotations

from pathlib import Path

_ENGINE = Path(__file__).resolve().parent
_WHEEL = _ENGINE / "_shipped"
_ROOT = _WHEEL if _WHEEL.is_dir() else _ENGINE.parent


def workflows() -> Path:
    """Return the folder of the shipped workflows."""
    return _ROOT / "workflows"


def rules() -> Path:
    """Return the folder of the shipped rule packs, calendars, facts and ladders."""
    return _ROOT / "rules"


def example_config() -> Path:
    """Return the commented example configuration."""
    return _ROOT / "config.example.yaml"
