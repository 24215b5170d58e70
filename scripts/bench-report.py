"""Tells what `scripts/bench` measured, and whether it is as fast as it should be.

Usage: bench-report.py FOLDER ROWS JSON(yes|no) GROWTH(yes|no) [pg|mongo|validate]
"""
import json
import statistics
import sys

folder, rows, as_json, growth = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "yes", sys.argv[4] == "yes"
what = (sys.argv[5:] or ["pg"])[0]


def way(name, count):
    runs = [[float(field) for field in line.split()] for line in open(f"{folder}/{name}")]
    seconds = statistics.median(run[0] for run in runs)
    return {
        "runs": [run[0] for run in runs],
        "seconds": seconds,
        "rowsPerSecond": round(count / seconds),
        "processorSeconds": statistics.median(run[1] for run in runs),
        "peakMiB": round(max(run[2] for run in runs) / 1024, 1),
    }


names = {
    "mongo": ("copy", "auto", "python"), "validate": ("copyout", "fingerprint", "samples"),
}.get(what, ("pipe", "auto", "batches"))
ways = {name: way(name, rows) for name in names}
first, auto, last = (ways[name] for name in names)
if what == "validate":
    wishes = [
        ("time of the fingerprints / time of a COPY into a pipe", auto["seconds"] / first["seconds"], 1.5),
        ("seconds of validate with its usual samples", last["seconds"], 10),
        ("processor seconds of the fingerprints per million rows", auto["processorSeconds"] * 1e6 / rows, 2.0),
    ]
elif what == "mongo":
    wishes = [
        ("time of auto / time of a ready COPY", auto["seconds"] / first["seconds"], 1.25),
        ("time of auto / time of the Python script", auto["seconds"] / last["seconds"], 0.2),
        ("processor seconds of auto per 500000 documents", auto["processorSeconds"] * 5e5 / rows, 1.5),
    ]
else:
    wishes = [
        ("time of auto / time of the pipe", auto["seconds"] / first["seconds"], 0.75),
        ("time in batches of 1000 / time of auto", last["seconds"] / auto["seconds"], 1.4),
        ("processor seconds of auto per million rows", auto["processorSeconds"] * 1e6 / rows, 2.0),
    ]
wishes.append((f"most memory of {names[1]}, MiB", auto["peakMiB"], 150))
if growth:
    ways["fourfold"] = way("fourfold", 4 * rows)
    # What a run needs once, it needs for any number of rows; a tenth more is noise.
    wishes.append(("memory for four times the rows / for one", ways["fourfold"]["peakMiB"] / auto["peakMiB"], 1.1))
results = [{"what": what, "value": round(value, 3), "atMost": most, "met": value <= most} for what, value, most in wishes]

if as_json:
    print(json.dumps({"rows": rows, "ways": ways, "wishes": results}, indent=2))
else:
    print(f"{rows} rows, medians of {len(first['runs'])}")
    print(f"  {'way':11} {'seconds':>8} {'rows/s':>9} {'of first':>8} {'CPU s':>7} {'peak MiB':>9}")
    for name, one in ways.items():
        share = f"{one['seconds'] / first['seconds']:8.2f}" if name != "fourfold" else " " * 8
        print(
            f"  {name:11} {one['seconds']:8.2f} {one['rowsPerSecond']:9} {share} "
            f"{one['processorSeconds']:7.2f} {one['peakMiB']:9.1f}")
    for result in results:
        verdict = "met" if result["met"] else "MISSED"
        print(f"  {verdict:7} {result['what']}: {result['value']} (at most {result['atMost']})")
