"""The migration of NextCRM in production: from MongoDB, in one run."""
from acts import quickly, session, slowly
from steps import Manual, adds_up_to_documents, shell, sql

manual = m = Manual("production", "Phase 6: Production Migration and Monitoring Runbook", plan="nextcrm")
QUARANTINE = "select count(*) from migrate.quarantine where status = 'open'"

m.section("6.1.1: backup")
m.line('BACKUP_DIR="/backups/production-migration-$(date +%Y%m%d-%H%M%S)"\nmkdir -p "$BACKUP_DIR"')
m.act("the addresses", lambda world: world.terminal(1).enter(
    f"export PRODUCTION_MONGODB_URL='{world.mongodb}' PRODUCTION_POSTGRESQL_URL='{world.target}'"))
m.instead(
    'mongodump --uri="$PRODUCTION_MONGODB_URL" --db=nextcrm --out="$BACKUP_DIR/mongodb-backup" --gzip --verbose',
    'NODE_ENV=production MIGRATION_BACKUP_DIR="$BACKUP_DIR" migrate backup create source',
    "writes the same files, with checksums and counts", shows=["Backup created: source_"])
m.instead(
    'COLLECTION_COUNT=$(ls "$BACKUP_DIR/mongodb-backup/nextcrm/" | grep ".bson.gz" | wc -l)',
    'COLLECTION_COUNT=$(ls "$BACKUP_DIR"/source_*/dump/nextcrm/ | grep ".bson.gz" | wc -l)',
    "the backup's folder has the dump in it")
m.line('echo "Collections backed up: $COLLECTION_COUNT"', shows=["Collections backed up: 29"])
m.instead(
    'mongorestore --uri="$TEST_MONGODB_URL" --db=nextcrm_backup_test --gzip --drop "$BACKUP_DIR/mongodb-backup/nextcrm" --verbose',
    'NODE_ENV=production MIGRATION_BACKUP_DIR="$BACKUP_DIR" migrate backup verify', "reads every document and compares the counts",
    shows=["Backup integrity: Verified"])
m.line('cd "$BACKUP_DIR"\nfind . -type f -exec sha256sum {} \\; > backup-checksums.txt\ncd - > /dev/null',
       then=[shell("cd /backups/production-migration-*/ && sha256sum --quiet -c backup-checksums.txt 2>&1 | grep -v backup-checksums.txt", ".*WARNING.*|")])
m.other("rsync -av --progress", "copies files")
m.section("6.1.2: server")
m.other("sudo apt install -y postgresql-16 postgresql-contrib-16 postgresql-16-pgvector", "installs the server")
m.other("sudo -u postgres psql", "creates database, role and extensions; the test creates them with the same rights")
m.line('export PRODUCTION_POSTGRESQL_URL="postgresql://nextcrm:PASSWORD@production-pg-host:5432/nextcrm"\n'
       'psql "$PRODUCTION_POSTGRESQL_URL" -c "\\conninfo"', shows=['database "nextcrm" as user "nextcrm"'])
m.section("6.1.3: schema")
m.line("cd /path/to/nextcrm-app")
m.line('cat > .env.production <<EOF\n# Production PostgreSQL (for migration)\nDATABASE_URL="$PRODUCTION_POSTGRESQL_URL"\n\n'
       "# Other production environment variables\nNODE_ENV=production\nEOF\nchmod 600 .env.production")
m.line('export DATABASE_URL="$PRODUCTION_POSTGRESQL_URL"')
m.instead("pnpm exec prisma migrate deploy", "migrate db migrate --plan nextcrm", "the plan has the tables' definitions", shows=["applied 11 files"])
m.line('TABLE_COUNT=$(psql "$PRODUCTION_POSTGRESQL_URL" -t -c "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = \'public\';")\n'
       'echo "Tables created: $TABLE_COUNT"', shows=["Tables created: +(39|41)$"])
m.line('psql "$PRODUCTION_POSTGRESQL_URL" -c "\nSELECT table_name\nFROM information_schema.tables\nWHERE table_schema = \'public\'\n'
       "AND table_name IN ('Users', 'crm_Accounts', 'crm_Contacts', 'crm_Opportunities', 'crm_Contracts')\nORDER BY table_name;\n\"",
       shows=[r"\(5 rows\)"])
