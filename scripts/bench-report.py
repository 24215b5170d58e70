"""Tells what `scripts/bench pg` measured, and whether it is as fast as it should be.

Usage: bench-report.py FOLDER ROWS JSON(yes|no) GROWTH(yes|no)
"""
import json
import statistics
import sys

folder, rows, as_json, growth = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "yes", sys.argv[4] == "yes"


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


ways = {name: way(name, rows) for name in ("pipe", "auto", "batches")}
pipe, auto, batches = ways["pipe"], ways["auto"], ways["batches"]
wishes = [
    ("time of auto / time of the pipe", auto["seconds"] / pipe["seconds"], 0.75),
    ("time in batches of 1000 / time of auto", batches["seconds"] / auto["seconds"], 1.4),
    ("processor seconds of auto per million rows", auto["processorSeconds"] * 1e6 / rows, 2.0),
    ("most memory of auto, MiB", auto["peakMiB"], 150),
]
if growth:
    ways["fourfold"] = way("fourfold", 4 * rows)
    # What a run needs once, it needs for any number of rows; a tenth more is noise.
    wishes.append(("memory for four times the rows / for one", ways["fourfold"]["peakMiB"] / auto["peakMiB"], 1.1))
results = [{"what": what, "value": round(value, 3), "atMost": most, "met": value <= most} for what, value, most in wishes]

if as_json:
    print(json.dumps({"rows": rows, "ways": ways, "wishes": results}, indent=2))
else:
    print(f"{rows} rows, medians of {len(pipe['runs'])}")
    print(f"  {'way':10} {'seconds':>8} {'rows/s':>9} {'of pipe':>8} {'CPU s':>7} {'peak MiB':>9}")
    for name, one in ways.items():
        share = f"{one['seconds'] / pipe['seconds']:8.2f}" if name != "fourfold" else " " * 8
        print(
            f"  {name:10} {one['seconds']:8.2f} {one['rowsPerSecond']:9} {share} "
            f"{one['processorSeconds']:7.2f} {one['peakMiB']:9.1f}")
    for result in results:
        verdict = "met" if result["met"] else "MISSED"
        print(f"  {verdict:7} {result['what']}: {result['value']} (at most {result['atMost']})")
