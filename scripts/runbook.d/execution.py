"""The manual of the NXT migration: table by table, from PostgreSQL."""
from acts import quickly, rejected, session, slowly
from steps import Manual, adds_up, shell, sql

manual = m = Manual("execution", "NXT NEW DAY - Migration Execution Manual", plan="nxt")
TABLES = {
    "customers": ["legacy_customers"], "suppliers": ["legacy_suppliers", "legacy_vendors"], "products": ["legacy_products"],
    "inventory": ["legacy_inventory"], "price_lists": ["legacy_price_lists"], "price_list_items": ["legacy_price_list_items"],
    "upload_history": ["legacy_upload_history"],
}
GO = r"GO: [0-9,]+ of [0-9,]+ rows, [0-9,]+ quarantined \(0\.[0-9]+%, limit 5%\)"
ROWS = r"select count(*) from "


def example_file(world):
    (world.here / ".env.example").write_text((world.root / ".env.example").read_text())


def edited_file(world):
    """What the operator enters by the editor: the manual's variables, with the addresses of this world."""
    (world.here / ".env").write_text(f"""# Source Database (Legacy System)
SOURCE_DATABASE_URL={world.source}
# Target Database (NXT NEW DAY)
DATABASE_URL={world.target}
# Backup Database
BACKUP_DATABASE_URL={world.backup}
# Migration Configuration
NODE_ENV=production
MIGRATION_BATCH_SIZE=1000
MIGRATION_TIMEOUT=300000
MIGRATION_MAX_RETRIES=3
# Monitoring
ENABLE_REAL_TIME_MONITORING=true
MIGRATION_LOG_LEVEL=INFO

# The manual knows one migration only.
MIGRATION_PLAN=nxt
""")
    (world.here / ".env").chmod(0o600)


def template(world):
    """The manual's template of all settings, in a folder of its own."""
    folder = world.here / "template"
    folder.mkdir()
    (folder / ".env").write_text(f"""SOURCE_DATABASE_URL={world.source}
DATABASE_URL={world.target}
BACKUP_DATABASE_URL={world.backup}
MIGRATION_BATCH_SIZE=1000
MIGRATION_TIMEOUT=300000
MIGRATION_MAX_RETRIES=3
MIGRATION_PARALLEL_ENABLED=true
MIGRATION_PARALLEL_MAX_CONCURRENT=3
ENABLE_REAL_TIME_MONITORING=true
MIGRATION_LOG_LEVEL=INFO
MIGRATION_PROGRESS_INTERVAL=5000
MIGRATION_HEALTH_CHECK_INTERVAL=30000
DATABASE_POOL_SIZE=10
DATABASE_IDLE_TIMEOUT=30000
DATABASE_CONNECTION_TIMEOUT=2000
MIGRATION_ENCRYPTION_ENABLED=true
MIGRATION_AUDIT_LOGGING=true
""")


def correct_names(world):
    world.sql("update legacy_customers set company_name = 'Corrected' where company_name is null", "source")


def new_migration(world):
    """An empty target with its tables."""
    world.fresh_target()
    world.migrates("db", "migrate")
    session("second")(world)


def the_rest(world):
    world.migrates("run", "--accept-rejects", "5%")


def damage(world):
    world.sql("update customers set company_name = 'Damaged' where id = (select id from customers order by id limit 1)")


def table_steps(table):
    """What holds after each table of phase 2."""
    return {"code": 5, "shows": [table], "then": [adds_up(table, *TABLES[table])]}


m.section("setup-0: software")
m.line("node --version", shows=[r"v(1[89]|[2-9][0-9])\."])
m.line("npm --version", shows=[r"^(9|[1-9][0-9])\."])
m.section("setup-1: variables")
m.act("the folder has an example", example_file)
m.line("cp .env.example .env", then=[shell("wc -l < .env", "[0-9]{3}")])
m.act("nano .env", edited_file)
m.section("setup-2: connections")
m.line("npm run db:migrate", shows=["applied 6 files"], then=[sql("select count(*) from pg_tables where schemaname = 'public'", 7)])
m.line("npm run migration:test-connections", shows=[
    *(f"{side} database connection: OK" for side in ("Source", "Target", "Backup")), "Schema validation: OK"])
m.section("setup-3: schema")
m.line("npm run db:status", shows=["6 applied, 0 pending, 0 errors"])
m.line("npm run migration:validate-schema", shows=["Schema validation: OK"])