m.line('FK_COUNT=$(psql "$PRODUCTION_POSTGRESQL_URL" -t -c "\nSELECT COUNT(*)\nFROM information_schema.table_constraints\n'
       "WHERE constraint_type = 'FOREIGN KEY'\nAND table_schema = 'public';\n\")\necho \"Foreign key constraints: $FK_COUNT\"",
       shows=["Foreign key constraints: +[1-9]"])
m.line('INDEX_COUNT=$(psql "$PRODUCTION_POSTGRESQL_URL" -t -c "SELECT COUNT(*) FROM pg_indexes WHERE schemaname = \'public\';")\n'
       'echo "Indexes created: $INDEX_COUNT"', shows=["Indexes created: +[1-9]"])
m.other("pnpm exec prisma generate", "prepares the application")
m.instead(
    'psql "$PRODUCTION_POSTGRESQL_URL" -c "DROP SCHEMA public CASCADE;"\npsql "$PRODUCTION_POSTGRESQL_URL" -c "CREATE SCHEMA public;"\npnpm exec prisma migrate deploy',
    "migrate db rollback 11 --plan nextcrm --yes && migrate db migrate --plan nextcrm",
    "the manual's role does not own the schema; the ledger has to know which files are applied", shows=["applied 11 files"])
m.section("6.1.4: final checks")
m.instead("node -e \"const mongo = require('mongodb').MongoClient;", "NODE_ENV=production migrate test-connections",
          "connects as the migration does", shows=["connection: OK"])
m.line('df -h | grep -E "Filesystem|/var"', code=0)
m.instead(
    'mongosh "$PRODUCTION_MONGODB_URL" --quiet --eval "db.getCollectionNames().forEach(…)" >> /backups/production-baseline.txt',
    "NODE_ENV=production migrate baseline >> /backups/production-baseline.txt", "counts both sides, and can compare later",
    then=[shell("grep Users /backups/production-baseline.txt", "Users: +[1-9][0-9]*")])
m.line("free -h >> /backups/production-baseline.txt\ndf -h >> /backups/production-baseline.txt")
m.line("pnpm migrate:mongo-to-postgres -- --help", shows=["Usage: migrate run"], then=[sql('select count(*) from "Users"', 0)])
m.line("pnpm validate:migration -- --help", shows=["Usage: migrate validate"])
m.line('if [ -f "migration-checkpoint.json" ]; then\n  echo "WARNING: Existing checkpoint file found"\nfi', hides=["WARNING"])

m.section("6.2.1: shutdown")
m.other("sudo systemctl stop nextcrm", "stops the application")
m.line('echo "Application shutdown completed at: $(date)" | tee /backups/migration-timeline.txt', shows=["completed at"])
m.section("6.2.2: final backup")
m.instead(
    'mongodump --uri="$PRODUCTION_MONGODB_URL" --db=nextcrm --out="$FINAL_BACKUP_DIR/mongodb-backup" --gzip --verbose',
    'NODE_ENV=production MIGRATION_BACKUP_DIR=/backups migrate backup create source --verify',
    "as in 6.1.1", shows=["Backup integrity: Verified"])
m.section("6.2.3: migration")
m.line('export PRODUCTION_MONGODB_URL="mongodb://..."\nexport PRODUCTION_POSTGRESQL_URL="postgresql://..."\nexport NODE_ENV=production')
m.line('MIGRATION_START_TIME=$(date +%Y%m%d-%H%M%S)\nLOG_FILE="/backups/production-migration-$MIGRATION_START_TIME.log"\n'
       'echo "=== Production Migration Started ===" | tee "$LOG_FILE"\necho "Start Time: $(date)" | tee -a "$LOG_FILE"')
m.act("a session that can be slowed down", session("production"))
m.act("it is slow", slowly)
m.line('pnpm migrate:mongo-to-postgres 2>&1 | tee -a "$LOG_FILE"', until=r"Progress: .*ETA:", seconds=120)
m.line('watch -n 5 \'psql "$PRODUCTION_POSTGRESQL_URL" -c "\nSELECT\n  state,\n  count(*),\n  max(query_start) as latest_query\n'
       "FROM pg_stat_activity\nWHERE datname = '\"'\"'nextcrm'\"'\"'\nGROUP BY state;\n\"'", terminal=2, until="active|idle")
