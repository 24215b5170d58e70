"""Customers whose columns are renamed, cleaned and folded into documents on the way: the plan nxt."""
import os
import shutil

import install
from copies import HERE, MIGRATE, fresh_folder, psql, shell
from timing import Way, Work, say


READING_BACK = ' corruption: "rollback session",'


def loading_alone(servers):
    """The configuration without the plan's trigger for corruption, which reads every loaded row back: no other tool does."""
    config = f"{servers.folder}/config"
    shutil.rmtree(config, ignore_errors=True)
    shutil.copytree(f"{install.ROOT}/config", config)
    with open(f"{config}/nxt/plan.json5") as file:
        plan = file.read()
    assert READING_BACK in plan, "the plan nxt has no such trigger any more"
    with open(f"{config}/nxt/plan.json5", "w") as file:
        file.write(plan.replace(READING_BACK, ""))
    return config


def prepare(servers, folder):
    """The target's tables as the plan has them, as a template."""
    fresh_folder(folder)
    servers.make("target")
    environment = servers.environment | {"MIGRATION_CONFIG_DIR": loading_alone(servers), "MIGRATION_PLAN": "nxt"}
    servers.environment = environment
    assert os.spawnvpe(os.P_WAIT, MIGRATE, [MIGRATE, "db", "migrate", "--quiet"], environment) == 0
    servers.make("empty_nxt", "target")


def fill(servers, rows, seed):
    say(f"making {rows} customers")
    servers.sql("legacy", "drop table if exists legacy_customers")
    command = [MIGRATE, "sample", "--rows", str(rows), "--seed", str(seed), "--replace", "--yes", "--quiet"]
    assert os.spawnvpe(os.P_WAIT, MIGRATE, command, servers.environment) == 0
    servers.sql("legacy", "vacuum (freeze, analyze) legacy_customers")


def ways(servers, folder, rows, options=()):
    """`options` are of migrate."""
    query = open(f"{HERE}/customers.sql").read()
    from_url, to_url = servers.url("legacy"), servers.url("target")
    # The time of the run is in every row's metadata.
    hashed = (
        "select count(*) || ' ' || sum(hashtextextended(row(id, customer_code, company_name, email, phone, address,"
        " metadata - 'migrationDate', purchase_history)::text, 0)) from public.customers")
    wanted = servers.sql("legacy", hashed.replace("from public.customers", f"from ({query}) c"))

    def check():
        found = servers.sql("target", hashed)
        return None if found == wanted else f"made other rows: {found} instead of {wanted}"

    def counted():
        found = servers.sql("target", "select count(*) from moved.customers")
        return None if found == str(rows) else f"moved {found} of {rows} rows"

    def before():
        fresh_folder(folder)
        servers.fresh_target("empty_nxt")

    copy_in = psql(to_url, "copy customers from stdin (format binary)")
    copy_out = f"psql -XAtq -v ON_ERROR_STOP=1 '{from_url}' -c \"copy ($(cat {HERE}/customers.sql)) to stdout (format binary)\""
    assert os.system(f"{copy_out} > '{folder}/customers.all'") == 0
    peers = {"SLING_DISABLE_TELEMETRY": "true", "SOURCE": from_url + "?sslmode=disable", "TARGET": to_url + "?sslmode=disable"}
    return [
        Way("COPY, ready file", shell(f"{copy_in} < {folder}/customers.all"), before=before, after=check),
        Way("migrate", [MIGRATE, "customers", "--quiet", *options], servers.environment, before, check),
        Way("psql COPY pipe, SQL", shell(f"{copy_out} | {copy_in}"), before=before, after=check),
        Way("sling, SQL", [
            install.sling(), "run", "--src-conn", "SOURCE", "--src-stream", query, "--tgt-conn", "TARGET",
            "--tgt-object", "moved.customers", "--mode", "full-refresh"], peers, before, counted),
    ]


def work(servers, folder, rows, seed):
    fill(servers, rows, seed)
    return Work("customers", f"customers, transformed, {rows:,} rows", rows, ways(servers, folder, rows), "COPY, ready file")
