"""A manual as a list of steps: the line that it prints, and what is to be seen after it."""
import re
from dataclasses import dataclass, field

PRINTED, INSTEAD, ABSENT, OTHER = "as printed", "another line", "not there yet", "other programs"


@dataclass
class Step:
    section: str
    line: str
    kind: str = PRINTED
    # The line that is run in place of the printed one, and why.
    works: str = ""
    because: str = ""
    code: int = 0
    shows: list = field(default_factory=list)
    hides: list = field(default_factory=list)
    # Functions that get the world, and return what is wrong, or nothing.
    then: list = field(default_factory=list)
    # Whether the line asks for a word, which is then typed.
    asks: bool = False
    terminal: int = 1
    # The line goes on after this was seen; a later step of the same terminal ends it.
    until: str = ""
    # Ends the line that goes on in the terminal: by keys, or by itself if there are none.
    ends: bool = False
    keys: str = ""
    # An act that no manual has: the world is made ready for the next steps. Not counted.
    act: object = None
    seconds: float = 60
    number: str = ""

    @property
    def place(self):
        """The number of the section in the manual."""
        return self.section.split(":")[0]

    @property
    def typed(self):
        return self.works or self.line


class Manual:
    def __init__(self, name, title, plan):
        self.name, self.title, self.plan = name, title, plan
        self.steps = []
        self._section = ""
        self._counts = {}

    def section(self, title):
        """Begins a section: its number in the manual, and our words for it."""
        self._section = title

    def line(self, line, **more):
        """A line that works as the manual prints it."""
        self._add(Step(self._section, line, **more))

    def instead(self, line, works, because, **more):
        """A line that cannot work, and the one that does; both have to stand in docs/manuals.md."""
        self._add(Step(self._section, line, kind=INSTEAD, works=works, because=because, **more))

    def absent(self, *lines, terminal=1):
        """Commands that are not there yet: unknown, with exit code 2."""
        for line in lines:
            self._add(Step(
                self._section, line, kind=ABSENT, code=2, terminal=terminal,
                shows=["unknown command|incomplete command"]))

    def other(self, line, because):
        """A line for other programs, which the test has not; it reads and writes nothing of ours."""
        self._add(Step(self._section, line, kind=OTHER, because=because))

    def ends(self, shows=(), keys="", code=0, terminal=1, **more):
        """Waits for the end of the line that goes on in a terminal, or ends it by keys."""
        self._add(Step(
            self._section, "^C" if keys == "\x03" else "(its end)", code=code, shows=list(shows), keys=keys, ends=True,
            terminal=terminal, **more))

    def act(self, what, function):
        self.steps.append(Step(self._section, what, act=function))

    def _add(self, step):
        self._counts[step.place] = self._counts.get(step.place, 0) + 1
        step.number = f"{step.place}-{self._counts[step.place]}"
        self.steps.append(step)

    @property
    def counted(self):
        return [step for step in self.steps if not step.act]

    def absent_scripts(self):
        """The names that the manual gives to npm, of commands that are not there yet."""
        lines = (step.line for step in self.counted if step.kind == ABSENT)
        return sorted({name for line in lines for name in re.findall(r"^npm run ([\w:-]+)", line)})


def sql(query, expected, side="target"):
    """What a query of the target (or "source", "backup") has to give."""
    def look(world):
        found = world.sql(query, side)
        if found != str(expected):
            return f"{query}: {found!r}, expected {expected!r}"
    return look


def adds_up(table, *sources):
    """Every row of the sources is in the target or in the quarantine, by SQL."""
    def look(world):
        read = sum(int(world.sql(f"select count(*) from {source}", "source")) for source in sources)
        return check_sum(world, table, read)
    return look


def adds_up_to_documents(world):
    """Every document is in the target or in the quarantine; junction tables and parts of documents are not counted."""
    for table, read in world.documents().items():
        complaint = check_sum(world, table, read, quote=True)
        if complaint:
            return complaint


def check_sum(world, table, read, quote=False):
    name = f'"{table}"' if quote else table
    loaded = int(world.sql(f"select count(*) from {name}"))
    aside = int(world.sql(
        "select count(*) from migrate.quarantine q join migrate.table_state t on t.id = q.table_id "
        f"where t.name = '{table}' and q.status = 'open'"))
    if loaded == 0 or loaded + aside != read:
        return f"{table}: {read} in the source, {loaded} in the target, {aside} in the quarantine"


def shell(line, expected):
    """A line in the operator's folder, and a pattern for all that it prints."""
    def look(world):
        found = world.shell(line)
        if not re.fullmatch(expected, found, re.S):
            return f"{line}: {found[-400:]!r}, expected {expected!r}"
    return look