m.section("1.1: final validation")
m.line("npm run migration:validate-all", shows=[
    r"Data quality score: 9[5-9]\.[0-9]+%", "Critical validation errors: 0", "Schema compatibility: 100%", "Backup system: Ready", "READY: every part"])
m.instead(
    "cat /tmp/pre-migration-validation-report.json", "cat pre-migration-validation-report.json | jq .summary.status",
    "reports are written into MIGRATION_REPORT_DIR", shows=['^"PASS"$'])
m.section("1.2: backup")
m.line("npm run migration:create-backup", shows=["Backup created: backup_", "Backup size: ", "Backup integrity: Verified", "Restore test: Passed"])
m.line("npm run migration:verify-backup", shows=["Backup created: backup_", "Backup size: ", "Backup integrity: Verified", "Restore test: Passed"])
m.section("1.3: session")
m.line('npm run migration:start-session --name="Production_Migration_2025-01-19"',
       then=[sql("select title from migrate.session", "Production_Migration_2025-01-19")])

m.section("2.1: customers")
m.line("npm run migration:customers", code=5, shows=["PRODUCTION", "batch size: 1,000 rows", "customers"], then=[adds_up("customers", "legacy_customers")])
m.line("npm run migration:status", shows=[r"customers +done +1000 +1000", "suppliers +pending"])
m.line("npm run migration:validate-customers", shows=[GO])
m.line("npm run migration:compare-counts --table=customers", shows=["customers +1000 +1000", GO], hides=["suppliers"])
m.line("npm run migration:logs --table=customers", shows=["customers: 1,000 read, 992 loaded, 8 quarantined"])
m.act("some of the customers are corrected in the source", correct_names)
m.line("npm run migration:retry --table=customers", code=5, shows=["customers: 1 loaded"], then=[adds_up("customers", "legacy_customers")])
m.line("npm run migration:rollback --table=customers", asks=True, then=[sql(ROWS + "customers", 0), sql("select status from migrate.session", "open")])
m.line("npm run migration:customers", **table_steps("customers"))
m.section("2.2: suppliers")
m.line("npm run migration:suppliers", **table_steps("suppliers"))
m.line("npm run migration:status --table=suppliers", hides=["customers"], shows=[
    "suppliers +done +2300 +2300", "source legacy_suppliers: 1,200 read", "source legacy_vendors: 1,100 read"])
m.line("npm run migration:validate-suppliers", shows=[GO])
m.line("npm run migration:check-duplicates --table=suppliers", shows=["2,281 rows read"])
m.line("npm run migration:verify-consolidation", shows=["legacy_suppliers: 1,200 read", "legacy_vendors: 1,100 read", "every source is loaded"])
m.section("2.3: products")
m.line("npm run migration:products", **table_steps("products"))
m.line("npm run migration:validate-relationships --type=product-supplier", shows=["Valid relationships: 1,189/1,189", "Orphans: 0", "GO: "])
m.section("2.4: inventory")
m.line("npm run migration:inventory", **table_steps("inventory"))
m.line("npm run migration:validate-inventory", shows=[GO])
m.line("npm run migration:verify-stock-calculations", shows=["quantities-not-negative +stock +inventory +0", "stock-status-fits +stock +inventory +0"])
m.section("2.5: price lists")
m.line("npm run migration:price-lists", **table_steps("price_lists"))
m.line("npm run migration:price-list-items", **table_steps("price_list_items"))
m.line("npm run migration:validate-pricing", shows=["price_lists +1000", "price_list_items +1000", GO])
m.line("npm run migration:verify-price-completeness", shows=["currencies-are-codes +pricing +price_list_items +0", "price-lists-have-items"])
m.section("2.6: uploads")
m.line("npm run migration:upload-history", **table_steps("upload_history"))

m.section("3.1: validation")
m.line("npm run migration:validate-complete", shows=[
    "Row Count Validation: PASS", "Referential Integrity Validation: PASS", "Business Rule Validation: PASS", "Fingerprint Validation: PASS",
    "Performance", "Score", "VALIDATION PASSED", GO], then=[adds_up(table, *sources) for table, sources in TABLES.items()])
m.section("3.2: rules")
m.line("npm run migration:validate-business-rules", shows=[f"{group} " for group in ("pricing", "stock", "suppliers", "customers")])
m.section("3.3: performance")
m.line("npm run migration:test-performance", shows=[
    r"customer-lookup: .*limit 50", r"product-search: .*limit 100", r"inventory-of-product: .*limit 200", r"price-list: .*limit 150"])
