"""Writes what was measured as a page."""
import os
import platform

import install
from copies import MIGRATE
from timing import version

HEAD = """# Measured against the others

Written by `scripts/bench peers`: every way does the same work in the same run, in turn, {runs} times{warm}; the tables
have medians. Who repeats it on another machine gets other seconds; the ratios are what to compare.

- **Seconds** are wall time of the way's own processes from start to end; **spread** is the slowest run minus the fastest.
- **CPU s** is the processor time of the way's own processes, without that of the servers, which need the rest of two cores.
- **Of the limit** is the time divided by that of `COPY FROM` a file that is ready, in a single stream, into the same table.
- `migrate` writes its ledger, fingerprints of every row, and its audit log meanwhile, and refuses no row silently; no other
  way here does. Ways that make tables of their own (sling, dlt, pgloader) have types of their own; of these only the
  number of rows was compared, of all others every row.
- Servers: `fsync = on`, `synchronous_commit = on`, `shared_buffers = 1GB`, `max_wal_size = 8GB`; a new target database and a
  checkpoint before each run.
"""


def machine():
    name = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    return f"{os.cpu_count()} cores of {name}, {memory / 2**20:.0f} GiB, Linux {platform.release().split('-')[0]}"


def versions():
    package = lambda name: version(install.PYTHON, "-c", f"import importlib.metadata as m; print('{name}', m.version('{name}'))")
    return [
        version(MIGRATE, "--version"), version("psql", "--version"), version("pgcopydb", "--version"),
        "pgloader " + version("bash", "-c", "pgloader --version | head -1 | grep -o '[0-9][0-9.]*' | head -1"),
        package("sling-linux-amd64"), package("dlt"), package("psycopg"), "MongoDB 6.0.5",
    ]


def table(work):
    results, failed = work["ways"], work["failed"]
    limit = results.get(work["first"])
    lines = [
        f"## {work['title'][0].upper()}{work['title'][1:]}", "",
        "| Way | Seconds | Spread | Rows/s | Of the limit | CPU s | Peak MiB |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, one in sorted(results.items(), key=lambda item: (item[0] != work["first"], item[1]["seconds"])):
        ratio = f"{one['seconds'] / limit['seconds']:.2f}" if limit else ""
        name = f"**{name}**" if name == "migrate" else name
        lines.append(
            f"| {name} | {one['seconds']:.2f} | {one['spread']:.2f} | {one['rowsPerSecond']:,} | {ratio}"
            f" | {one['processorSeconds']:.2f} | {one['peakMiB']:.0f} |")
    lines += [f"\n{name} did not do it: {reason}" for name, reason in failed.items()]
    most = max((len(one["runs"]) for one in results.values()), default=0)
    lines += [
        f"\n{name} ran {'once' if len(one['runs']) == 1 else str(len(one['runs'])) + ' times'} only, as it takes so long."
        for name, one in results.items() if len(one["runs"]) < most and name not in failed]
    return "\n".join(lines) + "\n"


def wishes(title, command, result):
    """What `scripts/bench` measures by itself, against PostgreSQL's own tools."""
    lines = [f"## {title}", "", f"Of `{command}`, {result['rows']:,} rows:", ""]
    lines += ["| What | Measured | Wanted at most |", "| --- | ---: | ---: |"]
    lines += [f"| {wish['what']} | {wish['value']} | {wish['atMost']} |" for wish in result["wishes"]]
    return "\n".join(lines) + "\n"


def page(kept, arguments):
    facts = [
        f"Machine: {machine()}.", "Versions: " + ", ".join(versions()) + f" (revision {kept.like['revision']}).",
        f"Data: seed {arguments.seed}, scale {arguments.scale}."]
    parts = [HEAD.format(runs=arguments.runs, warm="" if arguments.quick else " after a warm-up"), "\n".join(f"- {fact}" for fact in facts) + "\n"]
    # In the order of the help, whenever they were measured.
    for name in arguments.only:
        for entry in (entry for entry in kept.entries if entry["name"] == name):
            parts += [table(work) for work in entry.get("works", [])]
            if "own" in entry:
                parts.append(wishes(**entry["own"]))
    return "\n".join(parts)
