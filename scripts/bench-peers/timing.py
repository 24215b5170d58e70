"""Runs ways in turn, so that whatever else the machine does strikes all of them alike."""
import os
import re
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from measure import measure  # noqa: E402


class Way:
    """One way to do a work: a command, what comes before it untimed, and what must be true afterwards."""

    def __init__(self, name, command, environment=None, before=None, after=None):
        self.name, self.command = name, command
        self.environment, self.before, self.after = environment or {}, before, after


class Work:
    def __init__(self, name, title, rows, ways, first):
        """`first` names the way that the others are held against."""
        self.name, self.title, self.rows, self.ways, self.first = name, title, rows, ways, first


def say(text):
    print(text, file=sys.stderr, flush=True)


class Patience:
    """A way that takes so many seconds, and so many times as long as the fastest, has not as many turns as the others."""

    def __init__(self, seconds, turns, times=4):
        self.seconds, self.turns, self.times = seconds, turns, times

    def is_over(self, name, taken):
        if len(taken[name]) < self.turns:
            return False
        fastest = min(cost[0] for costs in taken.values() for cost in costs)
        return min(cost[0] for cost in taken[name]) > max(self.seconds, self.times * fastest)


USUAL, QUICK = Patience(seconds=15, turns=2), Patience(seconds=3, turns=1)
COLOUR = re.compile("\x1b\\[[0-9;]*m")


def run(work, runs, folder, quick=False):
    """Returns for each way what it cost; a way that fails is told with its reason, and not tried again."""
    patience = QUICK if quick else USUAL
    taken = {way.name: [] for way in work.ways}
    failed = {}
    for turn in range(1 if quick else 0, runs + 1):
        for way in rotated(work.ways, turn):
            if way.name in failed or patience.is_over(way.name, taken):
                continue
            try:
                cost = once(way, folder)
            except Failure as failure:
                failed[way.name] = str(failure)
                say(f"  {work.name}, {way.name}: {failure}")
                continue
            # The first turn warms up.
            if turn > 0:
                taken[way.name].append(cost)
            say(f"  {work.name}, {way.name}: {cost[0]:.2f} s" + (" (warming up)" if turn == 0 else ""))
    return {name: summary(costs, work.rows) for name, costs in taken.items() if costs}, failed


def rotated(ways, turn):
    """Each turn begins with another way: none is always measured behind the same neighbour."""
    first = turn % len(ways)
    return ways[first:] + ways[:first]


class Failure(Exception):
    pass


def once(way, folder):
    if way.before:
        way.before()
    kept = dict(os.environ)
    log = os.open(f"{folder}/output", os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    os.environ.update(way.environment)
    try:
        seconds, processor, memory, code = measure(way.command, log)
    finally:
        os.environ.clear()
        os.environ.update(kept)
        os.close(log)
    if code != 0:
        lines = open(f"{folder}/output", errors="replace").read().strip().splitlines()
        told = [place for place, line in enumerate(lines) if "error" in line.lower() or "fatal" in line.lower()]
        # Some say what failed only below the word.
        reason = " ".join(line.strip() for line in lines[told[-1]:][:3]) if told else (lines or ["without a word"])[-1]
        raise Failure(f"ended with exit code {code}: {COLOUR.sub('', reason).strip()[:300]}")
    if way.after:
        problem = way.after()
        if problem:
            raise Failure(problem)
    return seconds, processor, memory


def summary(costs, rows):
    seconds = [cost[0] for cost in costs]
    median = statistics.median(seconds)
    return {
        "runs": [round(one, 3) for one in seconds],
        "seconds": round(median, 3),
        "spread": round(max(seconds) - min(seconds), 3),
        "rowsPerSecond": round(rows / median),
        "processorSeconds": round(statistics.median(cost[1] for cost in costs), 3),
        "peakMiB": round(max(cost[2] for cost in costs) / 1024, 1),
    }


def version(*command):
    try:
        text = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return "not there"
    lines = (text.stdout + text.stderr).strip().splitlines()
    return lines[0] if lines else "unknown"