m.ends(terminal=2, keys="\x03")
m.line("watch -n 2 'echo \"=== CPU & Memory ===\"; top -bn1 | head -20; echo \"\"; echo \"=== Disk Usage ===\"; df -h | grep -E \"Filesystem|/var\"'",
       terminal=3, until="=== CPU & Memory ===")
m.ends(terminal=3, keys="\x03")
m.instead(
    "watch -n 30 'tail -30 \"$LOG_FILE\" | grep -E \"Progress:|records|ETA:\"'",
    "export LOG_FILE; watch -n 30 'tail -30 \"$LOG_FILE\" | grep -E \"Progress:|records|ETA:\"'",
    "watch starts another shell, which has exported variables only", terminal=4, until=r"Progress: .* records")
m.ends(terminal=4, keys="\x03")
m.line("tail -f migration-errors.log", terminal=5, until="Error:")
m.ends(terminal=5, keys="\x03", code=130)
m.section("6.2.4: issues")
m.line("ps aux | grep migrate-mongo-to-postgres", terminal=2, shows=[r"^(?!.*grep).*migrate-mongo-to-postgres"])
m.line('psql "$PRODUCTION_POSTGRESQL_URL" -c "SELECT count(*) FROM pg_stat_activity;"', terminal=2, shows=["count"])
m.instead(
    'tail -100 migration-errors.log | grep "Error:" | sort | uniq -c',
    'tail -100 migration-errors.log | grep "Error:" | cut -d, -f1 | sort | uniq -c',
    "a line has the row's key after the pattern; `migrate errors --patterns` groups too", terminal=2, shows=["^ +[0-9]+ .*Error:"])
m.ends(keys="\x03", code=130, shows=["Migration paused", "[0-9]/39 tables", "Checkpoint saved to migration-checkpoint.json", "Continue: migrate resume"], then=[
    sql("select status from migrate.session", "open"), shell("grep -c '\"event\":\"paused\"' logs/migrate.log", "1")])
m.line("ls -lh migration-checkpoint.json", shows=["migration-checkpoint.json"])
m.instead("BATCH_SIZE from 1000 to 500", "migrate configure --batch-size 500", "there is no table-config.ts; a setting needs no edited code",
          shows=["500"])
m.act("it is quick", quickly)
m.line("pnpm migrate:mongo-to-postgres", code=5, seconds=120, shows=[
    "Migration Complete", "Checkpoint file deleted", "Error details: migration-errors.log", "Next steps:", "Total records: [1-9]", "Duration: "])
m.section("6.2.5: completion")
m.line("ls migration-checkpoint.json", code=2, shows=["No such file"])
m.line('mv "$LOG_FILE" "/backups/production-migration-completed-$(date +%Y%m%d).log"')
m.line("tail -100 migration-errors.log", shows=["Error:"])
m.line('ERROR_COUNT=$(wc -l < migration-errors.log)\necho "Total error records: $ERROR_COUNT"', shows=["Total error records: [1-9]"],
       then=[lambda world: None if world.sql(QUARANTINE) == world.shell("wc -l < migration-errors.log") else "the log and the quarantine differ"])
m.instead(
    'psql "$PRODUCTION_POSTGRESQL_URL" -c "\nSELECT\n  tablename,\n  n_live_tup as row_count\nFROM pg_stat_user_tables',
    'psql "$PRODUCTION_POSTGRESQL_URL" -c "\nSELECT\n  relname,\n  n_live_tup as row_count\nFROM pg_stat_user_tables\n'
    "WHERE schemaname = 'public'\nORDER BY relname;\n\" | tee /backups/production-postgresql-counts.txt",
    "pg_stat_user_tables has no column tablename", shows=[r"crm_Contacts +\| +[1-9]"])
m.instead(
    "diff /backups/production-baseline.txt /backups/production-postgresql-counts.txt | tee -a /backups/count-comparison.txt",
    "migrate baseline --compare | tee -a /backups/count-comparison.txt", "diff compares lines of two forms, all of which differ",
    shows=["Users"])

m.section("6.3.1: validation")
m.line('VALIDATION_START=$(date +%Y%m%d-%H%M%S)\npnpm validate:migration 2>&1 | tee /backups/production-validation-$VALIDATION_START.log', shows=[
    "Row Count Validation: PASS", "Sample Record Validation: PASS", "Referential Integrity Validation: PASS", "Data Type Conversion Validation: PASS",
    "VALIDATION PASSED", "Total records: [0-9,]+", "Match percentage: (100|99)", "Validation duration", "Safe to proceed", "GO: .*limit 1%"], then=[adds_up_to_documents])
