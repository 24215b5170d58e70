"""Moves a table or a collection with dlt, in the way that its manual calls the fastest: arrow tables, and COPY from CSV.

Usage: with_dlt.py table NAME | rows NAME | collection NAME, between the addresses in SOURCE and TARGET
rows: without arrow, which does not take every type.
"""
import os
import sys

import dlt
from dlt.destinations import postgres

kind, name = sys.argv[1], sys.argv[2]
source, target = os.environ["SOURCE"], os.environ["TARGET"]


def documents():
    import pymongo

    for document in pymongo.MongoClient(source).get_default_database()[name].find(batch_size=10_000):
        yield plain(document)


def plain(value):
    """ObjectIds as text: dlt has no type for them."""
    from bson import ObjectId

    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, ObjectId) else value


if kind == "collection":
    rows = dlt.resource(documents, name=name, max_table_nesting=0)
else:
    from dlt.sources.sql_database import sql_table

    backend = "pyarrow" if kind == "table" else "sqlalchemy"
    rows = sql_table(source.replace("postgres://", "postgresql+psycopg2://"), name, schema="public", backend=backend, chunk_size=50_000)

pipeline = dlt.pipeline(
    "bench", destination=postgres(target.replace("postgres://", "postgresql://")), dataset_name="moved",
    pipelines_dir=os.getcwd() + "/dlt")
pipeline.run(rows, write_disposition="replace", loader_file_format="csv")
