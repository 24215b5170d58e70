"""The tables of docs/manuals.md: every line that is not run as a manual prints it, and why."""
import re

from steps import ABSENT, INSTEAD, OTHER
from world import ROOT

DOCUMENT = ROOT / "docs/manuals.md"


def tables(manuals):
    return "\n\n".join(part for manual in manuals for part in [f"### {manual.name}", *parts(manual)])


def is_current(manuals):
    """Whether the document ends with these tables."""
    return DOCUMENT.read_text().rstrip().endswith(tables(manuals))


def parts(manual):
    """The tables of a manual, each as text."""
    instead, absent, other = ([step for step in manual.counted if step.kind == kind] for kind in (INSTEAD, ABSENT, OTHER))
    if instead:
        yield table(["Step", "The manual prints", "Use", "Why"], [[step.place, code(step.line), code(step.works), step.because] for step in instead])
    if absent:
        yield table(["Step", "Not there yet"], [[step.place, code(step.line)] for step in absent])
    if other:
        yield table(["Step", "Other programs", "What they do"], [[step.place, code(step.line), step.because] for step in other])


def code(line):
    """A line of a shell in a cell: on one line, with the bars that Markdown would take for the end of the cell escaped."""
    return "`" + re.sub(r"\s+", " ", line).strip().replace("|", "\\|") + "`"


def table(header, rows):
    lines = ["| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]]
    return "\n".join(dict.fromkeys(lines))
