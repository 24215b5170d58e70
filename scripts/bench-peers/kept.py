"""What was measured, in the order of the page; in a file too where one is named, so that a long comparison can go on later."""
import json
import os
import subprocess

import install


def revision():
    return subprocess.run(
        ["git", "-C", install.ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()


def read(line):
    """A line that a killed comparison has not finished counts for nothing."""
    try:
        return json.loads(line)
    except ValueError:
        return None


class Kept:
    def __init__(self, path, given):
        self.path, self.entries = path, []
        # Only what was measured of the same build and data belongs on one page.
        self.like = {
            "revision": os.environ.get("MIGRATE_BUILD") or revision(), "seed": given.seed, "scale": given.scale, "runs": given.runs,
            "growth": given.growth, "quick": given.quick}
        if path and os.path.exists(path):
            entries = [entry for entry in map(read, open(path)) if entry]
            self.entries = [entry for entry in entries if {key: entry.get(key) for key in self.like} == self.like]

    def __contains__(self, name):
        return any(entry["name"] == name for entry in self.entries)

    def add(self, name, measured):
        """Works of one name belong together: a part of them is not kept."""
        self._add(name, works=[
            {"title": work.title, "rows": work.rows, "first": work.first, "ways": results, "failed": failed}
            for work, results, failed in measured])

    def add_own(self, name, measured):
        title, command, result = measured
        self._add(name, own={"title": title, "command": command, "result": result})

    def _add(self, name, **what):
        entry = {"name": name, **self.like, **what}
        self.entries.append(entry)
        if self.path:
            with open(self.path, "a") as file:
                file.write(json.dumps(entry) + "\n")
