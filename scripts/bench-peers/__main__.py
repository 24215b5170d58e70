"""Measures migrate against others that move rows into PostgreSQL: the same work, the same servers, in turn.

  scripts/bench peers [--quick] [--runs N] [--seed N] [--scale X] [--growth N,…] [--only WORK,…] [--write FILE] [--json]

--quick: a tenth of the rows and 2 runs, without a warm-up. --runs: how often each (5). --seed: what tables look like (1).
--scale: a factor of the rows (1). --growth: the numbers of rows that growth goes through (100000,1000000,4000000, times the scale).
--only: narrow, numbers, texts, documents, mixed, customers, contacts, growth, settings, validate, backup.
--write: the page to write, such as docs/benchmarks.md; it is printed otherwise.
"""
import argparse
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

import contacts
import copies
import customers
import install
import others
import report
import settings
import timing
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


def alone():
    """Goes on in a network of its own, which has nothing but loopback: what peers like to report stays here."""
    if os.geteuid() != 0 or os.environ.get("BENCH_IS_ALONE"):
        return
    if subprocess.run(["unshare", "--net", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        return
    os.environ["BENCH_IS_ALONE"] = "yes"
    os.execvp("unshare", ["unshare", "--net", "--", sys.executable, *sys.argv])


def raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, 0x8913, request))[1]
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", flags | 1))


def works(given, servers, folder):
    rows = int(1_000_000 * given.scale)
    for shape in shapes(given.seed, given.scale):
        if shape.name in given.only:
            yield copies.work(shape, servers, folder)
            servers.sql("postgres", f"drop database source_{shape.name}", f"drop database empty_{shape.name}")
    if {"customers", "growth", "settings"} & set(given.only):
        customers.prepare(servers, folder)
    if "customers" in given.only:
        yield customers.work(servers, folder, rows, given.seed)
    if "settings" in given.only:
        yield settings.combinations(servers, folder, rows, given.seed)
    if "growth" in given.only:
        yield from settings.growth(servers, folder, given.growth, given.seed)
    if "contacts" in given.only:
        yield contacts.work(servers, folder, rows // 2)


def main():
    given = arguments()
    install.install()
    alone()
    if os.environ.get("BENCH_IS_ALONE"):
        raise_loopback()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = tempfile.mkdtemp(prefix="migrate-peers.")
    os.chmod(folder, 0o711)
    started_in = os.getcwd()
    servers = Servers(f"{folder}/servers")
    measured = []
    try:
        for work in works(given, servers, folder):
            results, failed = timing.run(work, given.runs, folder, warms_up=not given.quick)
            measured.append((work, results, failed))
    finally:
        servers.down()
        os.chdir(started_in)
        shutil.rmtree(folder, ignore_errors=True)
    own = [others.measure(name, given) for name in ("validate", "backup") if name in given.only]
    page = report.page(measured, own, given)
    if given.write:
        open(given.write, "w").write(page)
    elif not given.json:
        print(page)
    if given.json:
        print(json.dumps([{"work": work.name, "rows": work.rows, "ways": results, "failed": failed} for work, results, failed in measured] + [one for _, _, one in own], indent=2))


main()
