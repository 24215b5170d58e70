"""Makes a just started mongod a primary, and creates its first user through the localhost exception."""

import os
import sys
import time

import pymongo
from pymongo.errors import PyMongoError

port, authority = int(sys.argv[1]), sys.argv[2]
options = {"tls": True, "tlsCAFile": authority} if authority else {}
client = pymongo.MongoClient(
    "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=20000, **options
)
client.admin.command(
    "replSetInitiate", {"_id": "private", "members": [{"_id": 0, "host": f"127.0.0.1:{port}"}]}
)
deadline = time.monotonic() + 60
while not client.admin.command("hello")["isWritablePrimary"]:
    if time.monotonic() > deadline:
        sys.exit("error: no primary within 60 seconds")
    time.sleep(0.05)
while True:
    try:
        client.admin.command("createUser", "migrate", pwd=os.environ["MONGO_PASSWORD"], roles=["root"])
        break
    except PyMongoError:
        if time.monotonic() > deadline:
            raise
        time.sleep(0.05)
