"""Validation and backups, which `scripts/bench` measures against PostgreSQL's own tools."""
import json
import os
import subprocess

from copies import MIGRATE
from install import ROOT
from timing import say

TITLES = {"validate": "Validation", "backup": "Backup and restore"}
RATIOS = [
    ("time of backup create without its checksums / time of pg_dump", "createRatio"),
    ("time of backup restore without its comparison / time of pg_restore", "restoreRatio"),
]
ROWS = {"validate": 1_000_000, "backup": 500_000}


def measure(name, given):
    """Returns a title, the command and what it prints."""
    rows = int(ROWS[name] * given.scale)
    command = f"scripts/bench {name} --rows {rows} --runs {given.runs}"
    say(command)
    done = subprocess.run(
        f"{ROOT}/{command} --json".split(), check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=os.environ | {"MIGRATE_EXECUTABLE": MIGRATE}, cwd=ROOT)
    result = json.loads(done.stdout)
    result.setdefault("wishes", [wish(what, result[key]) for what, key in RATIOS if key in result])
    return TITLES[name], command, result


def wish(what, ratio):
    return {"what": what, "value": ratio, "atMost": 1.1}
