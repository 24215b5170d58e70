"""Settings of servers, databases and roles that change what values look like, or what a session may."""
from servers import wait_for
from surrounding import Surrounding

ODD = {
    "DateStyle": ["SQL, DMY", "German", "Postgres, DMY", "SQL, MDY", "ISO, YMD"],
    "IntervalStyle": ["sql_standard", "postgres_verbose", "iso_8601"],
    "TimeZone": ["Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"],
    "extra_float_digits": ["-15", "0", "3"],
    "bytea_output": ["escape"],
    "array_nulls": ["off"],
    "client_encoding": ["LATIN1", "SQL_ASCII"],
    "default_transaction_isolation": ["serializable", "repeatable read"],
    "default_transaction_deferrable": ["on"],
    "standard_conforming_strings": ["off"],
    "transform_null_equals": ["on"],
    "quote_all_identifiers": ["on"],
    "row_security": ["off"],
    "xmloption": ["document"],
}
# Where the locales are installed.
MONEY = ["de_DE.UTF-8", "ja_JP.UTF-8", "en_US.UTF-8"]


class Settings(Surrounding):
    """Drawn anew for each side; a command that names one of them and stops has told."""

    place = None

    def draw(self, side):
        drawn = {name: self.random.choice(values) for name, values in ODD.items() if self.random.random() < 0.7}
        known = self.server(side).sql("select collname from pg_collation").lower().splitlines()
        money = [name for name in MONEY if name.lower().replace("-", "") in known]
        if money:
            drawn["lc_monetary"] = self.random.choice(money)
        return drawn

    def before(self):
        self.drawn = {side: self.draw(side) for side in self.sides}
        for side, settings in self.drawn.items():
            self.apply(side, settings)
            self.trial.notes.append(f"{side}: " + ", ".join(f"{name} {value}" for name, value in settings.items()))
        self.refusal = r"\b(" + "|".join({name for settings in self.drawn.values() for name in settings}) + r")\b"

    def apply(self, side, settings):
        self.sql(side, "".join(f"{self.subject(side)} set {name} = '{value}';\n" for name, value in settings.items()))

    def mend(self):
        for side in self.sides:
            self.sql(side, f"{self.subject(side)} reset all")


class DatabaseSettings(Settings):
    name, what = "settings-database", "odd DateStyle, array_nulls and others, by ALTER DATABASE"

    def subject(self, side):
        return f'alter database "{self.database(side)}"'


class RoleSettings(Settings):
    name, what = "settings-role", "the same by ALTER ROLE … IN DATABASE"

    def subject(self, side):
        return f'alter role current_user in database "{self.database(side)}"'


class ServerSettings(Settings):
    name, what = "settings-server", "the same in postgresql.conf"

    def apply(self, side, settings):
        self.change(side, [f"set {name} = '{value}'" for name, value in settings.items()])

    def mend(self):
        for side in self.sides:
            self.reset(side)

    def reset(self, side):
        self.change(side, [f"reset {name}" for name in self.drawn[side]])

    def change(self, side, changes):
        server = self.server(side)
        before = server.sql("select pg_conf_load_time()")
        server.sql("".join(f"alter system {change};\n" for change in changes) + "select pg_reload_conf()")
        wait_for("the new configuration", lambda: server.sql("select pg_conf_load_time()") != before)

    def close(self):
        for side in getattr(self, "drawn", {}):
            self.server(side).ensure_up()
            self.reset(side)


class ReadOnly(Surrounding):
    name, what = "read-only", "default_transaction_read_only is on, by ALTER DATABASE"
    refusal = r"read.only"

    def before(self):
        for side in self.sides:
            self.sql(side, f'alter database "{self.database(side)}" set default_transaction_read_only = on')

    def mend(self):
        for side in self.sides:
            self.sql(side, f'alter database "{self.database(side)}" reset default_transaction_read_only')


class NoTriggers(Surrounding):
    """Under it the server checks no foreign key."""

    name, what = "replica-role", "session_replication_role is replica at the target, by ALTER DATABASE"
    sides = ("target",)
    refusal = r"session_replication_role"

    def before(self):
        self.sql("target", f'alter database "{self.database("target")}" set session_replication_role = replica')

    def mend(self):
        self.sql("target", f'alter database "{self.database("target")}" reset session_replication_role')


ALL = [DatabaseSettings, RoleSettings, ServerSettings, ReadOnly, NoTriggers]
