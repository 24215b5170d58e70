"""Tables of the source and of the target that somebody alters or empties."""
from change import Change
from shell import psql


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
        # The plan fits, and rows can be equal, only if the definition is unchanged.
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
        # A run waits this long behind a session that waits for the run's own locks.
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


ALL = [TargetColumn, TargetType, SourceColumn, SourceType, SourceRewritten, SourceTruncated]
