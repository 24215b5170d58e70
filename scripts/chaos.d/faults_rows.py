"""Rows of the source that somebody inserts, updates and deletes."""
from collections import Counter

from change import Change
from shell import psql


class SourceRows(Change):
    """Rows that nothing else hangs on, so that each row must be there as it was before, or as it is after."""

    name, what = "source-rows", "rows of the source are inserted, updated and deleted"
    plans = ("nxt", "plain", "nextcrm")
    changes_source = True

    SQL = {
        "nxt": """
          update legacy_customers set phone = '+49 30 {n}' where id in (select id from legacy_customers order by md5(id::text || {n}) limit 20);
          delete from legacy_price_list_items where id in (select id from legacy_price_list_items order by md5(id::text || {n}) limit 10);
          insert into legacy_customers (id, customer_code, company_name, email, created_at, updated_at)
            select gen_random_uuid(), 'LATE-{n}-' || i, 'Late ' || i, 'late' || i || '@example.com', now(), now() from generate_series(1, 15) i;""",
        "plain": """
          update parts set name = 'changed {n}' where id in (select id from parts order by md5(id::text || {n}) limit 20);
          delete from parts where id in (select id from parts where id > 600 order by md5(id::text || {n}) limit 10);
          insert into parts (id, name) select 1000000 + {n} * 100 + i, 'late ' || i from generate_series(1, 15) i;""",
    }

    def strike(self, program):
        n = self.random.randrange(1_000_000)
        if self.plan.name == "nextcrm":
            self.change_documents(n)
        else:
            psql(self.trial.source_url(), "begin;" + self.SQL[self.plan.name].format(n=n) + "commit;")
        return True

    def change_documents(self, n):
        with self.world.mongo.client() as client:
            contacts = client[self.trial.source_name]["crm_Contacts"]
            ids = [document["_id"] for document in contacts.find({}, {"_id": 1})]
            for one in self.random.sample(ids, 20):
                contacts.update_one({"_id": one}, {"$set": {"last_name": f"Changed {n}"}})
            contacts.delete_many({"_id": {"$in": self.random.sample(ids, 10)}})
            contacts.insert_many([{"last_name": f"Late {n} {i}"} for i in range(15)])

    def expected(self):
        contents, code, _ = self.plan.undisturbed(self.trial.source_url())
        return contents, code

    def hold_told(self, found, after):
        trial, before = self.trial, self.plan.expected
        super().hold_told(found, after)
        if not found.rows - before.rows and not before.rows - found.rows:
            trial.notes.append("the target is the source as it was at the beginning")
            return
        kept = before.rows & after.rows
        if kept - found.rows:
            trial.wrong.append(f"{sum((kept - found.rows).values())} rows lost that nobody changed")
        if max(Counter(found.rows).values()) > 1 and max(after.rows.values()) == 1:
            trial.wrong.append("rows doubled")
        if not self.was_told():
            trial.wrong.append("SILENT: the source was read as of several moments, and no run says so")

    def was_told(self):
        for ending in self.trial.endings:
            document = ending.document() or {}
            if document.get("consistent") is False or "while it was read" in ending.errors or "when they were loaded" in ending.errors:
                return True
        return False


ALL = [SourceRows]