m.line("cat migration-validation-report.json | jq .", shows=['"status": "PASS"'])
m.line("cat migration-validation-report.json | jq '.summary, .rowCountValidation, .referentialIntegrityValidation'",
       shows=['"matchPercentage": (100|99)', '"status": "PASS"'], hides=["^null$"])

m.section("6.4: deployment")
m.other("sudo systemctl start nextcrm", "starts and tests the application")

m.section("6.5: monitoring")
m.absent("migrate monitor")
m.line('watch -n 60 \'psql "$PRODUCTION_POSTGRESQL_URL" -c "\nSELECT\n  count(*) as active_queries,\n  max(now() - query_start) as longest_query,\n'
       "  sum(CASE WHEN wait_event_type IS NOT NULL THEN 1 ELSE 0 END) as waiting_queries\nFROM pg_stat_activity\n"
       "WHERE datname = '\"'\"'nextcrm'\"'\"' AND state = '\"'\"'active'\"'\"';\n\"'", terminal=2, until="active_queries")
m.ends(terminal=2, keys="\x03")
m.line('psql "$PRODUCTION_POSTGRESQL_URL" -c "\nSELECT\n  substring(query, 1, 100) as query_start,\n  calls,\n  mean_exec_time,\n  max_exec_time,\n'
       '  total_exec_time\nFROM pg_stat_statements\nWHERE mean_exec_time > 100\nORDER BY mean_exec_time DESC\nLIMIT 20;\n" > /tmp/slow-queries-$(date +%Y%m%d-%H%M).txt',
       then=[shell("grep -c mean_exec_time /tmp/slow-queries-*.txt", "1")])
m.instead(
    'psql "$PRODUCTION_POSTGRESQL_URL" -c "SELECT * FROM crm_Accounts WHERE id = \'UUID\';"',
    'psql "$PRODUCTION_POSTGRESQL_URL" -c "SELECT * FROM \\"crm_Accounts\\" LIMIT 1;"',
    "names with capital letters are quoted; migrate id turns an ObjectId into the uuid", shows=[r"\(1 row\)"])
m.section("6.6: completion")
m.absent("migrate report")
m.other('mongosh "$PRODUCTION_MONGODB_URL" --eval "db.revokeRolesFromUser(…)"', "makes MongoDB read-only, and archives it")

m.section("B: commands")
for query in (
    "SELECT count(*) FROM pg_stat_activity WHERE datname='nextcrm';",
    "SELECT query, mean_exec_time FROM pg_stat_statements WHERE mean_exec_time > 100 ORDER BY mean_exec_time DESC LIMIT 10;",
    "SELECT pg_size_pretty(pg_database_size('nextcrm'));",
):
    m.line(f'psql "$PRODUCTION_POSTGRESQL_URL" -c "{query}"', shows=[r"\([0-9]+ rows?\)"])
m.instead(
    "psql \"$PRODUCTION_POSTGRESQL_URL\" -c \"SELECT schemaname, tablename, indexname, idx_scan FROM pg_stat_user_indexes WHERE schemaname='public' "
    "ORDER BY idx_scan DESC LIMIT 20;\"",
    "psql \"$PRODUCTION_POSTGRESQL_URL\" -c \"SELECT schemaname, relname, indexrelname, idx_scan FROM pg_stat_user_indexes WHERE schemaname='public' "
    "ORDER BY idx_scan DESC LIMIT 20;\"",
    "pg_stat_user_indexes has no columns tablename and indexname", shows=[r"\(20 rows\)"])
m.line('psql "$PRODUCTION_POSTGRESQL_URL" -c "VACUUM ANALYZE;"', shows=["VACUUM"])
m.instead(
    "psql \"$PRODUCTION_POSTGRESQL_URL\" -c \"SELECT tablename, pg_size_pretty(pg_total_relation_size(schemaname||'.'||tablename)) FROM pg_tables …\"",
    "psql \"$PRODUCTION_POSTGRESQL_URL\" -c \"SELECT relname, pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY pg_total_relation_size(oid) DESC LIMIT 10;\"",
    "a name with capital letters is not found without quotes", shows=[r"\(10 rows\)"])
