"""Measures migrate against others that move rows into PostgreSQL: the same work, the same servers, in turn.

  scripts/bench peers [--quick] [--runs N] [--seed N] [--scale X] [--growth N,…] [--only WORK,…] [--keep FILE]
    [--write FILE] [--json]

--quick: a tenth of the rows and 2 runs, without a warm-up; what takes long runs once. --runs: how often each (5). --seed: what tables look like (1).
--scale: a factor of the rows (1). --growth: the numbers of rows that growth goes through (100000,1000000,4000000, times the scale).
--only: narrow, numbers, texts, documents, mixed, customers, contacts, growth, settings, validate, backup.
--keep: adds a line of JSON for each work that is done; what is in the file already is not measured again, and comes into the page.
--write: the page to write, such as docs/benchmarks.md; it is printed otherwise.
"""
import argparse
import json
import os
import shutil
import signal
import sys
import tempfile

import contacts
import copies
import customers
import install
import others
import report
import settings
import timing  # which also lets the modules of scripts/ be found
import private_network
from kept import Kept
from servers import Servers
from shapes import shapes

WORKS = "narrow numbers texts documents mixed customers contacts growth settings validate backup".split()


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench peers", formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float)
    parser.add_argument("--growth", type=lambda text: [int(number) for number in text.split(",")])
    parser.add_argument("--only", type=lambda text: text.split(","), default=WORKS)
    parser.add_argument("--keep")
    parser.add_argument("--write")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    given.runs = given.runs or (2 if given.quick else 5)
    given.scale = given.scale or (0.1 if given.quick else 1)
    given.growth = given.growth or [int(rows * given.scale) for rows in (100_000, 1_000_000, 4_000_000)]
    unknown = set(given.only) - set(WORKS)
    if unknown:
        parser.error(f"no such work: {', '.join(sorted(unknown))}; there are: {', '.join(WORKS)}")
    return given


def works(given, servers, folder, kept):
    """Each work that is asked for and not kept from before; its data is made when its turn comes."""
    wanted = [name for name in given.only if name not in kept]
    rows = int(1_000_000 * given.scale)
    for shape in shapes(given.seed, given.scale):
        if shape.name in wanted:
            yield shape.name, [copies.work(shape, servers, folder)]
            servers.sql("postgres", f"drop database source_{shape.name}", f"drop database empty_{shape.name}")
    if {"customers", "growth", "settings"} & set(wanted):
        customers.prepare(servers, folder)
    if "customers" in wanted:
        yield "customers", [customers.work(servers, folder, rows, given.seed)]
    if "settings" in wanted:
        yield "settings", [settings.combinations(servers, folder, rows, given.seed)]
    if "growth" in wanted:
        yield "growth", settings.growth(servers, folder, given.growth, given.seed)
    if "contacts" in wanted:
        yield "contacts", [contacts.work(servers, folder, rows // 2)]


def measure(given, folder, kept):
    """Adds to what is kept what is measured now."""
    servers = Servers(f"{folder}/servers")
    try:
        for name, parts in works(given, servers, folder, kept):
            kept.add(name, [
                (work, *timing.run(work, given.runs, folder, given.quick)) for work in parts])
    finally:
        servers.down()


def main():
    given = arguments()
    install.install()
    # What peers like to report stays here.
    private_network.enter()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="migrate-peers.")
    os.chmod(folder, 0o711)
    started_in = os.getcwd()
    kept = Kept(given.keep and os.path.abspath(given.keep), given)
    try:
        measure(given, folder, kept)
    finally:
        os.chdir(started_in)
        shutil.rmtree(folder, ignore_errors=True)
    for name in ("validate", "backup"):
        if name in given.only and name not in kept:
            kept.add_own(name, others.measure(name, given))
    page = report.page(kept, given)
    if given.write:
        open(given.write, "w").write(page)
    elif not given.json:
        print(page)
    if given.json:
        print(json.dumps(kept.entries, indent=2))


main()
