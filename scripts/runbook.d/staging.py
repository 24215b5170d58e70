"""The rehearsal of NextCRM's migration on staging, with a pause and a resume."""
from acts import quickly, session, slowly, table_loaded
from steps import Manual, adds_up_to_documents, sql

manual = m = Manual("staging", "Phase 5: Staging Environment Migration Runbook", plan="nextcrm")
QUARANTINE = "select count(*) from migrate.quarantine where status = 'open'"
JQ = "cat migration-validation-report.json | jq "

m.section("5.1.1: clone")
m.other("mongodump / mongorestore", "copies production's MongoDB; the test fills one with sample data")
m.section("5.1.2: server")
m.other("sudo apt install -y postgresql-16 postgresql-contrib-16", "installs the server")
m.line('psql "postgresql://nextcrm:PASSWORD@localhost:5432/nextcrm" -c "\\conninfo"', shows=['database "nextcrm" as user "nextcrm"'])
m.line('psql "postgresql://nextcrm:PASSWORD@localhost:5432/nextcrm" -c "\\dx"', shows=["uuid-ossp"])
m.line('export STAGING_POSTGRESQL_URL="postgresql://nextcrm:PASSWORD@localhost:5432/nextcrm"\n'
       'echo "STAGING_POSTGRESQL_URL=$STAGING_POSTGRESQL_URL" >> /tmp/staging-migration.env')
m.section("5.1.3: schema")
m.line("cd /path/to/nextcrm-app")
m.line('export DATABASE_URL="$STAGING_POSTGRESQL_URL"')
m.instead("pnpm exec prisma migrate deploy", "migrate db migrate --plan nextcrm", "the plan has the tables' definitions", shows=["applied 11 files"])
m.line('psql "$STAGING_POSTGRESQL_URL" -c "\\dt"', shows=["crm_Accounts"])
m.line('psql "$STAGING_POSTGRESQL_URL" -c "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = \'public\';"', shows=["^ +(39|41)$"])
m.line("psql \"$STAGING_POSTGRESQL_URL\" <<'EOF'\nSELECT table_name FROM information_schema.tables\nWHERE table_schema = 'public'\n"
       "AND table_name IN ('Users', 'crm_Accounts', 'crm_Contacts', 'crm_Opportunities')\nORDER BY table_name;\nEOF", shows=[r"\(4 rows\)"])
m.line("psql \"$STAGING_POSTGRESQL_URL\" -c \"SELECT COUNT(*) FROM pg_indexes WHERE schemaname = 'public';\"", shows=["count"])
m.instead(
    'psql "$STAGING_POSTGRESQL_URL" -c "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"',
    'psql "$ADMINISTRATOR_URL" -c "DROP SCHEMA public CASCADE" -c "CREATE SCHEMA public" -c "GRANT ALL ON SCHEMA public TO nextcrm"',
    "the manual's role does not own the schema; extensions go with it, and have to be created again")
m.act("rights and extensions", lambda world: world.grant())
m.instead("pnpm exec prisma migrate deploy", "migrate db migrate --plan nextcrm", "the plan has the tables' definitions", shows=["applied 11 files"])
m.section("5.1.4: verification")
m.line('cat > .env.staging <<EOF\n# MongoDB (source)\nSTAGING_MONGODB_URL="mongodb://user:pass@staging-mongo:27017/nextcrm"\n\n# PostgreSQL (target)\n'
       'STAGING_POSTGRESQL_URL="postgresql://nextcrm:PASSWORD@localhost:5432/nextcrm"\n\n# Migration settings (if needed)\nNODE_ENV=staging\nEOF')
m.instead("export $(cat .env.staging | xargs)", "set -a; . ./.env.staging; set +a", "xargs hands the words of comments to export")
m.line("unset DATABASE_URL")
m.instead('node -e "const { PrismaClient: MongoPrisma }', "migrate test-connections", "connects as the migration does", shows=["connection: OK"])
m.line("pnpm migrate:mongo-to-postgres -- --help", shows=["Usage: migrate run"])
m.line("pnpm validate:migration -- --help", shows=["Usage: migrate validate"])
m.line('ls -la migration-checkpoint.json 2>/dev/null || echo "No checkpoint found (good)"', shows=[r"No checkpoint found \(good\)"])
m.line("mkdir -p /backups/staging-migration-$(date +%Y%m%d)")
m.instead(
    'mongosh "$STAGING_MONGODB_URL" --quiet --eval "db.getCollectionNames().forEach(…)" | tee /backups/staging-migration-baseline.txt',
    "migrate baseline | tee /backups/staging-migration-baseline.txt", "counts both sides, and can compare later", shows=["Users"])

