import TestSupport

@testable import MigrationLedger
@testable import MigrationPlan

/// A schema with every kind of index and constraint that could get lost on the way.
enum OddCatalog {
  static let table = QualifiedName(schema: "Odd schema", name: "Main \"Big\" Table")

  static let all: SetAsideChoice = [
    .plainIndexes, .uniqueness, .primaryKey, .foreignKeys, .incomingForeignKeys,
  ]

  static let sql =
    """
    CREATE SCHEMA "Odd schema";
    SET search_path = "Odd schema", public;
    CREATE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1) $$;
    CREATE COLLATION "My collation" (provider = libc, locale = 'C');
    CREATE TABLE other (id int PRIMARY KEY, code text UNIQUE);
    CREATE TABLE "Main ""Big"" Table" (
      id int, "select" text, "Mixed Case" text, extra int, doc jsonb, other_id int, parent int,
      a int NOT NULL, b int, other_code text, period int4range,
      CONSTRAINT "the pk" PRIMARY KEY (id) WITH (fillfactor = 70),
      CONSTRAINT "uq.dots" UNIQUE (a) INCLUDE (extra),
      CONSTRAINT uq_deferred UNIQUE (b) DEFERRABLE INITIALLY DEFERRED,
      CONSTRAINT uq_deferrable UNIQUE (extra, b) DEFERRABLE,
      CONSTRAINT "uq nulls" UNIQUE NULLS NOT DISTINCT (other_id, a),
      CONSTRAINT no_overlap EXCLUDE USING gist (period WITH &&),
      CONSTRAINT "fk self" FOREIGN KEY (parent) REFERENCES "Main ""Big"" Table" (id)
        ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
      CONSTRAINT "fk other" FOREIGN KEY (other_id) REFERENCES other ON UPDATE CASCADE,
      CONSTRAINT fk_code FOREIGN KEY (other_code) REFERENCES other (code),
      CHECK (a > 0)
    );
    CREATE INDEX "Ix desc" ON "Main ""Big"" Table" (a DESC NULLS LAST, b ASC NULLS FIRST);
    CREATE INDEX ix_expression ON "Main ""Big"" Table" (fold("select"), (a + b));
    CREATE INDEX ix_partial ON "Main ""Big"" Table" ("Mixed Case") WHERE "Mixed Case" <> 'it''s';
    CREATE INDEX ix_opclass ON "Main ""Big"" Table" ("select" text_pattern_ops) INCLUDE (b);
    CREATE INDEX ix_collation ON "Main ""Big"" Table" ("select" COLLATE "My collation");
    CREATE INDEX ix_gin ON "Main ""Big"" Table" USING gin (doc jsonb_path_ops) WITH (fastupdate = off);
    CREATE INDEX ix_hash ON "Main ""Big"" Table" USING hash (b);
    CREATE INDEX ix_brin ON "Main ""Big"" Table" USING brin (id) WITH (pages_per_range = 16);
    CREATE UNIQUE INDEX ux_plain ON "Main ""Big"" Table" (lower("select")) WHERE b IS NOT NULL;
    CREATE UNIQUE INDEX ux_referenced ON "Main ""Big"" Table" ("Mixed Case");
    CREATE TABLE outside (
      id int, main_id int CONSTRAINT "fk in" REFERENCES "Main ""Big"" Table" (id),
      main_code text CONSTRAINT fk_in_code REFERENCES "Main ""Big"" Table" ("Mixed Case"));
    ALTER TABLE outside ADD CONSTRAINT fk_not_valid FOREIGN KEY (id)
      REFERENCES "Main ""Big"" Table" (id) NOT VALID;
    COMMENT ON INDEX ix_partial IS 'it''s a \\ comment';
    COMMENT ON INDEX "uq.dots" IS 'index of a constraint';
    COMMENT ON CONSTRAINT "uq.dots" ON "Main ""Big"" Table" IS 'a constraint';
    COMMENT ON CONSTRAINT "fk self" ON "Main ""Big"" Table" IS 'a foreign key';
    ALTER INDEX ix_expression ALTER COLUMN 1 SET STATISTICS 500;
    ALTER TABLE "Main ""Big"" Table" CLUSTER ON "Ix desc";
    ALTER TABLE "Main ""Big"" Table" REPLICA IDENTITY USING INDEX "uq.dots";
    CREATE VIEW looks AS SELECT id, "select" FROM "Main ""Big"" Table";
    INSERT INTO other VALUES (1, 'x');
    INSERT INTO "Main ""Big"" Table" (id, "select", "Mixed Case", a, b, other_id, parent, other_code)
      SELECT i, 's' || i, 'm' || i, i, i, 1, 1, 'x' FROM generate_series(1, 50) i;
    INSERT INTO outside VALUES (1, 1, 'm1');
    """

  /// Returns the lines of a snapshot that are new or gone.
  static func changes(_ url: String, since before: String) throws -> [String] {
    let old = before.split(separator: "\n").sorted()
    let new = try snapshot(url).split(separator: "\n").sorted()
    return new.difference(from: old).map { "\($0)" }
  }

  /// Everything that the catalogue says of indexes and constraints, as text to compare.
  static func snapshot(_ url: String) throws -> String {
    try psql(
      url,
      """
      SET search_path = pg_catalog;
      SELECT 'index', i.indexrelid::regclass, pg_get_indexdef(i.indexrelid), i.indisunique,
        i.indisprimary, i.indimmediate, i.indisclustered, i.indisreplident, i.indisvalid,
        obj_description(i.indexrelid, 'pg_class'), c.reltablespace, c.relowner, c.reloptions,
        (SELECT array_agg(attstattarget ORDER BY attnum) FROM pg_attribute
          WHERE attrelid = i.indexrelid)
      FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'Odd schema';
      SELECT 'constraint', conrelid::regclass, conname, contype, pg_get_constraintdef(c.oid),
        convalidated, condeferrable, condeferred, conindid::regclass,
        obj_description(c.oid, 'pg_constraint')
      FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
      WHERE n.nspname = 'Odd schema';
      SELECT 'table', relname, relreplident FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'Odd schema' AND relkind = 'r';
      """)
  }
}
