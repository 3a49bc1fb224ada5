"""Backups while everybody works, and restoring one that shows that it holds."""

from engine.services.backup.making import Backup, back_up
from engine.services.backup.manifest import Manifest, differences, read_manifest
from engine.services.backup.restoring import Step, restore

__all__ = [
    "Backup",
    "Manifest",
    "Step",
    "back_up",
    "differences",
    "read_manifest",
    "restore",
]