m.section("5.2.2: migration")
m.line("echo $STAGING_MONGODB_URL\necho $STAGING_POSTGRESQL_URL", shows=["mongodb://", "postgres://"])
m.act("a session that can be slowed down", session("staging"))
m.act("it is slow", slowly)
m.line("pnpm migrate:mongo-to-postgres 2>&1 | tee /backups/staging-migration-$(date +%Y%m%d-%H%M%S).log", until=r"Progress: .*ETA:", seconds=120,
       shows=["batch size"])
m.line('watch -n 5 \'psql "$STAGING_POSTGRESQL_URL" -c "\nSELECT\n  datname,\n  numbackends,\n  xact_commit,\n  xact_rollback,\n  blks_read,\n  blks_hit\n'
       "FROM pg_stat_database\nWHERE datname = '\"'\"'nextcrm'\"'\"';\n\"'", terminal=2, until="numbackends")
m.ends(terminal=2, keys="\x03")
m.line("watch -n 10 'ls -lh migration-checkpoint.json && tail -20 migration-checkpoint.json | jq .currentTable,.totalRecordsMigrated'", terminal=3,
       until=r'"\w+"\s+[1-9][0-9]*', seconds=30)
m.ends(terminal=3, keys="\x03")
m.line("tail -20 migration-checkpoint.json | jq .currentTable,.totalRecordsMigrated", terminal=3, shows=[r'^"\w+"$', "^[1-9][0-9]*$"])
m.line("tail -f migration-errors.log", terminal=4, until="Error:", seconds=90)
m.ends(terminal=4, keys="\x03", code=130)
m.section("5.2.3: pause")
m.act("a table is loaded", table_loaded)
m.ends(keys="\x03", code=130, shows=[
    "Migration paused", r"Progress: [0-9]+% complete \([1-9]/39 tables, [1-9][0-9,]* records migrated\)", "Checkpoint saved to migration-checkpoint.json",
    "Duration: ", "Continue: migrate resume"], then=[sql("select status from migrate.session", "open")])
m.line("ls -lh migration-checkpoint.json", shows=["migration-checkpoint.json"])
m.line("jq . migration-checkpoint.json | less", until="currentTable")
m.ends(keys="q")
m.line("cat migration-checkpoint.json | jq '.currentTable,.totalRecordsMigrated'", shows=[r'^"\w+"$', "^[1-9][0-9]*$"])
m.section("A-2: corrupted checkpoint")
m.act("the file is damaged", lambda world: (world.here / "migration-checkpoint.json").write_text('{"version": 1, "pl'))
m.line("mv migration-checkpoint.json migration-checkpoint.json.corrupted")
m.section("5.2.3: resume")
m.line("pnpm migrate:mongo-to-postgres 2>&1 | tee -a /backups/staging-migration-$(date +%Y%m%d-%H%M%S).log", seconds=60,
       until=r"^Checkpoint found: Resuming from \w+ \([1-9][0-9,]* records already migrated\)\nSkipping completed tables: crm_Industry_Type ")
m.act("it is quick", quickly)
m.section("5.2.4: errors")
m.ends(seconds=120, shows=["Migration Complete", "Checkpoint file deleted", "Next steps:", "migration-errors.log"], then=[adds_up_to_documents])
m.instead(
    "SELECT table_name, COUNT(*)\nFROM information_schema.tables t\nJOIN LATERAL",
    "migrate validate --layers counts", "SQL cannot count tables by their names; the layer counts every table and compares with the source", shows=["GO: "])
m.instead('mongosh "$STAGING_MONGODB_URL" --eval "db.adminCommand(\'ping\')"', "migrate test-connections --repeat 3", "asks all databases",
          shows=["connection: OK"])
m.line('psql "$STAGING_POSTGRESQL_URL" -c "SELECT 1"', shows=[r"\(1 row\)"])
m.line('tail -50 migration-errors.log | grep -A 5 "Foreign key"', shows=["Foreign key constraint violation"])
m.line('cat migration-errors.log | grep "transformation error" -A 10', shows=["transformation error"])
m.line('echo "$(date): Constraint violation" >> /backups/migration-issues.txt\ntail -20 migration-errors.log >> /backups/migration-issues.txt')
m.section("5.2.5: completion")
m.line("ls migration-checkpoint.json", code=2, shows=["No such file"])
m.instead(
    'psql "$STAGING_POSTGRESQL_URL" -c "\nSELECT\n  schemaname,\n  tablename,\n  n_live_tup as row_count\nFROM pg_stat_user_tables',
    'psql "$STAGING_POSTGRESQL_URL" -c "\nSELECT\n  schemaname,\n  relname,\n  n_live_tup as row_count\nFROM pg_stat_user_tables\n'
    "WHERE schemaname = 'public'\nORDER BY relname;\n\" | tee /backups/staging-migration-final-counts.txt",
    "pg_stat_user_tables has no column tablename", shows=[r"crm_Contacts +\| +[1-9]"])
