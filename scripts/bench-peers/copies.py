"""Tables that are copied as they are, from one PostgreSQL to another."""
import os
import shutil

import install
from timing import Way, Work, say

MIGRATE = os.environ.get("MIGRATE_EXECUTABLE", f"{install.ROOT}/.build/release/migrate")
HERE = os.path.dirname(os.path.abspath(__file__))


def shell(text):
    return ["bash", "-c", "set -euo pipefail; " + text]


def psql(url, statement):
    return f"psql -XAtq -v ON_ERROR_STOP=1 '{url}' -c \"{statement}\""


def fresh_folder(folder):
    """Where migrate keeps its files; of an earlier run there is nothing left."""
    shutil.rmtree(f"{folder}/run", ignore_errors=True)
    os.makedirs(f"{folder}/run")
    os.chdir(f"{folder}/run")


def work(shape, servers, folder):
    source, empty = f"source_{shape.name}", f"empty_{shape.name}"
    say(f"making {shape.rows} rows: {shape.name}")
    servers.make(source)
    servers.sql(source, shape.table(), shape.fill(), *shape.indexes(), f"vacuum (freeze, analyze) public.{shape.name}")
    servers.make(empty)
    servers.sql(empty, shape.table(), *shape.indexes())
    ready(shape, servers.url(source), folder)
    hashed = f"select count(*) || ' ' || sum(hashtextextended(t::text, 0)) from public.{shape.name} t"
    wanted = servers.sql(source, hashed)
    plan = f"{folder}/config/{shape.name}"
    os.makedirs(plan, exist_ok=True)
    open(f"{plan}/plan.json5", "w").write(shape.plan())

    def exact():
        found = servers.sql("target", hashed)
        return None if found == wanted else f"made other rows: {found} instead of {wanted}"

    def counted(table):
        def check():
            found = servers.sql("target", f"select count(*) from {table}")
            return None if found == str(shape.rows) else f"moved {found} of {shape.rows} rows"
        return check

    def into(template):
        def before():
            fresh_folder(folder)
            servers.fresh_target(template)
        return before

    from_url, to_url = servers.url(source), servers.url("target")
    copy_in = psql(to_url, f"copy public.{shape.name} from stdin (format binary)")
    copy_out = psql(from_url, f"copy public.{shape.name} to stdout (format binary)")
    halves = f"{folder}/{shape.name}"
    dumped = f"pg_dump -Fc -Z0 --no-owner --no-acl -d '{from_url}'"
    cloned = (
        f"pgcopydb clone --source '{from_url}' --target '{to_url}' --dir '{folder}/pgcopydb' --restart"
        " --table-jobs 2 --index-jobs 2 --no-owner --no-acl --skip-large-objects")
    peers = {"SLING_DISABLE_TELEMETRY": "true", "SOURCE": from_url + "?sslmode=disable", "TARGET": to_url + "?sslmode=disable"}
    return Work(shape.name, f"{shape.title}, {shape.rows:,} rows", shape.rows, [
        Way("COPY, ready file", shell(f"{copy_in} < {halves}.all"), before=into(empty), after=exact),
        Way("COPY, 2 ready files", shell(f"{copy_in} < {halves}.1 & {copy_in} < {halves}.2; wait $!"), before=into(empty), after=exact),
        Way("migrate", [MIGRATE, "run", "--quiet"], before=into(empty), after=exact, environment={
            "MIGRATION_CONFIG_DIR": f"{folder}/config", "MIGRATION_PLAN": shape.name,
            "SOURCE_DATABASE_URL": from_url, "DATABASE_URL": to_url}),
        Way("psql COPY pipe", shell(f"{copy_out} | {copy_in}"), before=into(empty), after=exact),
        Way("pg_dump, pg_restore", shell(f"{dumped} | pg_restore --no-owner -d '{to_url}'"), before=into("template1"), after=exact),
        Way("pgcopydb", shell(cloned), before=into("template1"), after=exact),
        Way("pgloader", shell(f"pgloader --no-ssl-cert-verification '{from_url}' '{to_url}' && {psql(to_url, 'select 1')}"),
            before=into("template1"), after=counted(f"public.{shape.name}")),
        Way("sling", [
            install.sling(), "run", "--src-conn", "SOURCE", "--src-stream", f"public.{shape.name}", "--tgt-conn", "TARGET",
            "--tgt-object", f"public.{shape.name}", "--mode", "full-refresh"],
            before=into("template1"), after=counted(f"public.{shape.name}"), environment=peers),
        Way("dlt", [install.PYTHON, f"{HERE}/with_dlt.py", "rows" if shape.has_arrays() else "table", shape.name], before=into("template1"),
            after=counted(f"moved.{shape.name}"), environment=peers | {"RUNTIME__DLTHUB_TELEMETRY": "false"}),
    ], "COPY, ready file")


def ready(shape, url, folder):
    """The rows as files that the server reads with the least effort: all of them, and two halves."""
    middle = shape.rows // 2
    for part, condition in (("all", "true"), ("1", f"id <= {middle}"), ("2", f"id > {middle}")):
        rows = f"copy (select * from public.{shape.name} where {condition}) to stdout (format binary)"
        assert os.system(f"{psql(url, rows)} > '{folder}/{shape.name}.{part}'") == 0
