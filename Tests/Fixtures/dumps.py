"""Makes dumps as mongodump does, and reads dumps that we wrote: an independent second opinion.

    dumps.py make DIR      folders and archives below DIR
    dumps.py items DIR ROWS BYTES forwards|backwards folder|archive
    dumps.py read DIR      one JSON line for each document and each metadata file of a written folder
"""

import gzip
import json
import pathlib
import struct
import sys

import bson
from bson import json_util

TERMINATOR = b"\xff\xff\xff\xff"
ORDERS = [{"_id": n, "text": f"order {n} é", "lines": [{"sku": "a" * (n % 50), "n": n}]} for n in range(2000)]
USERS = [{"_id": bson.ObjectId(f"{n:024x}"), "at": bson.Int64(n)} for n in range(300)]
SLASHED = [{"_id": 1, "odd": True}]
BUCKETS = [{"_id": 7, "control": {"version": 1}, "data": {}}]
ID_INDEX = {"v": {"$numberInt": "2"}, "key": {"_id": {"$numberInt": "1"}}, "name": "_id_"}
EMAIL_INDEX = {
    "v": {"$numberInt": "2"}, "key": {"email": {"$numberInt": "-1"}}, "name": "email_-1", "unique": True,
    "partialFilterExpression": {"email": {"$type": "string"}},
}


def metadata(name, kind="collection", options=None, indexes=(ID_INDEX,)):
    return json.dumps(
        {"options": options or {}, "indexes": list(indexes), "uuid": "0123456789abcdef" * 2,
         "collectionName": name, "type": kind}, separators=(",", ":"))


VIEW = {"viewOn": "orders", "pipeline": [{"$match": {"n": {"$type": {"$numberInt": "16"}}}}]}
COLLECTIONS = {
    ("shop", "orders"): (ORDERS, metadata("orders"), "collection"),
    ("shop", "users"): (USERS, metadata("users", indexes=(ID_INDEX, EMAIL_INDEX)), "collection"),
    ("shop", "a/b$c"): (SLASHED, metadata("a/b$c"), "collection"),
    ("shop", "empty"): ([], metadata("empty", options={"capped": True, "size": {"$numberInt": "4096"}}), "collection"),
    ("shop", "big_orders"): (None, metadata("big_orders", "view", VIEW, ()), "view"),
    ("other", "weather"): (BUCKETS, metadata("weather", "timeseries", {"timeseries": {"timeField": "t"}}, ()), "timeseries"),
}


def crc_of(byte):
    for _ in range(8):
        byte = (byte >> 1) ^ (0xC96C5795D7870F42 if byte & 1 else 0)
    return byte


CRC_OF_BYTE = [crc_of(byte) for byte in range(256)]


def crc64(data):
    """CRC-64 of ECMA-182, reflected, one byte after the other."""
    crc = 0xFFFFFFFFFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ CRC_OF_BYTE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFFFFFFFFFF


assert crc64(b"123456789") == 0x995DC9BBDF1939FA


def block(db, name, documents=b"", end=False, crc=0):
    signed = struct.unpack("<q", struct.pack("<Q", crc))[0]
    header = bson.encode({"db": db, "collection": name, "EOF": end, "CRC": bson.Int64(signed)})
    return header + documents + TERMINATOR


def archive(pieces=3, crc_change=0, oplog=True):
    out = struct.pack("<I", 0x8199E26D)
    out += bson.encode({"concurrent_collections": 4, "version": "0.1", "server_version": "7.0.2", "tool_version": "100.9.0"})
    for (db, name), (documents, meta, kind) in COLLECTIONS.items():
        out += bson.encode({"db": db, "collection": name, "metadata": meta, "size": 0, "type": kind})
    if oplog:
        out += bson.encode({"db": "", "collection": "oplog", "metadata": "", "size": 0, "type": ""})
    out += TERMINATOR
    streams = {("", "oplog"): [bson.encode({"op": "n"})]} if oplog else {}
    for (db, name), (documents, _, kind) in COLLECTIONS.items():
        if documents is not None:
            stored = "system.buckets." + name if kind == "timeseries" else name
            streams[(db, stored)] = [bson.encode(d) for d in documents]
    for piece in range(pieces):
        for (db, name), encoded in streams.items():
            size = (len(encoded) + pieces - 1) // pieces
            out += block(db, name, b"".join(encoded[piece * size:(piece + 1) * size]))
    for (db, name), encoded in streams.items():
        out += block(db, name, end=True, crc=crc64(b"".join(encoded)) ^ crc_change)
    return out


def folder(root, compress):
    def write(path, data):
        path.parent.mkdir(parents=True, exist_ok=True)
        if compress:
            # Two members, as when files are put together.
            half = len(data) // 2
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(data[:half]) + gzip.compress(data[half:]))
        else:
            path.write_bytes(data)

    for (db, name), (documents, meta, kind) in COLLECTIONS.items():
        stem = name.replace("/", "%2F").replace("$", "%24")
        write(root / db / f"{stem}.metadata.json", meta.encode())
        if documents is not None:
            stored = "system.buckets." + stem if kind == "timeseries" else stem
            write(root / db / f"{stored}.bson", b"".join(bson.encode(d) for d in documents))
    write(root / "oplog.bson", bson.encode({"op": "n"}))
    write(root / "prelude.json", b'{"ServerVersion":"7.0.2"}')
    write(root / "shop" / "system.profile.bson", bson.encode({"op": "query"}))
    (root / "shop" / "notes.txt").write_text("ours")


def make(root):
    folder(root / "plain", compress=False)
    folder(root / "compressed", compress=True)
    (root / "archive").write_bytes(archive())
    (root / "archive.gz").write_bytes(gzip.compress(archive(pieces=7)))
    (root / "archive-bad-crc").write_bytes(archive(crc_change=1))


def items(root):
    """A folder and an archive with documents in an order that is not that of their ids."""
    rows, size, backwards = int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] == "backwards"
    numbers = [n * 7919 % rows for n in range(rows)]
    documents = [{"_id": n, "text": f"row {n} ".ljust(size, "x")} for n in (reversed(numbers) if backwards else numbers)]
    COLLECTIONS.clear()
    COLLECTIONS["shop", "items"] = (documents, metadata("items"), "collection")
    COLLECTIONS["shop", "nothing"] = ([], metadata("nothing"), "collection")
    for (db, name), (found, meta, _) in COLLECTIONS.items():
        (root / "folder" / db).mkdir(parents=True, exist_ok=True)
        (root / "folder" / db / f"{name}.metadata.json").write_text(meta)
        (root / "folder" / db / f"{name}.bson").write_bytes(b"".join(bson.encode(d) for d in found))
    if sys.argv[6] == "archive":
        (root / "archive").write_bytes(archive(oplog=False))


def read(root):
    for path in sorted(root.rglob("*")):
        opener = gzip.open if path.suffix == ".gz" else open
        name = str(path.relative_to(root)).removesuffix(".gz")
        if name.endswith(".bson"):
            with opener(path, "rb") as file:
                for document in bson.decode_file_iter(file):
                    text = json_util.dumps(document, json_options=json_util.CANONICAL_JSON_OPTIONS)
                    print(json.dumps([name, json.loads(text)], sort_keys=True))
        elif path.is_file():
            with opener(path, "rt") as file:
                print(json.dumps([name, json.load(file)], sort_keys=True))


if __name__ == "__main__":
    {"make": make, "items": items, "read": read}[sys.argv[1]](pathlib.Path(sys.argv[2]))
