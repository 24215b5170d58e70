"""Other programs: run, waited for, and their failures told."""
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("MIGRATE_CACHE", ROOT / ".cache"))


class Failed(Exception):
    """Something of the harness's own did not work: this is no verdict on the program."""


def run(words, env=None, cwd=None, timeout=120, input=None):
    """Returns the output; a failure is an exception with what the program said."""
    try:
        done = subprocess.run(
            [str(word) for word in words], env=env, cwd=cwd, timeout=timeout, input=input,
            stdin=None if input else subprocess.DEVNULL, capture_output=True, text=True)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{words[0]} took longer than {timeout} s") from error
    if done.returncode != 0:
        raise Failed(f"{words[0]} ended with {done.returncode}: {done.stderr.strip()[-600:]}")
    return done.stdout


# The judge's own sessions are as they always are, whatever servers, databases and roles set.
OPTIONS = {
    "search_path": "public", "DateStyle": "ISO,MDY", "IntervalStyle": "postgres", "extra_float_digits": "1", "bytea_output": "hex",
    "array_nulls": "on", "lc_monetary": "C", "default_transaction_read_only": "off", "default_transaction_isolation": "read\\ committed",
    "default_transaction_deferrable": "off", "standard_conforming_strings": "on", "transform_null_equals": "off",
    "quote_all_identifiers": "off", "row_security": "on", "xmloption": "content", "session_replication_role": "origin",
}


def psql_environment(with_options=True):
    env = dict(os.environ, PGTZ="UTC", PGCONNECT_TIMEOUT="10", PGCLIENTENCODING="UTF8")
    if with_options:
        env["PGOPTIONS"] = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
    return env


def psql(url, sql, timeout=60):
    """Runs SQL independent of the code under test; returns rows with | between the fields."""
    env = psql_environment()
    words = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", "-"]
    return run(words, env=env, timeout=timeout, input=sql).rstrip("\n")


def as_postgres_words(words):
    """PostgreSQL's server programs, and pgbouncer, refuse to run as root."""
    if os.getuid() == 0:
        words = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", *words]
    return words


def as_postgres(words, **options):
    return run(as_postgres_words(words), cwd="/", **options)


def say(text):
    print(text, file=sys.stderr, flush=True)