m.section("4.1: indexes")
m.absent("npm run db:analyze-all", "npm run db:vacuum-analyze")
m.section("4.2: reports")
m.absent("npm run migration:generate-report", "npm run migration:generate-summary")
m.section("4.3: cleanup")
m.line("npm run migration:stop-session", then=[sql("select status, title from migrate.session", "completed|Production_Migration_2025-01-19")])
m.line("npm run migration:cleanup", then=[shell("ls migration-checkpoint.json", ".*No such file.*")])
m.line("npm run migration:archive-logs", then=[shell("ls logs/archive | wc -l", "[1-9]")])
m.line("npm run migration:logs --level=error", shows=["customers"])

m.section("monitoring-1: dashboard")
m.act("another migration begins", new_migration)
m.act("it is slow", slowly)
m.line("npm run migration:customers", until=r"customers +\[.*\] +[1-9][0-9]*%")
m.act("a row is rejected", rejected)
m.absent("npm run migration:dashboard", terminal=2)
m.section("monitoring-2: progress")
m.line("npm run migration:progress", terminal=2, shows=[r"customers .*[0-9]+%", "suppliers"])
m.line("npm run migration:progress --table=customers", terminal=2, shows=[r"customers .*[0-9]+%"], hides=["suppliers"])
m.line("npm run migration:errors --summary", terminal=2, shows=["customers: [1-9]"])
m.line("npm run migration:metrics", terminal=2, shows=["rows/s"])
m.section("monitoring-3: logs")
m.line("npm run migration:logs --follow", terminal=2, until="customers: [0-9]+ of 1,000 rows")
m.ends(keys="\x03", code=130, terminal=2)
m.line("npm run migration:logs --level=error", terminal=2, shows=["customers: 1 row quarantined so far"])
m.line("npm run migration:logs --table=suppliers", terminal=2, hides=["customers: "])

m.section("errors-1: many errors")
m.line("npm run migration:analyze-errors", terminal=2, shows=["customers", "ERR_00[35]"])
m.line("npm run migration:pause", terminal=2, shows=["paused"])
m.ends(code=7, shows=["Migration paused", "[0-9]/7 tables", "Continue: migrate resume"], then=[
    sql("select status from migrate.session", "open"), shell("jq -r .status migration-checkpoint.json", "paused|open")])
m.line("npm run migration:error-details --table=customers", shows=["ERR_00[35] customers", "source row: "])
m.absent("npm run migration:fix-data-quality")
m.line("npm run migration:resume", until=r"customers +\[.*\] +[1-9][0-9]?%")
m.section("errors-2: timeout")
m.line("npm run migration:status", terminal=2, shows=["customers +running", "^running: "])
m.line("npm run migration:configure --timeout=600000", terminal=2, then=[shell("migrate configure", ".*(10 min|600000|600 s).*")])
m.line("npm run migration:restart --optimized", terminal=2, code=5, then=[adds_up("customers", "legacy_customers")])
m.ends(code=7)
m.section("errors-3: memory")
m.act("it is slow", slowly)
m.line("npm run migration:suppliers", until=r"suppliers +\[.*\] +[1-9][0-9]*%")
m.absent("npm run migration:memory-status", terminal=2)
m.line("npm run migration:configure --batch-size=500", terminal=2, then=[shell("migrate configure", ".*500.*")])
m.line("npm run migration:restart --low-memory", terminal=2, until=r"suppliers +\[.*\] +[0-9]+%")
m.ends(code=7)
m.act("it is quick", quickly)
m.ends(terminal=2, code=5, then=[adds_up("suppliers", "legacy_suppliers", "legacy_vendors")])
m.section("errors-4: connections")
m.act("it is slow", slowly)
m.line("npm run migration:products", until=r"products +\[.*\] +[1-9][0-9]*%")
m.line("npm run migration:test-connections", terminal=2, shows=["Source database connection: OK"])
m.line("npm run migration:restart --auto-retry", terminal=2, until=r"products +\[.*\] +[0-9]+%")
m.ends(code=7)
m.act("it is quick", quickly)
m.ends(terminal=2, code=5, shows=["retrying 8 quarantined rows"], then=[adds_up("products", "legacy_products")])
m.line("npm run migration:network-test", shows=["median", "limit 50"])

