"""Documents of 30 fields, arrays among them, from MongoDB."""
import os
import subprocess

import install
from copies import HERE, MIGRATE, fresh_folder, psql, shell
from timing import Way, Work, say

SCRIPT = f"{install.ROOT}/scripts/bench-mongo.py"


def written(function):
    """What `scripts/bench mongo` has as plan and table."""
    text = f'root="{install.ROOT}"; . "$root/scripts/bench-mongo.sh"; {function}'
    return subprocess.run(["bash", "-c", text], check=True, capture_output=True, text=True).stdout


def work(servers, folder, rows):
    say(f"making {rows} documents")
    environment = servers.environment | {"PYTHONPATH": f"{install.ROOT}/.cache/python"}
    assert os.spawnvpe(os.P_WAIT, "python3", ["python3", SCRIPT, "make", str(rows)], environment) == 0
    os.makedirs(f"{folder}/config/contacts", exist_ok=True)
    open(f"{folder}/config/contacts/plan.json5", "w").write(written("write_plan"))
    servers.make("empty_contacts")
    servers.sql("empty_contacts", written("table_in_sql contacts"))
    to_url = servers.url("target")
    mine = environment | {"MIGRATION_CONFIG_DIR": f"{folder}/config", "MIGRATION_PLAN": "contacts"}
    hashed = "select count(*) || ' ' || sum(hashtextextended(t::text, 0)) from public.contacts t"

    def before():
        fresh_folder(folder)
        servers.fresh_target("empty_contacts")

    copy_in = psql(to_url, "copy contacts from stdin (format binary)")
    before()
    assert os.spawnvpe(os.P_WAIT, MIGRATE, [MIGRATE, "contacts", "--quiet"], mine) == 0
    assert os.system(f"{psql(to_url, 'copy contacts to stdout (format binary)')} > '{folder}/contacts.all'") == 0
    wanted = servers.sql("target", hashed)

    def check():
        found = servers.sql("target", hashed)
        return None if found == wanted else f"made other rows: {found} instead of {wanted}"

    def counted(table):
        def check():
            found = servers.sql("target", f"select count(*) from {table}")
            return None if found == str(rows) else f"moved {found} of {rows} documents"
        return check

    mongodb = servers.environment["MONGODB_URL"]
    peers = {"SLING_DISABLE_TELEMETRY": "true", "SOURCE": mongodb, "TARGET": to_url + "?sslmode=disable", "RUNTIME__DLTHUB_TELEMETRY": "false"}
    return Work("contacts", f"MongoDB contacts, {rows:,} documents", rows, [
        Way("COPY, ready file", shell(f"{copy_in} < {folder}/contacts.all"), before=before, after=check),
        Way("migrate", [MIGRATE, "contacts", "--quiet"], mine, before, check),
        Way("Python, pymongo", shell(f"python3 {SCRIPT} move | {psql(to_url, 'copy contacts from stdin')}"), environment, before, check),
        Way("sling", [
            install.sling(), "run", "--src-conn", "SOURCE", "--src-stream", "nextcrm.crm_Contacts", "--tgt-conn", "TARGET",
            "--tgt-object", "moved.contacts", "--mode", "full-refresh"], peers, before, counted("moved.contacts")),
        Way("dlt", [install.PYTHON, f"{HERE}/with_dlt.py", "collection", "crm_Contacts"], peers, before, counted("moved.crm_contacts")),
    ], "COPY, ready file")
