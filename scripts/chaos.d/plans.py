"""What is migrated: four sources with their plans, and what each becomes when nobody disturbs."""
import os
import re
import shutil
import time
from pathlib import Path

from contents import read_contents
from program import Program
from shell import ROOT, Failed, psql, run

HERE = Path(__file__).parent


class Plan:
    """A source that is filled once, an empty target to copy, and the contents to compare with."""

    name = ""
    setting = "SOURCE_DATABASE_URL"

    def __init__(self, world):
        self.world = world
        self.config = world.work / f"config-{self.name}"
        self.template = f"empty_{self.name}"
        self.database = f"source_{self.name}"

    def prepare(self):
        shutil.copytree(ROOT / "config", self.config)
        self.write_plan()
        self.fill()
        self.world.target.sql(f"create database {self.template}")
        self.command(["db", "migrate"], self.world.target.url(self.template))
        self.trim_target()
        self.expected, self.code, self.seconds = self.undisturbed(self.source_url())

    def write_plan(self):
        """Most plans are the shipped ones."""

    def trim_target(self):
        """Most plans fill all tables of the target."""

    def undisturbed(self, source, lanes=2):
        """Returns what a migration that nobody disturbs makes of a source, its exit code and its time."""
        name = f"undisturbed_{self.name}"
        self.new_target(name)
        url = self.world.target.url(name)
        begun = time.monotonic()
        code = self.command(["run", "--all", "--parallel", lanes], url, source)
        seconds = time.monotonic() - begun
        contents = read_contents(url)
        self.world.target.drop(name)
        return contents, code, seconds

    def new_target(self, name, tablespace=None, template=None):
        self.world.target.drop(name)
        place = f" tablespace {tablespace}" if tablespace else ""
        self.world.target.sql(f'create database "{name}" template {template or self.template}{place}')

    def encoded_template(self, encoding):
        """The empty target once more, in another encoding."""
        name = f"{self.template}_{encoding.lower()}"
        if self.world.target.create_encoded(name, encoding):
            self.command(["db", "migrate"], self.world.target.url(name))
            self.trim_target()
        return name

    def environment(self, target, source=None):
        env = {
            "HOME": "/nonexistent", "PATH": f"{self.world.target.bin}:/usr/bin:/bin", "PGTZ": "UTC",
            "MIGRATION_CONFIG_DIR": str(self.config), "MIGRATION_PLAN": self.name, "DATABASE_URL": target,
            "MIGRATION_BATCH_SIZE": "250",
        }
        env[self.setting] = source or self.source_url()
        return env

    def command(self, words, target, source=None):
        """Runs a command to its end in a folder of its own; returns its exit code, 0 or 5."""
        folder = self.world.new_folder()
        ending = Program([self.world.migrate, *words, "--quiet"], self.environment(target, source), folder).wait(120)
        if ending.code not in (0, 5):
            raise Failed(f"migrate {' '.join(map(str, words))}, undisturbed, ended with {ending.code}: {ending.errors}")
        return ending.code


class PostgresPlan(Plan):
    def source_url(self, database=None, port=None):
        return self.world.source.url(database or self.database, port)

    def fill(self):
        self.world.source.sql(f"create database {self.database}")
        self.fill_database(self.source_url())

    def encoded_source(self, encoding):
        """The same rows once more, in another encoding."""
        name = f"{self.database}_{encoding.lower()}"
        if self.world.source.create_encoded(name, encoding):
            self.fill_database(self.source_url(name))
        return name

    def copy_source(self, name, original=None):
        original = original or self.database
        self.world.source.drop(name)
        # Sessions of programs that were killed in the run before may not be gone yet.
        self.world.source.sql(f"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{original}'")
        self.world.source.sql(f"create database {name} template {original}")

    def drop_source(self, name):
        self.world.source.drop(name)


class NXT(PostgresPlan):
    """Seven linked tables with sound and faulty rows, out of PostgreSQL."""

    name = "nxt"

    def fill_database(self, url):
        self.command(["sample", "--rows", 3000, "--dirty", 2, "--seed", self.world.seed], url)


class Plain(PostgresPlan):
    """A table that refers to itself, one without a key, and types of a fixed width."""

    name = "plain"

    def write_plan(self):
        shutil.copytree(HERE / "config" / self.name, self.config / self.name)

    def fill_database(self, url):
        psql(url, (HERE / "config" / self.name / "source.sql").read_text())


class Forms(Plain):
    """Types whose text depends on a session's settings."""

    name = "forms"


class NextCRM(Plan):
    """Five of the tables that come out of MongoDB: lookups, references, and one that is merged."""

    name = "nextcrm"
    setting = "MONGODB_URL"
    tables = ["crm_Industry_Type", "Users", "crm_Accounts", "crm_Contacts", "AccountWatchers"]

    def write_plan(self):
        file = self.config / "nextcrm/plan.json5"
        text = file.read_text()
        for name, body in re.findall(r"(?ms)^    (\w+): \{$(.*?)^    \},$", text):
            if name not in self.tables and "from:" in body:
                text = re.sub(rf"(?ms)^    {name}: \{{$.*?^    \}},$\n", "", text, count=1)
        file.write_text(text)

    def trim_target(self):
        """Tables that refer to those of the plan, and are none of its own, would keep them from being emptied."""
        names = ", ".join(f"'{name}'" for name in self.tables)
        self.world.target.sql(f"""do $$ declare name text; begin
          for name in select tablename from pg_tables where schemaname = 'public' and tablename not in ({names}) loop
            execute format('drop table %I cascade', name); end loop; end $$""", self.template)

    def source_url(self, database=None, port=None):
        return self.world.mongo.url(database or self.database, port)

    def fill(self):
        self.command(
            ["sample", "--rows", 1500, "--dirty", 2, "--seed", self.world.seed],
            self.world.target.url("postgres"))

    def copy_source(self, name):
        with self.world.mongo.client() as client:
            client.drop_database(name)
            for collection in client[self.database].list_collection_names():
                client[self.database][collection].aggregate([{"$out": {"db": name, "coll": collection}}])

    def drop_source(self, name):
        with self.world.mongo.client() as client:
            client.drop_database(name)


ALL = {plan.name: plan for plan in (NXT, Plain, NextCRM, Forms)}