m.instead("diff /backups/staging-migration-baseline.txt /backups/staging-migration-final-counts.txt", "migrate baseline --compare",
          "diff compares lines of two forms, all of which differ", shows=["Users"])
m.line("cat migration-errors.log | tail -50\nwc -l migration-errors.log", shows=["Error:", "^[1-9][0-9]* migration-errors.log"],
       then=[lambda world: None if world.sql(QUARANTINE) == world.shell("wc -l < migration-errors.log") else "the log and the quarantine differ"])
m.line("mkdir -p /backups/staging-migration-$(date +%Y%m%d)/artifacts\n"
       "cp migration-errors.log /backups/staging-migration-$(date +%Y%m%d)/artifacts/\n"
       "cp migration-checkpoint.json /backups/staging-migration-$(date +%Y%m%d)/artifacts/ 2>/dev/null || true")

m.section("5.3.1: validation")
m.line("pnpm validate:migration 2>&1 | tee /backups/staging-validation-$(date +%Y%m%d-%H%M%S).log", shows=[
    "Row Count Validation: PASS", "Sample Record Validation: PASS", "Referential Integrity Validation: PASS", "Data Type Conversion Validation: PASS",
    "VALIDATION PASSED", "Match percentage: (100|99)", "Safe to proceed", "GO: .*limit 1%"])
m.line(JQ + ".", shows=['"status": "PASS"'])
for part in ("rowCountValidation", "sampleRecordValidation", "referentialIntegrityValidation", "dataTypeValidation"):
    m.line(JQ + f"'.{part}.status'", shows=['^"PASS"$'])
m.line(JQ + "'.rowCountValidation.discrepancies'", shows=[r"^\["])
m.line(JQ + "'.sampleRecordValidation.fieldMismatches | .[0:10]'", shows=[r"^\["])
m.section("5.3.2: application")
m.other("npm run dev", "starts and tests the application")
m.line('psql "$STAGING_POSTGRESQL_URL" -c "\nSELECT\n  query,\n  calls,\n  total_exec_time,\n  mean_exec_time,\n  max_exec_time\n'
       'FROM pg_stat_statements\nORDER BY mean_exec_time DESC\nLIMIT 20;\n" | cat', shows=["mean_exec_time"])
m.section("5.4.2: estimate")
m.absent("migrate estimate")

m.section("A-3: connections")
m.line('psql "$STAGING_POSTGRESQL_URL" -c "SELECT count(*) FROM pg_stat_activity;"', shows=[r"\(1 row\)"])
m.line('psql "$STAGING_POSTGRESQL_URL" -c "\nSELECT pg_terminate_backend(pid)\nFROM pg_stat_activity\nWHERE state = \'idle\'\n'
       "AND query_start < NOW() - INTERVAL '10 minutes';\n\"", shows=[r"\(0 rows\)"])
m.instead('psql "$STAGING_POSTGRESQL_URL" -c "ALTER SYSTEM SET max_connections = 200;"', 'psql "$STAGING_POSTGRESQL_URL" -c "SHOW max_connections;"',
          "needs a superuser and a restart of the server; a reload does not change it. `DATABASE_POOL_SIZE` limits what migrate opens", shows=["200"])
m.section("B: queries")
m.line("psql \"$STAGING_POSTGRESQL_URL\" -c \"SELECT count(*), state FROM pg_stat_activity GROUP BY state;\"", shows=["active"])
m.instead(
    "SELECT schemaname, tablename, indexname, idx_scan, pg_size_pretty(pg_relation_size(indexrelid)) as index_size FROM pg_stat_user_indexes",
    "psql \"$STAGING_POSTGRESQL_URL\" -c \"SELECT schemaname, relname, indexrelname, idx_scan, pg_size_pretty(pg_relation_size(indexrelid)) as index_size "
    "FROM pg_stat_user_indexes ORDER BY idx_scan DESC LIMIT 20;\"",
    "pg_stat_user_indexes has no columns tablename and indexname", shows=[r"\(20 rows\)"])
m.section("end: another run")
m.line("pnpm migrate:mongo-to-postgres", code=5, shows=["nothing is left to do"], then=[adds_up_to_documents])
