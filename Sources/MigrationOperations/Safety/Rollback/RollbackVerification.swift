import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Whether the newest rollback has left nothing of what it was to delete, and all the rest sound.
package struct RollbackVerification {
  package typealias Finding = StateCheck.Finding

  /// What was verified, and what was found.
  package struct Outcome: Sendable {
    package let record: RollbackRecord
    package let findings: [Finding]
    package var isSound: Bool { findings.allSatisfy { $0.verdict != .failure } }
  }

  private let ledger: Ledger
  private let record: RollbackRecord
  private let schema: String
  /// Why the ids of transactions mean nothing here; nil if they hold.
  private let foreignOrigin: String?

  private init(_ ledger: Ledger, _ record: RollbackRecord, schema: String) throws {
    (self.ledger, self.record, self.schema) = (ledger, record, schema)
    foreignOrigin = try ledger.foreignOrigin()
  }

  /// Checks the tables of the newest rollback in one snapshot; changes nothing.
  ///
  /// - Parameter schema: the schema of the target's tables.
  package static func run(_ ledger: Ledger, schema: String) throws -> Outcome {
    let record = try ledger.requireRollback()
    let verification = try RollbackVerification(ledger, record, schema: schema)
    try ledger.connection.begin(TransactionMode(isolation: .repeatableRead, readOnly: true))
    defer { try? ledger.connection.rollback() }
    return Outcome(record: record, findings: try verification.findings())
  }

  private func findings() throws -> [Finding] {
    var found = [ending()]
    let live = try CatalogReader(ledger.connection).tables(
      schema: schema, named: record.tables.map(\.name))
    for table in record.tables where table.status != .pending {
      let name = QualifiedName(schema: schema, name: table.name)
      guard let live = live.first(where: { $0.name == table.name }) else {
        found.append(
          finding(
            "table \(table.name)", .failure, "does not exist", "see: migrate db status"))
        continue
      }
      found.append(try rows(table, live))
      found.append(before(table))
      found.append(try left(table, live))
      if table.missing > 0 { found.append(missing(table)) }
      if table.kept > 0 { found.append(kept(table)) }
      found.append(try constraints(table, name))
      found += try sequences(table, name)
    }
    return found
  }

  private func ending() -> Finding {
    switch record.status {
    case .done: finding("rollback \(record.id)", .pass, "finished (\(record.scope))")
    case .running:
      finding(
        "rollback \(record.id)", .failure, "is not finished (\(record.scope))",
        "continue it: migrate rollback --resume")
    case .stopped:
      finding(
        "rollback \(record.id)", .failure, "was stopped: \(record.note ?? "")",
        "fix the cause and roll back the rest: migrate rollback --resume")
    }
  }

  /// Rows that still show a transaction of the migration.
  private func rows(_ table: RolledBackTable, _ live: PostgresTable) throws -> Finding {
    let forgotten = table.knowsTransactions ? nil : FingerprintWords.forgotten
    if let why = foreignOrigin ?? forgotten {
      return finding(
        "rows of \(table.name)", .failure, "cannot determine whether all were deleted: \(why)",
        "compare with a backup")
    }
    let gone = """
      FROM \(ledger.names.rollbackTable), unnest(xids, commands) w(xid, command)
      WHERE rollback = $1 AND table_id = $2
      """
    let left =
      try ledger.connection.query(
        """
        SELECT count(*) FROM \(try live.ownRows()) t
        WHERE t.xmin::text::bigint IN (SELECT xid \(gone) AND command IS NULL)
          OR (t.xmin::text::bigint, t.cmin::text::bigint) IN (SELECT xid, command \(gone) AND command IS NOT NULL)
        """, [record.id, table.id]
      ).int(0, 0) ?? 0
    return left == 0
      ? finding(
        "rows of \(table.name)", .pass, "\(GroupedNumber.text(table.gone)) deleted, none left")
      : finding(
        "rows of \(table.name)", .failure, "\(CountText.of(left, "row")) of the migration left",
        "roll back the table again: migrate rollback --tables \(table.name)")
  }

  /// How many rows from before the rollback left, by what it noted.
  private func before(_ table: RolledBackTable) -> Finding {
    let name = "earlier rows of \(table.name)"
    if table.isPart {
      return finding(
        name, .pass, "\(GroupedNumber.text(table.left)) kept, with rows from before the checkpoint")
    }
    guard let before = table.rowsBefore else {
      return finding(name, .warning, "their count was not recorded", "compare with a backup")
    }
    let now = table.left - table.kept - table.others
    return now == before
      ? finding(name, .pass, "\(GroupedNumber.text(before)), as before")
      : finding(
        name, .warning,
        "\(GroupedNumber.text(now)) of \(GroupedNumber.text(before)): others changed or deleted the rest",
        "nothing, if this is intended; otherwise compare with a backup")
  }

  /// Whether the rows that the rollback left are there now, each of them.
  private func left(_ table: RolledBackTable, _ live: PostgresTable) throws -> Finding {
    let now = try LeftRows.read(
      live, since: foreignOrigin == nil ? table.emptiedBy : nil, ledger.connection)
    return RollbackLeft(table: table, now: now).finding()
  }

  private func missing(_ table: RolledBackTable) -> Finding {
    finding(
      "missing rows of \(table.name)", .warning,
      "\(CountText.of(table.missing, "loaded row")) not in the target at the rollback",
      "nothing, if others deleted them; otherwise search for them: migrate report rollback")
  }

  private func kept(_ table: RolledBackTable) -> Finding {
    finding(
      "changed rows of \(table.name)", .warning,
      "\(GroupedNumber.text(table.kept)) kept: " + table.keptKeys.prefix(5).joined(separator: ", "),
      "migrate report rollback --json lists them; to delete them, too: "
        + "migrate rollback --tables \(table.name) --force")
  }

  private func constraints(_ table: RolledBackTable, _ name: QualifiedName) throws -> Finding {
    let aside = try SuspendedObjects(ledger).pendingRestores().filter {
      $0.table == name || $0.details.referenced == name
    }.map(\.name)
    let faulty = try ledger.connection.query(
      """
      SELECT c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      WHERE i.indrelid = to_regclass($1)::oid AND NOT i.indisvalid
      """, [try name.quoted()]
    ).rows.compactMap { $0.text(0) }
    let named = "indexes and constraints of \(table.name)"
    guard aside.isEmpty, faulty.isEmpty else {
      return finding(
        named, .failure,
        (aside + faulty).joined(separator: ", ") + " suspended or invalid",
        aside.isEmpty ? "rebuild them: REINDEX" : "a run rebuilds them: migrate run")
    }
    return finding(named, .pass, "none is suspended")
  }

  private func sequences(_ table: RolledBackTable, _ name: QualifiedName) throws -> [Finding] {
    let behind = try Sequences(ledger).findBehind(name).map(\.name.description)
    let named = "sequences of \(table.name)"
    if !behind.isEmpty {
      return [
        finding(
          named, .failure, behind.joined(separator: ", ") + " would issue existing values",
          "set them past the highest value with setval")
      ]
    }
    let left = table.sequences.filter { $0.outcome == .left }.map(\.name)
    guard left.isEmpty else {
      return [
        finding(
          named, .warning, left.joined(separator: ", ") + " not reset: others have used them since",
          "nothing: gaps in a sequence are harmless")
      ]
    }
    return table.sequences.isEmpty
      ? [] : [finding(named, .pass, "reset to their values before the migration")]
  }

  private func finding(
    _ name: String, _ verdict: Check.Verdict, _ text: String, _ remedy: String? = nil
  ) -> Finding {
    Finding(name: name, verdict: verdict, finding: text, remedy: remedy)
  }
}

extension Ledger {
  /// Returns the newest rollback, or says that there was none.
  package func requireRollback() throws -> RollbackRecord {
    if let record = try latestRollback() { return record }
    throw MigrationError(
      .failed, "nothing was rolled back in this target", reason: "noRollback",
      place: connection.facts.database,
      remedy: "see what can be rolled back: migrate rollback --session latest --dry-run")
  }
}
