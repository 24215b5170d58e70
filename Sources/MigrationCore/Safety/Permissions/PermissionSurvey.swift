import Postgres

/// What a plan needs of a role in a database, and what the role has of it.
public struct PermissionSurvey {
  private let plan: Plan
  private let connection: Connection
  private let ledgerSchema: String

  public init(_ plan: Plan, _ connection: Connection, ledgerSchema: String) {
    (self.plan, self.connection, self.ledgerSchema) = (plan, connection, ledgerSchema)
  }

  /// Returns what a role needs in the target.
  ///
  /// - Throws: `MigrationError` where a table of the plan is not there.
  public func target(role: String) throws -> [NeededRight] {
    let schema = plan.target.schema
    var questions = [
      try database("CONNECT", "to get in"),
      try database("TEMPORARY", "look-up tables, the search for bad rows, validation"),
    ]
    questions += try ledger()
    questions.append(try self.schema(schema, "USAGE", "to see its tables"))
    for table in plan.tables { questions += try rights(on: table, schema) }
    return try ask(questions, role, .target)
      + rowSecurity(plan.tables.map(\.name), schema, role, .target)
  }

  /// Returns what a role needs in a PostgreSQL source: to read, and nothing else.
  public func source(role: String) throws -> [NeededRight] {
    let schema = plan.source.schema
    var questions = [
      try database("CONNECT", "to get in"), try self.schema(schema, "USAGE", "to see its tables"),
    ]
    let names = Set(plan.tables.flatMap(\.feeds).map(\.from)).sorted()
    for name in names {
      let table = try existing(name, schema)
      questions.append(privilege("SELECT", table, "its rows are read"))
    }
    return try ask(questions, role, .source) + rowSecurity(names, schema, role, .source)
  }

  /// Returns what a role lacks to see all rows of the tables; nothing where it sees them.
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
        isRequired: true, isGranted: false,
        grant: "ALTER ROLE \(try SQL.identifier(role)) BYPASSRLS",
        owner: nil)
    }
  }

  private func rights(on plan: TablePlan, _ schema: String) throws -> [RightQuestion] {
    let table = try existing(plan.name, schema)
    let needs = [
      ("SELECT", "duplicates, references, validation"), ("INSERT", "its rows are brought"),
      ("UPDATE", "references that lead nowhere become null"),
      ("DELETE", "rows that turn out to refer to nothing; rollback"),
    ]
    let owner = try owner(of: table)
    let isRequired = try refersToLaterRows(plan, schema)
    let ownership = RightQuestion(
      object: "table \(table)", privilege: "OWNER",
      purpose: isRequired
        ? "its rows refer to rows that come later, so that foreign keys must be set aside"
        : "indexes and foreign keys are set aside, which is faster; fast emptying",
      isRequired: isRequired,
      probe: """
        pg_has_role($1, (SELECT relowner FROM pg_class WHERE oid = \(SQL.literal(table))::regclass),
          'USAGE')
        """,
      grant: "GRANT \(owner)", owner: owner)
    return needs.map { privilege($0.0, table, $0.1) } + (try sequences(of: table)) + [ownership]
  }

  /// Whether a foreign key of the table leads to a table that is not loaded before it.
  private func refersToLaterRows(_ table: TablePlan, _ schema: String) throws -> Bool {
    guard table.merge == nil else { return false }
    let circle = Set(PlanOrder(plan.tables).circle(of: table.name))
    let late = circle.intersection(table.referencedTables)
    let keys = try CatalogReader(connection).table(schema: schema, named: table.name)?.foreignKeys
    return keys?.contains { late.contains($0.referencedTable) } ?? false
  }

  private func sequences(of table: String) throws -> [RightQuestion] {
    try connection.query(
      """
      SELECT DISTINCT d.objid::regclass::text FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
      WHERE d.refobjid = \(SQL.literal(table))::regclass AND c.relkind = 'S' AND d.deptype IN ('a', 'i')
      ORDER BY 1
      """
    ).rows.map { row in
      let name = row.string(0)
      return RightQuestion(
        object: "sequence \(name)", privilege: "SELECT, UPDATE",
        purpose: "it is set past the loaded values",
        probe: """
          (has_sequence_privilege($1, \(SQL.literal(name)), 'UPDATE')
            AND has_sequence_privilege($1, \(SQL.literal(name)), 'SELECT'))
          """,
        grant: "GRANT SELECT, UPDATE ON SEQUENCE \(name)")
    }
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
    return [
      try schema(ledgerSchema, "USAGE", "what has happened is kept there"),
      try schema(ledgerSchema, "CREATE", "tables that equal rows are brought together in"),
      RightQuestion(
        object: "tables of schema \(name)", privilege: all,
        purpose: "what has happened is kept there",
        probe: """
          NOT EXISTS (SELECT FROM pg_class c WHERE c.relkind = 'r'
            AND c.relnamespace = \(SQL.literal(name))::regnamespace AND NOT (\(probes)))
          """,
        grant: "GRANT \(all) ON ALL TABLES IN SCHEMA \(name)"),
    ]
  }

  private func database(_ privilege: String, _ purpose: String) throws -> RightQuestion {
    let name = connection.facts.database
    return RightQuestion(
      object: "database \(name)", privilege: privilege, purpose: purpose,
      probe: "has_database_privilege($1, current_database(), '\(privilege)')",
      grant: "GRANT \(privilege) ON DATABASE \(try SQL.identifier(name))")
  }

  private func schema(
    _ name: String, _ privilege: String, _ purpose: String
  ) throws -> RightQuestion {
    RightQuestion(
      object: "schema \(name)", privilege: privilege, purpose: purpose,
      probe: "has_schema_privilege($1, \(SQL.literal(name)), '\(privilege)')",
      grant: "GRANT \(privilege) ON SCHEMA \(try SQL.identifier(name))")
  }

  private func privilege(_ privilege: String, _ table: String, _ purpose: String) -> RightQuestion {
    RightQuestion(
      object: "table \(table)", privilege: privilege, purpose: purpose,
      probe: "has_table_privilege($1, \(SQL.literal(table)), '\(privilege)')",
      grant: "GRANT \(privilege) ON \(table)")
  }

  private func existing(_ name: String, _ schema: String) throws -> String {
    let table = try SQL.identifier(schema: schema, name)
    guard
      try connection.query(
        """
        SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = $1 AND c.relname = $2)
        """, [schema, name]
      ).bool(0, 0) == true
    else {
      throw MigrationError(
        .coded(.schema), "there is no table \(schema).\(name)", place: connection.facts.database,
        remedy:
          "make the target's tables first: migrate db migrate; check a plan: migrate plan check")
    }
    return table
  }

  private func owner(of table: String) throws -> String {
    try connection.query(
      "SELECT relowner::regrole::text FROM pg_class WHERE oid = \(SQL.literal(table))::regclass"
    ).text(0, 0) ?? ""
  }

  private func ask(
    _ questions: [RightQuestion], _ role: String, _ side: NeededRight.Side
  ) throws -> [NeededRight] {
    let name = try SQL.identifier(role)
    return try questions.map { question in
      let found = try connection.query(
        "SELECT \(question.probe)", [Parameter.text(role, type: .name)])
      return NeededRight(
        side: side, object: question.object, privilege: question.privilege,
        purpose: question.purpose, isRequired: question.isRequired,
        isGranted: found.bool(0, 0) ?? false, grant: "\(question.grant) TO \(name)",
        owner: question.owner)
    }
  }
}
