"""The peers: pgcopydb and pgloader from Debian, the others from PyPI into a private environment below .cache."""
import os
import shutil
import subprocess
import sys

from servers import ROOT
from timing import say

FOLDER = os.path.join(os.environ.get("MIGRATE_CACHE", f"{ROOT}/.cache"), "peers")
PYTHON = f"{FOLDER}/bin/python3"
PACKAGES = ["dlt[postgres]==1.31.0", "sqlalchemy", "pyarrow", "psycopg[binary]==3.3.9", "pymongo==4.10.1", "sling-linux-amd64==1.4.11"]


def install():
    missing = [name for name in ("pgcopydb", "pgloader") if not shutil.which(name)]
    if missing:
        say(f"installing from Debian: {' '.join(missing)}")
        root = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run(root + ["apt-get", "update", "-qq"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(
            root + ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "-qq", "--no-install-recommends"] + missing,
            check=True, stdout=subprocess.DEVNULL)
    if not os.path.exists(f"{FOLDER}/installed"):
        say(f"installing from PyPI into {FOLDER}: {' '.join(PACKAGES)}")
        subprocess.run([sys.executable, "-m", "venv", FOLDER], check=True)
        subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check"] + PACKAGES, check=True)
        open(f"{FOLDER}/installed", "w").write("\n".join(PACKAGES) + "\n")


def sling():
    for folder, _, names in os.walk(f"{FOLDER}/lib"):
        if "sling-linux-amd64" in names:
            return os.path.join(folder, "sling-linux-amd64")
    raise SystemExit("error: the package sling-linux-amd64 has no program; remove .cache/peers and try again")