m.section("rollback-1: complete")
m.line("npm run migration:rollback --full", asks=True, then=[sql(ROWS + "customers", 0)])
m.line("npm run migration:verify-rollback")
m.line("npm run migration:validate-post-rollback")
m.line("npm run migration:rollback-report", shows=["full rollback of nextcrm"])
m.line("npm run migration:customers", code=5, asks=True, then=[adds_up("customers", "legacy_customers")])
m.section("rollback-2: tables")
m.line("npm run migration:customers", **table_steps("customers"))
m.line("npm run migration:suppliers", **table_steps("suppliers"))
m.line("npm run migration:rollback --tables=customers,suppliers", asks=True, then=[sql(ROWS + "customers", 0), sql(ROWS + "suppliers", 0)])
m.line("npm run migration:customers", **table_steps("customers"))
m.line("npm run migration:suppliers", **table_steps("suppliers"))
m.line("npm run migration:rollback --last-step", asks=True, then=[sql(ROWS + "suppliers", 0), adds_up("customers", "legacy_customers")])
m.line("npm run migration:suppliers", **table_steps("suppliers"))
m.line("npm run migration:rollback --checkpoint=customers_completed", asks=True, then=[sql(ROWS + "suppliers", 0), adds_up("customers", "legacy_customers")])
m.section("rollback-3: verification")
m.line("npm run migration:verify-rollback", shows=["suppliers"])
m.line("npm run migration:validate-post-rollback", shows=["suppliers"])
m.line("npm run migration:rollback-report", shows=["suppliers"])

m.section("optimization-1: before")
m.absent("npm run migration:create-temp-indexes", "npm run migration:analyze-source-performance", "npm run migration:optimize-source-queries",
         "npm run db:create-indexes", "npm run db:configure-pools", "npm run db:configure-migration")
m.section("optimization-2: during")
m.line("npm run migration:auto-optimize", then=[shell("migrate configure", ".*auto.*")])
m.line('npm run migration:configure --batch-sizes="customers:1000,suppliers:500,products:2000"',
       then=[shell("migrate configure", ".*suppliers.*500.*")])
m.absent("npm run migration:enable-parallel --tables=customers,suppliers")
m.line("npm run migration:parallel-status", shows=["nothing is running|no lane"])
m.section("optimization-3: after")
m.absent("npm run db:rebuild-indexes", "npm run db:analyze-query-performance", "npm run db:update-statistics")

m.section("testing-1: before")
m.absent("npm run migration:test-staging", "npm run migration:test --scenario=clean_migration", "npm run migration:test --scenario=dirty_data_migration",
         "npm run migration:test --scenario=performance_stress")
for size in ("small", "medium", "large"):
    m.line(f"npm run migration:test-sample --size={size}", code=5, shows=["dry run"], then=[sql(ROWS + "suppliers", 0)])
m.section("testing-2: after")
m.act("the rest is migrated", the_rest)
m.line("npm run migration:validate-all", shows=["Data quality score", "READY"])
m.line("npm run migration:validate-data-integrity", shows=["Sample Record Validation: PASS", GO])
m.line("npm run migration:validate-business-rules", shows=["prices-not-negative"])
m.line("npm run migration:validate-performance", shows=["customer-lookup"])
m.line("npm run migration:validate-relationships", shows=["Orphans: 0", "GO: "])
m.line("npm run migration:verify-counts", shows=[GO])
m.line("npm run migration:verify-samples --count=100", shows=["Sample Record Validation: PASS"])
m.line("npm run migration:verify-relationships", shows=["Orphans: 0"])
m.line("npm run migration:test-business-logic", shows=["stock-status-fits"])

m.section("diagnosis-1: system")
m.line("npm run migration:system-check")
m.line("npm run migration:connection-check", shows=["Target database connection: OK"])
m.line("npm run migration:schema-check", shows=["Schema validation: OK"])
m.line("npm run migration:performance-check", shows=["suppliers +[0-9]+"])
m.section("diagnosis-2: state")
m.line("npm run migration:state-check")
m.line("npm run migration:consistency-check", shows=["Fingerprint Validation: PASS"])
m.line("npm run migration:orphan-check")
m.absent("npm run migration:constraint-check")
m.section("diagnosis-3: duplicates")
m.line("npm run migration:find-duplicates --table=customers", code=4, shows=["customer_code"])
m.absent("npm run migration:resolve-duplicates --table=customers --strategy=merge", "npm run migration:resolve-duplicates --table=customers --strategy=manual")
m.section("diagnosis-4: orphans")
m.line("npm run migration:find-orphans", code=4, shows=["product_id"])
m.absent("npm run migration:create-missing-parents", "npm run migration:remove-orphans --confirm")
m.section("diagnosis-5: conversion")
m.line("npm run migration:analyze-conversion-errors", shows=["ERR_003"])
m.line("npm run migration:fix-data-types", code=5)
m.line("npm run migration:retry --coerce-types", code=5)
m.section("diagnosis-6: performance")
m.line("npm run migration:performance-analysis", shows=["suppliers +[0-9]+"])
m.absent("npm run migration:optimize-queries", "npm run migration:scale-resources --memory=16GB --cpu=8")

