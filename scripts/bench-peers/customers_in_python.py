"""Moves customers as a careful script would: a cursor on the server, a function per row, COPY into the target."""
import json
import os
from datetime import datetime

import psycopg
from psycopg.rows import dict_row

NOW = datetime(2026, 1, 1)
PHONE = str.maketrans("", "", " -./()")
LEGACY = {
    "customerType": "customer_type", "creditLimit": "credit_limit", "paymentTerms": "payment_terms", "taxId": "tax_id",
    "industry": "industry", "status": "customer_status"}
ADDRESS = {
    "line1": "address_line_1", "line2": "address_line_2", "city": "city", "state": "state", "country": "country",
    "postalCode": "postal_code"}


class Exact(json.JSONEncoder):
    """Numerals keep all their digits."""

    def default(self, value):
        return Numeral(value)


class Numeral(float):
    def __new__(cls, value):
        made = super().__new__(cls, value)
        made.text = str(value)
        return made

    def __repr__(self):
        return self.text


def customer(row):
    address = {name: row[column] for name, column in ADDRESS.items()}
    legacy = {name: row[column] for name, column in LEGACY.items()}
    if legacy["creditLimit"] is not None:
        legacy["creditLimit"] = Numeral(legacy["creditLimit"])
    metadata = {"contactPerson": row["contact_person"], "legacy": legacy, "migrationDate": "2026-01-01T00:00:00Z"}
    phone = row["phone"]
    return (
        row["id"], row["customer_code"], row["company_name"], row["email"], phone.translate(PHONE) if phone else phone,
        json.dumps(address), json.dumps(metadata), "[]", row["created_at"] or NOW, row["updated_at"] or NOW)


with psycopg.connect(os.environ["SOURCE"]) as source, psycopg.connect(os.environ["TARGET"]) as target:
    with source.cursor("customers", row_factory=dict_row) as rows, target.cursor() as into:
        rows.itersize = 10_000
        rows.execute("select * from legacy_customers")
        with into.copy(
            "copy customers (id, customer_code, company_name, email, phone, address, metadata, purchase_history,"
            " created_at, updated_at) from stdin"
        ) as copy:
            for row in rows:
                copy.write_row(customer(row))
