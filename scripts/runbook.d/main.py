"""The command line: which manuals and steps, each told in a line, and what came of all of them."""
import argparse
import os
import re
import signal
import subprocess
import sys
import time

import document
import execution
import production
import staging
from steps import ABSENT, INSTEAD, OTHER, PRINTED
from world import ROOT, Failed, World

MANUALS = {manual.name: manual for manual in (execution.manual, production.manual, staging.manual)}


def arguments(words):
    parser = argparse.ArgumentParser(
        prog="scripts/runbook-test",
        description="Follows the manuals step by step on private servers with sample data, and looks at everything that they promise.",
        epilog="MIGRATE_EXECUTABLE names another executable than .build/release/migrate, which is built otherwise. docs/manuals.md tells "
        "which lines differ from the manuals'.")
    parser.add_argument("--only", action="append", default=[], metavar="MANUAL", choices=MANUALS, help=f"only this manual ({', '.join(MANUALS)}); may be given several times")
    parser.add_argument("--from", dest="first", metavar="STEP", help="print nothing of the steps before this one, such as 6.2.3 or 6.2.3-4; they are run, as later ones need them")
    parser.add_argument("--until", dest="last", metavar="STEP", help="end after this step")
    parser.add_argument("--show", action="store_true", help="print what stood on the screen after each step")
    parser.add_argument("--tables", action="store_true", help="print the tables of docs/manuals.md, and run nothing")
    parser.add_argument("--list", action="store_true", help="print the steps, and run nothing")
    return parser.parse_args(words)


def main(words):
    options = arguments(words)
    manuals = [MANUALS[name] for name in options.only or MANUALS]
    if options.tables:
        print(document.tables(manuals))
        return 0
    if options.list:
        for manual in manuals:
            print(f"{manual.name}: {manual.title}")
            for step in manual.counted:
                print(f"  {step.number:<10} {step.kind:<14} {first_line(step.typed)}")
        return 0
    for name in filter(None, (options.first, options.last)):
        if not any(is_named(step, name) for manual in manuals for step in manual.counted):
            say(f"error: no step is called {name}; see: scripts/runbook-test --list")
            return 2
    migrate = os.environ.get("MIGRATE_EXECUTABLE") or ROOT / ".build/release/migrate"
    if not os.environ.get("MIGRATE_EXECUTABLE"):
        subprocess.run([ROOT / "scripts/build"], check=True)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    results = []
    for manual in manuals:
        begun = time.monotonic()
        say(f"{manual.title}")
        results += follow(World(migrate, manual), manual, options)
        say(f"  ({time.monotonic() - begun:.0f} s)")
    return close(results)


def follow(world, manual, options):
    """Takes the steps of a manual; returns pairs of a step and what was wrong with it."""
    results, is_told = [], not options.first
    try:
        world.up()
        for step in steps(manual, options.last):
            if step.act:
                step.act(world)
                continue
            is_told = is_told or is_named(step, options.first)
            wrong, shown = take(world, step)
            results.append((step, wrong))
            if is_told or wrong:
                tell(step, wrong, shown if options.show or wrong else "")
    finally:
        world.down()
    return results


def steps(manual, last):
    """The steps up to the last one of that name; all if the manual has none."""
    named = [number for number, step in enumerate(manual.steps, 1) if not step.act and is_named(step, last)]
    return manual.steps[:named[-1]] if named else manual.steps


def is_named(step, name):
    return name in (step.number, step.place)


def take(world, step):
    """Does what a step says; returns what is not as it should be, and what stood on the screen."""
    if step.kind == OTHER:
        return [], ""
    code, shown, wrong = type_line(world, step)
    if code is not None and code != step.code:
        wrong.append(f"exit code {code}, expected {step.code}")
    wrong += [f"not on the screen: {pattern}" for pattern in step.shows if not re.search(pattern, shown, re.M)]
    wrong += [f"on the screen: {pattern}" for pattern in step.hides if re.search(pattern, shown, re.M)]
    wrong += [complaint for complaint in (looked_at(world, look) for look in step.then) if complaint]
    return wrong, shown


def looked_at(world, look):
    """What cannot be looked at is wrong too."""
    try:
        return look(world)
    except Failed as failure:
        return str(failure)


def type_line(world, step):
    """Returns the exit code, what stood on the screen, and what went wrong on the way."""
    terminal, wrong = world.terminal(step.terminal), []
    if not step.ends:
        terminal.type(world.places(step.typed))
    if step.asks:
        question = terminal.wait_for(r"^Type (\S+) to .*: ", step.seconds)
        if question:
            terminal.press(f"{question[1]}\n")
        else:
            wrong.append("did not ask")
    if step.until:
        if not terminal.wait_for(step.until, step.seconds):
            wrong.append(f"never shown: {step.until}")
        return step.code, terminal.shown(), wrong
    if step.keys:
        terminal.press(step.keys)
    code, shown = terminal.wait(step.seconds)
    if code is None:
        wrong.append(f"did not end within {step.seconds:.0f} s")
        world.close(step.terminal)
    return code, shown, wrong


def tell(step, wrong, shown):
    mark = "WRONG " if wrong else "" if step.kind == PRINTED else f"{step.kind}: "
    say(f"  {step.number:<10} {mark}{first_line(step.typed)}")
    for complaint in wrong:
        say(f"             {complaint}")
    for line in shown.rstrip().splitlines():
        say(f"             | {line}")


def close(results):
    failed = [step for step, wrong in results if wrong]
    count = {kind: sum(step.kind == kind for step, _ in results) for kind in (PRINTED, INSTEAD, ABSENT, OTHER)}
    print(
        f"{len(results)} steps: {count[PRINTED]} as printed, {count[INSTEAD]} replaced by another line, {count[ABSENT]} not there yet, "
        f"{count[OTHER]} of other programs (not run); {len(failed)} wrong")
    is_documented = document.is_current(MANUALS.values())
    if not is_documented:
        print("docs/manuals.md does not have the tables that scripts/runbook-test --tables prints")
    return 1 if failed or not is_documented or not results else 0


def first_line(text):
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return lines[0] + (" …" if len(lines) > 1 else "") if lines else ""


def say(text):
    print(text, file=sys.stderr, flush=True)
