"""Runs side by side: each job is a program of its own, with every so-manieth run of the same seed."""
import os
import subprocess
import sys
import tempfile

import private_network
import report
from shell import ROOT, Failed


def part(text):
    """Of `2/4`: which of how many."""
    place, count = map(int, text.split("/"))
    return place, count


def run(count, words, seed, file):
    """Returns what all jobs have found; what stood in the file before does not count."""
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as own:
        file = file or own.name
        before = len(report.read(file)) if os.path.exists(file) else 0
        command = [sys.executable, ROOT / "scripts/chaos", *words, "--seed", str(seed), "--jobs", "1", "--append", file]
        if private_network.can_be_had():
            command = private_network.words(command)
        jobs = []
        try:
            for place in range(count):
                # A session of its own: Ctrl+C is for this program, which then ends each job once.
                jobs.append(subprocess.Popen([*command, "--part", f"{place}/{count}"], stdout=subprocess.DEVNULL, start_new_session=True))
            codes = [job.wait() for job in jobs]
        finally:
            for job in jobs:
                job.terminate()
            for job in jobs:
                job.wait()
        if set(codes) - {0, 1}:
            raise Failed(f"jobs ended with {codes}; what they found is in {file}")
        return report.read(file)[before:] if os.path.exists(file) else []
