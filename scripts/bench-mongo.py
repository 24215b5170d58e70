"""The Python side of `scripts/bench mongo`: makes documents, and moves them as a script would.

Usage: bench-mongo.py make ROWS     fills crm_Contacts of MONGODB_URL with made-up documents of 30 fields
       bench-mongo.py move          reads them with pymongo and writes text for COPY contacts FROM STDIN
"""
import json
import os
import random
import sys
import uuid
from datetime import datetime, timedelta

import pymongo
from bson import ObjectId

contacts = pymongo.MongoClient(os.environ["MONGODB_URL"]).get_default_database()["crm_Contacts"]
WORDS = "north south river stone field harbour market bridge garden station mill castle".split()
TEXTS = (
    "first_name last_name email personal_email office_phone mobile_phone website position "
    "social_twitter social_facebook social_linkedin social_skype social_instagram social_youtube social_tiktok type description"
).split()
IDS = "account assigned_to created_by createdBy updatedBy last_activity_by".split()
DATES = "birthday created_on createdAt updatedAt".split()


def make(rows):
    chance = random.Random(1)
    contacts.drop()
    people = [ObjectId() for _ in range(1000)]
    start = datetime(2020, 1, 1)
    for first in range(0, rows, 5000):
        contacts.insert_many(document(number, chance, people, start) for number in range(first, min(first + 5000, rows)))


def document(number, chance, people, start):
    made = {"_id": ObjectId(), "__v": 0}
    made |= {name: f"{chance.choice(WORDS)} {chance.choice(WORDS)} {number}" for name in TEXTS}
    made |= {name: chance.choice(people) for name in IDS}
    made |= {name: start + timedelta(seconds=number * 60, milliseconds=number % 1000) for name in DATES}
    made["status"] = number % 2 == 0
    made["tags"] = chance.choices(WORDS, k=3)
    made["notes"] = [" ".join(chance.choices(WORDS, k=5))]
    made["opportunitiesIDs"] = [ObjectId() for _ in range(number % 3)]
    return made


def move():
    for found in contacts.find(batch_size=10_000):
        row = [as_uuid(found["_id"]), str(found["__v"])]
        row += [found[name] for name in TEXTS]
        row += [as_uuid(found[name]) for name in IDS]
        row += [found[name].isoformat() for name in DATES]
        row += [str(found["status"]), array(found["tags"]), array(found["notes"])]
        row += [json.dumps([str(one) for one in found["opportunitiesIDs"]])]
        sys.stdout.write("\t".join(map(escaped, row)) + "\n")


def as_uuid(identity):
    one = identity.binary
    return str(uuid.UUID(bytes=one[:6] + bytes([
        0x80 | one[6] >> 4, (one[6] << 4 | one[7] >> 4) & 0xFF, 0x80 | one[7] & 15]) + one[8:] + bytes(3)))


def array(values):
    return "{" + ",".join('"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"' for one in values) + "}"


def escaped(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


make(int(sys.argv[2])) if sys.argv[1] == "make" else move()