m.section("security-1: data")
m.absent("npm run migration:enable-encryption", "npm run migration:anonymize-test-data", "npm run migration:enable-audit-logging")
m.section("security-2: access")
m.line("npm run migration:check-permissions")
m.line("npm run migration:create-migration-user", then=[sql("select rolcanlogin from pg_roles where rolname = 'migrator'", "t")])
m.line("npm run migration:revoke-temp-permissions", asks=True, then=[sql("select count(*) from pg_roles where rolname = 'migrator'", 0)])
m.section("security-3: audit")
m.line("npm run migration:audit-report", shows=["rollback"], then=[shell("jq '.commands | length > 20' migration-audit-report.json", "true")])
m.absent("npm run migration:export-compliance-docs", "npm run migration:compliance-check")

m.section("emergency-1: rollback")
m.act("another migration begins", new_migration)
m.act("it is slow", slowly)
m.line("npm run migration:customers", until=r"customers +\[.*\] +[1-9][0-9]*%")
m.line("npm run migration:emergency-stop", terminal=2)
m.ends(code=7)
m.line("npm run migration:emergency-rollback", asks=True, then=[sql(ROWS + "customers", 0)])
m.line("npm run migration:emergency-notify", code=3, shows=["NOTIFY_URL"])
m.line("npm run migration:incident-report", then=[shell("ls incident-report-*.json | wc -l", "1")])
m.section("emergency-2: corruption")
m.line("npm run migration:customers", asks=True, **table_steps("customers"))
m.act("the rest is migrated", the_rest)
m.act("a row is changed by others", damage)
m.line("npm run migration:isolate-corruption", code=5, shows=["customers: 1 rows? changed"])
m.line("npm run migration:assess-corruption", code=4, shows=["NO-GO"])
m.line("npm run migration:rollback-corrupted-data", asks=True, then=[sql("select count(*) from customers where company_name = 'Damaged'", 0)])
m.line("npm run migration:verify-integrity", shows=["GO: "])
m.section("emergency-3: resources")
m.act("another migration begins", new_migration)
m.act("it is slow", slowly)
m.line("npm run migration:suppliers", until=r"suppliers +\[.*\] +[1-9][0-9]*%")
m.absent("npm run migration:emergency-scale", terminal=2)
m.line("npm run migration:reduce-load", terminal=2, then=[shell("migrate configure", ".*lanes rest 50% of the time.*")])
m.act("it is quick", quickly)
m.line("npm run migration:monitor-recovery", terminal=2, shows=["suppliers +done"])
m.ends(code=5, then=[adds_up("suppliers", "legacy_suppliers", "legacy_vendors")])

m.section("A: commands")
m.line("npm run migration:start-session", code=1, shows=["second"])
m.line("npm run migration:restart", code=5, shows=["suppliers"], then=[adds_up("suppliers", "legacy_suppliers", "legacy_vendors")])
m.line("npm run migration:logs", shows=["suppliers: "])
m.line("npm run db:rollback", asks=True, then=[sql("select count(*) from pg_tables where schemaname = 'public'", 6)])
m.line("npm run db:generate", code=2, shows=["NAME"])
m.absent("npm run db:analyze", "npm run db:vacuum")
m.line("npm run db:backup", shows=["Backup created: backup_"])
m.line("npm run db:verify-backup", shows=["Restore test: Passed"])
m.line("npm run db:restore", asks=True, then=[sql("select count(*) from pg_tables where schemaname = 'public'", 6)])
m.section("B: settings")
m.act("a folder with the template", template)
m.line("(cd template && MIGRATION_CONFIG_DIR=../config migrate --plan nxt test-connections)", shows=["Backup database connection: OK"], hides=["warning: MIGRATION", "warning: DATABASE"])
m.section("C: quick fixes")
m.line("npm run migration:reconnect", shows=["Target database connection: OK"])
m.line("npm run migration:reduce-memory", code=5, shows=["suppliers"])
m.line("npm run migration:extend-timeout", then=[shell("migrate configure", ".*timeout 10 min.*")])
m.absent("npm run migration:skip-validation --unsafe")
m.line("npm run migration:optimize-performance", then=[shell("migrate configure", ".*lanes.*auto.*")])
