"""The command line: which runs, one after the other, each told in a line."""
import argparse
import json
import os
import random
import signal
import sys
import time

import catalogue
import jobs
import private_network
import report
from shell import ROOT, run, say
from trial import Trial
from world import World, version


def arguments(words):
    parser = argparse.ArgumentParser(
        prog="scripts/chaos", description="Breaks migrations on purpose, and compares every row with an undisturbed one.",
        epilog="MIGRATE_EXECUTABLE names another executable than .build/release/migrate, which is built otherwise.")
    parser.add_argument("--count", type=int, default=30, metavar="N", help="how many runs (30)")
    parser.add_argument("--seed", type=int, default=None, metavar="S", help="the same seed and build, the same runs; drawn if not given")
    parser.add_argument("--first", type=int, default=1, metavar="N", help="begin with this run of the seed: repeats one with --count 1")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many runs side by side (1), each with servers of its own; as root each in a network of its own")
    parser.add_argument("--part", type=jobs.part, default=(0, 1), help=argparse.SUPPRESS)
    parser.add_argument("--time-limit", type=float, default=60, metavar="S", help="seconds that a command may take before it counts as hung (60), and ten times as long as undisturbed")
    parser.add_argument("--within", type=float, default=None, metavar="S", help="begin no run after so many seconds, whatever the count")
    parser.add_argument("--short", action="store_true", help="leave out the faults that take long")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME", help="only this fault; may be given several times")
    parser.add_argument("--surrounding", action="append", default=[], metavar="NAME", help="only this surrounding, where the fault fits it; may be given several times")
    parser.add_argument("--append", metavar="FILE", help="add a line of JSON for each run; what is in the file already is not run again")
    parser.add_argument("--json", action="store_true", help="print a summary as JSON")
    parser.add_argument("--list", action="store_true", help="list the faults and surroundings")
    parser.add_argument("--report", nargs="+", metavar="FILE", help="print the table of docs/reliability.md from such files, and run nothing")
    return parser.parse_args(words)


def main(words):
    options = arguments(words)
    if options.list:
        return catalogue.show()
    if options.report:
        return report.show(options.report)
    unknown = set(options.fault) - set(catalogue.BY_NAME)
    if unknown:
        say(f"error: no fault is called {', '.join(sorted(unknown))}; see: scripts/chaos --list")
        return 2
    unknown = set(options.surrounding) - {kind.name for kind in catalogue.SURROUNDINGS}
    if unknown:
        say(f"error: no surrounding is called {', '.join(sorted(unknown))}; see: scripts/chaos --list")
        return 2
    seed = options.seed if options.seed is not None else int(os.environ.setdefault("MIGRATE_CHAOS_SEED", str(random.randrange(1 << 16))))
    migrate = os.environ.get("MIGRATE_EXECUTABLE") or ROOT / ".build/release/migrate"
    if not os.environ.get("MIGRATE_EXECUTABLE"):
        run([ROOT / "scripts/build"], timeout=3600)
        os.environ["MIGRATE_EXECUTABLE"] = str(migrate)
    if options.jobs == 1:
        private_network.enter()
    # Whoever ends the harness in any decent way finds no servers left behind.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end_once)
    say(f"seed {seed}")
    if options.jobs > 1:
        results = jobs.run(options.jobs, words, seed, options.append)
    else:
        results = strike_alone(World(migrate, seed), options, version(migrate))
    if options.json:
        print(json.dumps(report.summary(results), indent=2))
    else:
        print(report.closing(results))
    return 1 if any(result["wrong"] for result in results) else 0


def end_once(number, frame):
    """What comes while servers are being ended does not keep them alive."""
    for other in (signal.SIGTERM, signal.SIGINT):
        signal.signal(other, signal.SIG_IGN)
    sys.exit(128 + number)


def strike_alone(world, options, build):
    try:
        world.up()
        return strike_all(world, options, build)
    finally:
        world.down()


def strike_all(world, options, build):
    names = options.fault or catalogue.possible(options.short)
    for kind in catalogue.SURROUNDINGS:
        if kind.obstacle():
            say(f"{kind.name} is not tried here: {kind.obstacle()}")
    known = report.read(options.append) if options.append and os.path.exists(options.append) else []
    done = {(result["seed"], result["number"], result["build"]) for result in known if not options.fault}
    results, begun = [], time.monotonic()
    place, step = options.part
    for number in range(options.first + place, options.first + options.count, step):
        if (world.seed, number, build) in done:
            continue
        if options.within and time.monotonic() - begun > options.within:
            break
        fault = catalogue.BY_NAME[catalogue.choice(names, world.seed, number)]
        surroundings = catalogue.surroundings(options.surrounding, world.seed, number)
        trial = Trial(world, number, fault, surroundings, options.time_limit).run()
        result = report.record(trial, build)
        results.append(result)
        say(report.line(result))
        if options.append:
            with open(options.append, "a") as file:
                file.write(json.dumps(result) + "\n")
    return results
