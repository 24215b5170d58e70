import MigrationLedger
import MigrationPlan
import Postgres

/// What a plan needs of a role in a database, and what the role has of it.
package struct PermissionSurvey {
  package let plan: Plan
  package let connection: Connection
  package let ledgerSchema: String

  package init(_ plan: Plan, _ connection: Connection, ledgerSchema: String) {
    (self.plan, self.connection, self.ledgerSchema) = (plan, connection, ledgerSchema)
  }

  /// Returns what a role needs in the target.
  ///
  /// The catalogue is asked for all tables at once: a run asks this too.
  /// - Parameter names: the tables to ask for; nil asks for all of the plan.
  /// - Throws: `MigrationError` if a table of the plan is not there.
  package func target(role: String, tables names: [String]? = nil) throws -> [NeededRight] {
    let schema = plan.target.schema
    var questions = [
      try database("CONNECT", "to connect"),
      try database("TEMPORARY", "look-up tables, the search for bad rows, validation"),
    ]
    questions += try ledger()
    questions.append(try self.schema(schema, "USAGE", "to see its tables"))
    let plans = plan.tables.filter { names?.contains($0.name) ?? true }
    let live = try LiveTables(plans.map(\.name), schema: schema, connection)
    for table in plans { questions += try rights(on: table, live) }
    questions += try sequences(live) + types(live) + children(live)
    return try ask(questions, role, .target) + rebuilding(live, role)
      + rowSecurity(plans.map(\.name), schema, role, .target)
  }

  /// Returns what a role needs in a PostgreSQL source: to read, and nothing else.
  package func source(role: String) throws -> [NeededRight] {
    let schema = plan.source.schema
    var questions = [
      try database("CONNECT", "to connect"), try self.schema(schema, "USAGE", "to see its tables"),
    ]
    let names = Set(plan.tables.flatMap(\.feeds).map(\.from)).sorted()
    let live = try LiveTables(names, schema: schema, connection)
    for name in names {
      questions.append(
        privilege("SELECT", try live.quoted(name), live.oid(name), "to read its rows"))
    }
    return try ask(questions, role, .source) + rowSecurity(names, schema, role, .source)
  }

  /// Returns what a role lacks to see all rows of the tables; nothing if it sees them.
  private func rowSecurity(
    _ tables: [String], _ schema: String, _ role: String, _ side: NeededRight.Side
  ) throws -> [NeededRight] {
    let found = try connection.query(
      """
      SELECT relname, policies FROM (
        SELECT c.relname, \(CatalogQueries.hidingPolicies(from: "$1")) AS policies
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $2 AND c.relname = ANY ($3)) hidden
      WHERE policies IS NOT NULL ORDER BY relname
      """,
      [
        Parameter.text(role, type: .name), Parameter.text(schema, type: .name), tables,
      ])
    return try found.rows.map { row in
      let policies = namesInJSON(row.text(1))
      return NeededRight(
        side: side, object: "table \(try SQL.identifier(schema: schema, row.string(0)))",
        privilege: "BYPASSRLS",
        purpose: "row-level security hides rows from the role (\(RowSecurity.words(policies)))",
        need: .migration, isGranted: false,
        grant: "ALTER ROLE \(try SQL.identifier(role)) BYPASSRLS",
        owner: nil)
    }
  }

  private func rights(on plan: TablePlan, _ live: LiveTables) throws -> [RightQuestion] {
    let table = try live.quoted(plan.name)
    let needs = [
      ("SELECT", "duplicates, references, validation"), ("INSERT", "to load rows"),
      ("UPDATE", "to set orphaned references to null"),
      ("DELETE", "to delete orphans; rollback"),
    ]
    let owner = live.owners[plan.name] ?? ""
    let isRequired = !lateForeignKeys(of: plan, live).isEmpty
    let ownership = RightQuestion(
      object: "table \(table)", privilege: "OWNER",
      purpose: isRequired
        ? "its rows refer to later rows: foreign keys must be suspended"
        : "to suspend indexes and foreign keys, which is faster; to truncate",
      need: isRequired ? .migration : .speed,
      probe: """
        pg_has_role($1, (SELECT relowner FROM pg_class WHERE oid = \(live.oid(plan.name))::oid), 'USAGE')
        """,
      grant: "GRANT \(owner)", owner: owner)
    return needs.map { privilege($0.0, table, live.oid(plan.name), $0.1) } + [ownership]
  }

  /// The foreign keys of a table that lead to a table which is not loaded before it.
  func lateForeignKeys(of table: TablePlan, _ live: LiveTables) -> Set<String> {
    guard table.merge == nil else { return [] }
    let circle = Set(PlanOrder(plan.tables).circle(of: table.name))
    let late = circle.intersection(table.referencedTables)
    let keys = live.tables[table.name]?.foreignKeys ?? []
    return Set(keys.filter { late.contains($0.referencedTable) }.map(\.name))
  }

  /// The ledger is made by a run, or was made before by a role that may.
  private func ledger() throws -> [RightQuestion] {
    let name = try SQL.identifier(ledgerSchema)
    let there = try connection.query(
      "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = $1)", [ledgerSchema])
    guard there.bool(0, 0) == true else {
      return [try database("CREATE", "the ledger is a schema of its own")]
    }
    let rows = ["SELECT", "INSERT", "UPDATE", "DELETE"]
    let all = rows.joined(separator: ", ")
    let probes = rows.map { "has_table_privilege($1, c.oid, '\($0)')" }.joined(separator: " AND ")
    return try [
      schema(ledgerSchema, "USAGE", "to record progress in the ledger"),
      schema(ledgerSchema, "CREATE", "to create staging tables for merges"),
      RightQuestion(
        object: "tables of schema \(name)", privilege: all,
        purpose: "to record progress in the ledger",
        probe: """
          NOT EXISTS (SELECT FROM pg_class c WHERE c.relkind = 'r'
            AND c.relnamespace = \(SQL.literal(name))::regnamespace AND NOT (\(probes)))
          """,
        grant: "GRANT \(all) ON ALL TABLES IN SCHEMA \(name)"),
    ] + upgrading(name)
  }

  /// Only the owner of an older ledger's tables can upgrade them.
  private func upgrading(_ name: String) throws -> [RightQuestion] {
    guard try canReadLedger(),
      case .older = try Ledger(connection, schema: ledgerSchema).condition()
    else { return [] }
    let meta = SQL.literal(name + ".meta")
    let owner = "(SELECT relowner FROM pg_class WHERE oid = \(meta)::regclass)"
    let found = try connection.query("SELECT \(owner)::regrole::text").text(0, 0) ?? ""
    return [
      RightQuestion(
        object: "tables of schema \(name)", privilege: "OWNER",
        purpose: "to upgrade the ledger from an older version",
        probe: "pg_has_role($1, \(owner), 'USAGE')", grant: "GRANT \(found)", owner: found)
    ]
  }

  private func database(_ privilege: String, _ purpose: String) throws -> RightQuestion {
    let name = connection.facts.database
    return RightQuestion(
      object: "database \(name)", privilege: privilege, purpose: purpose,
      probe: "has_database_privilege($1, current_database(), '\(privilege)')",
      grant: "GRANT \(privilege) ON DATABASE \(try SQL.identifier(name))")
  }

  package func schema(
    _ name: String, _ privilege: String, _ purpose: String
  ) throws -> RightQuestion {
    RightQuestion(
      object: "schema \(name)", privilege: privilege, purpose: purpose,
      probe: "has_schema_privilege($1, \(SQL.literal(name)), '\(privilege)')",
      grant: "GRANT \(privilege) ON SCHEMA \(try SQL.identifier(name))")
  }

  package func privilege(
    _ privilege: String, _ table: String, _ oid: Int, _ purpose: String
  ) -> RightQuestion {
    RightQuestion(
      object: "table \(table)", privilege: privilege, purpose: purpose,
      probe: "has_table_privilege($1, \(oid)::oid, '\(privilege)')",
      grant: "GRANT \(privilege) ON \(table)")
  }

  /// Asks the server all questions in one statement.
  package func ask(
    _ questions: [RightQuestion], _ role: String, _ side: NeededRight.Side
  ) throws -> [NeededRight] {
    guard !questions.isEmpty else { return [] }
    let name = try SQL.identifier(role)
    // As rows of one column: a list of results ends at 1,664.
    let probes = questions.enumerated().map { "SELECT \($0), (\($1.probe))" }
    let found = try connection.query(
      probes.joined(separator: " UNION ALL ") + " ORDER BY 1", [Parameter.text(role, type: .name)])
    return zip(questions, found.rows).map { question, row in
      NeededRight(
        side: side, object: question.object, privilege: question.privilege,
        purpose: question.purpose, need: question.need,
        isGranted: row.flag(1), grant: "\(question.grant) TO \(name)", owner: question.owner)
    }
  }
}
