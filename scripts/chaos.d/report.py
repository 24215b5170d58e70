"""What came of the runs: a line for each, a summary, and the table of docs/reliability.md."""
import json
from collections import Counter

import catalogue


def record(trial, build):
    difference = trial.difference
    return {
        "seed": trial.world.seed, "number": trial.number, "build": build, "fault": trial.fault.name,
        "surrounding": trial.surrounding.name, "sides": list(trial.surrounding.sides), "plan": trial.plan.name, "lanes": trial.lanes, "chunk": trial.chunk, "strikes": trial.strikes,
        "endings": [ending.signal or ending.code for ending in trial.endings],
        "told": trial.told, "lost": trial.silent or (difference.lost if difference else 0), "doubled": difference.doubled if difference else 0,
        "hung": any(ending.hung for ending in trial.endings),
        "peakMiB": round(max((ending.peak_mib for ending in trial.endings), default=0)),
        "seconds": round(trial.seconds, 1), "wrong": trial.wrong, "notes": trial.notes,
    }


def line(result):
    outcome = "WRONG: " + " | ".join(result["wrong"]) if result["wrong"] else "told, then equal" if result["told"] else "equal"
    endings = " ".join(map(str, result["endings"]))
    return (f"{result['number']:4} {result['fault']:20} {result['surrounding']:17} {result['plan']:8} lanes {result['lanes']} strikes {result['strikes']}"
            f"  ended {endings:16} {result['seconds']:5.1f} s  {outcome}")


def read(path):
    with open(path) as file:
        return [json.loads(text) for text in file if text.strip()]


def summary(results):
    return {
        "runs": len(results), "struck": sum(result["strikes"] > 0 for result in results),
        "strikes": sum(result["strikes"] for result in results),
        "lost": sum(result["lost"] for result in results), "doubled": sum(result["doubled"] for result in results),
        "told": sum(result["told"] for result in results),
        "hung": sum(result["hung"] for result in results), "wrong": [result for result in results if result["wrong"]],
        "peakMiB": max((result["peakMiB"] for result in results), default=0),
        "endings": Counter(str(code) for result in results for code in result["endings"]),
        "results": results,
    }


def closing(results):
    told = summary(results)
    return (f"{told['runs']} runs, {told['struck']} of them struck {told['strikes']} times: {told['lost']} rows lost, "
            f"{told['doubled']} doubled, {told['told']} told of what was changed, {told['hung']} hung, {len(told['wrong'])} wrong, "
            f"{told['peakMiB']} MiB at most" + "".join(map(again, told["wrong"])))


def again(result):
    """A wrong run in a line, and how to repeat it: the other options have to be the same."""
    return (f"\nwrong: --count 1 --first {result['number']} --seed {result['seed']}: {result['fault']}, {result.get('surrounding', 'none')}, "
            f"{result['plan']}: {result['wrong'][0][:160]}")


def show(paths):
    """Prints the table of files of results."""
    results = [result for path in paths for result in read(path)]
    for build, count in Counter(result["build"] for result in results).items():
        print(f"{count} runs of {build}")
    print()
    print("| Fault | Runs | Strikes | Rows lost | Doubled | Told | Hung | How commands ended |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    for fault in catalogue.ALL:
        of = [result for result in results if result["fault"] == fault.name]
        if not of:
            continue
        told = summary(of)
        endings = ", ".join(f"{code} × {count}" for code, count in sorted(told["endings"].items()))
        print(f"| `{fault.name}`: {fault.what} | {told['runs']} | {told['strikes']} | {told['lost']} | {told['doubled']} "
              f"| {told['told']} | {told['hung']} | {endings} |")
    print()
    print("| Surrounding | Runs | Strikes | Rows lost | Doubled | Told | Hung | Wrong |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for kind in catalogue.SURROUNDINGS:
        of = [result for result in results if result.get("surrounding", "none") == kind.name]
        if of:
            told = summary(of)
            print(f"| `{kind.name}`: {kind.what} | {told['runs']} | {told['strikes']} | {told['lost']} | {told['doubled']} | {told['told']} "
                  f"| {told['hung']} | {len(told['wrong'])} |")
    print()
    print(closing(results))
    return 0
