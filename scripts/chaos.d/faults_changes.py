"""What is changed under a migration: definitions and rows, of the source and of the target.

Such a migration can't always end like an undisturbed one. It must then say so: the run itself, or the validation
that follows it. And beginning anew must bring what the source holds now.
"""
from collections import Counter

from contents import read_contents
from fault import Fault
from program import DONE
from shell import psql


class Change(Fault):
    strikes = (1, 1)

    def expected(self):
        """What an undisturbed migration would make of the source as it is in the end."""
        return self.plan.expected, self.plan.code

    def judge(self):
        trial = self.trial
        after, code = self.expected()
        found = read_contents(trial.target_url())
        if found.compare(after):
            self.hold_told(found, after)
            self.mend()
            after, code = self.expected()
            trial.note(["run --fresh"], trial.anew())
        trial.hold_equal(after, code)

    def hold_told(self, found, after):
        """Rows that are not as they should be are found by the validation."""
        difference = found.compare(after)
        if difference.lost or difference.doubled or difference.strange:
            self.trial.hold_told(difference)
        else:
            self.trial.notes.append(f"rows are equal, but: {difference}")

    def mend(self):
        """Takes back what can be taken back."""

    def after(self, ending):
        if ending.code not in DONE:
            self.mend()


class Definition(Change):
    """A statement that changes a table, and one that takes it back."""

    plans = ("plain", "nxt")
    choices = {}
    is_changed = False

    def sql(self, sql):
        raise NotImplementedError

    def strike(self, program):
        table, change, back = self.random.choice(self.choices[self.plan.name])
        self.back = f"alter table {table} {back}"
        self.trial.notes.append(f"alter table {table} {change}")
        self.sql(f"set lock_timeout = '{self.random.choice(['1s', '20s'])}'; alter table {table} {change}")
        self.is_changed = True
        return True

    def mend(self):
        if self.is_changed:
            self.sql(self.back)
            self.is_changed = False

    def judge(self):
        # The plan fits, and rows can be equal, only where the definition is what it was.
        self.mend()
        super().judge()


class TargetDefinition(Definition):
    def sql(self, sql):
        self.target_sql(sql)


class TargetColumn(TargetDefinition):
    name, what = "target-column-dropped", "a column of the target is dropped"
    choices = {
        "nxt": [("customers", "drop column phone", "add column phone varchar(50)"),
                ("products", "drop column description", "add column description text")],
        "plain": [("parts", "drop column tags", "add column tags text[]"), ("readings", "drop column note", "add column note text")],
    }


class TargetType(TargetDefinition):
    """Types of the same width are the worst: what is sent for the one can be read as the other."""

    name, what = "target-type-changed", "the type of a column of the target is changed"
    choices = {
        "nxt": [("customers", "alter created_at type timestamptz using created_at at time zone 'UTC'",
                 "alter created_at type timestamp using created_at at time zone 'UTC'"),
                ("products", "alter unit_price type numeric(12,0)", "alter unit_price type numeric(10,2) using least(unit_price, 99999999)"),
                ("customers", "alter company_name type text", "alter company_name type varchar(255) using left(company_name, 255)")],
        "plain": [("parts", "alter stock type double precision", "alter stock type bigint using 0"),
                  ("parts", "alter weight type bigint", "alter weight type double precision"),
                  ("readings", "alter sensor type real", "alter sensor type integer using 0"),
                  ("readings", "alter at type timestamptz", "alter at type timestamp")],
    }


class SourceDefinition(Definition):
    changes_source = True

    def environment(self):
        # A run waits so long behind somebody who waits for its own locks to go.
        return {"DATABASE_LOCK_TIMEOUT": "1000"}

    def sql(self, sql):
        psql(self.trial.source_url(), sql)

    def expected(self):
        contents, code, _ = self.plan.undisturbed(self.trial.source_url())
        return contents, code


class SourceColumn(SourceDefinition):
    name, what = "source-column-dropped", "a column of the source is dropped"
    choices = {
        "nxt": [("legacy_customers", "drop column phone", "add column phone varchar(100)"),
                ("legacy_products", "drop column barcode", "add column barcode varchar(20)")],
        "plain": [("parts", "drop column tags", "add column tags text[]"), ("readings", "drop column note", "add column note text")],
    }


class SourceType(SourceDefinition):
    """Where that rewrites the table, older snapshots see no row of it any more."""

    name, what = "source-type-changed", "the type of a column of the source is changed"
    choices = {
        "nxt": [("legacy_customers", "alter credit_limit type double precision", "alter credit_limit type numeric(14,2)"),
                ("legacy_customers", "alter phone type text", "alter phone type varchar(100)")],
        "plain": [("parts", "alter stock type double precision", "alter stock type bigint"),
                  ("parts", "alter weight type bigint", "alter weight type double precision"),
                  ("readings", "alter sensor type bigint", "alter sensor type integer")],
    }


class SourceRewritten(SourceDefinition):
    """Nothing that the plan reads is changed, and yet older snapshots see no row any more."""

    name, what = "source-rewritten", "the source's tables are rewritten by ALTER TABLE"
    choices = {
        "nxt": [(table, "add column extra uuid default gen_random_uuid()", "drop column extra")
                for table in ("legacy_customers", "legacy_products")],
        "plain": [(table, "add column extra uuid default gen_random_uuid()", "drop column extra") for table in ("parts", "readings")],
    }


class SourceTruncated(SourceDefinition):
    name, what = "source-truncated", "a table of the source is emptied by TRUNCATE"
    choices = {"nxt": [], "plain": []}

    def strike(self, program):
        table = {"nxt": "legacy_upload_history", "plain": "readings"}[self.plan.name]
        psql(self.trial.source_url(), f"set lock_timeout = '20s'; truncate {table}")
        return True


class SourceRows(Change):
    """Rows that nothing else hangs on, so that each row must be there as it was before, or as it is after."""

    name, what = "source-rows", "rows of the source are inserted, updated and deleted"
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


ALL = [TargetColumn, TargetType, SourceColumn, SourceType, SourceRewritten, SourceTruncated, SourceRows]
