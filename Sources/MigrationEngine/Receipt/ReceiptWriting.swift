import MigrationBasics
import MigrationLedger
import MigrationPlan
import Postgres

/// Makes the receipt of a plan's last migration, from the ledger.
package struct ReceiptWriting {
  private let plan: Plan
  private let ledger: Ledger
  private let version: String

  package init(_ plan: Plan, _ target: Connection, ledgerSchema: String, version: String) throws {
    (self.plan, self.version) = (plan, version)
    ledger = try Ledger(target, schema: ledgerSchema)
  }

  /// - Parameters:
  ///   - validation: the report of the last validation; it is taken in if it is of this session.
  ///   - key: signs the receipt, if there is one.
  package func run(validation: JSONValue?, key: [UInt8]?) throws -> Receipt {
    try ledger.requireInstalled()
    // All of it in one snapshot.
    _ = try ledger.connection.exportSnapshot()
    let session = try session()
    var receipt = Receipt()
    receipt.add(ReceiptSection.migration.rawValue, try migration(session))
    receipt.add(ReceiptSection.books.rawValue, try books(session))
    receipt.add(ReceiptSection.quarantine.rawValue, try quarantine(session))
    receipt.add(ReceiptSection.validation.rawValue, self.validation(validation, session))
    receipt.add(ReceiptSection.fingerprints.rawValue, try fingerprints(session))
    if let key { receipt.sign(key) }
    try ledger.connection.rollback()
    return receipt
  }

  private func session() throws -> Session {
    guard let session = try ledger.latestSession(named: plan.name), session.status == .completed
    else {
      throw MigrationError(
        .failed, "no migration of \(plan.name) into this target is complete",
        place: ledger.connection.facts.database, remedy: "finish it: migrate run")
    }
    guard session.fingerprintKey != nil else {
      throw MigrationError(
        .failed, "session \(session.id) is from a version without fingerprints",
        remedy: "compare the target with its source instead: migrate validate --samples all")
    }
    return session
  }

  private func migration(_ session: Session) throws -> JSONValue {
    let runs = try ledger.runs(session: session.id).map { run -> JSONValue in
      [
        "host": .text(run.identity.host), "version": .text(run.identity.version),
        "started": .text(run.started.description),
        "ended": .optional(run.ended?.description), "ending": .optional(run.ending?.rawValue),
      ]
    }
    return [
      "plan": .text(session.plan), "planHash": .text(session.planHash),
      "session": .id(session.id), "ledger": .text(try ledger.identity()),
      "runTime": .text(session.runTime.description), "schema": .text(plan.target.schema),
      "writtenBy": .text(version), "written": .text(try now()), "runs": .array(runs),
      "sources": try sources(session), "stopAt": .text(ShareText.limit(plan.limits.stopErrorShare)),
      "acceptedRejects": .array(session.accepted.map(\.json)),
    ]
  }

  private func now() throws -> String {
    let found = try ledger.connection.query("SELECT \(Moment.sql("clock_timestamp()"))")
    return found.rows.first?.moment(0)?.description ?? ""
  }

  /// What each feed's source was like, and when its chunks were cut.
  private func sources(_ session: Session) throws -> JSONValue {
    let found = try ledger.connection.query(
      """
      SELECT jsonb_agg(jsonb_build_object('table', t.name, 'source', f.source,
        'planned', f.planned, 'state', f.source_state) ORDER BY t.position, f.feed)::text
      FROM \(ledger.names.feed) f JOIN \(ledger.names.table) t ON t.id = f.table_id
      WHERE t.session = $1
      """, [session.id])
    return try found.rows.first?.json(0) ?? .null
  }

  private func books(_ session: Session) throws -> JSONValue {
    .array(
      try ledger.balance(session: session.id).map { sheet in
        [
          "table": .text(sheet.table), "read": .int(sheet.read), "loaded": .int(sheet.loaded),
          "merged": .int(sheet.merged), "filtered": .int(sheet.filtered),
          "quarantined": .int(sheet.quarantined), "retried": .int(sheet.retried),
          "settled": .int(sheet.settled), "open": .int(sheet.open),
          "warnings": .int(sheet.warned), "closes": .bool(sheet.closes),
        ]
      })
  }

  /// How many rows are quarantined, and a hash over all of them as they are kept.
  private func quarantine(_ session: Session) throws -> JSONValue {
    let found = try ledger.connection.query(
      """
      SELECT count(*), encode(sha256(convert_to(coalesce(string_agg(line, E'\\n' ORDER BY id), ''),
        'UTF8')), 'hex')
      FROM (
        SELECT q.id, encode(sha256(convert_to(
          t.name || (to_jsonb(q) - '{id,table_id,added,closed}'::text[])::text, 'UTF8')), 'hex') AS line
        FROM \(ledger.names.quarantine) q JOIN \(ledger.names.table) t ON t.id = q.table_id
        WHERE t.session = $1) lines
      """, [session.id])
    return ["rows": .int(found.int(0, 0) ?? 0), "sha256": .optional(found.rows.first?.text(1))]
  }

  private func validation(_ report: JSONValue?, _ session: Session) -> JSONValue {
    guard let summary = report?["summary"], summary["session"] == .id(session.id),
      summary["plan"] == .text(plan.name)
    else { return .null }
    // Numbers with decimal places may be written otherwise by another program.
    let kept = ["status", "verdict", "why", "startedAt", "layers", "totalRecords"]
    return .object(JSONObject(kept.map { ($0, summary[$0] ?? .null) }))
  }

  private func fingerprints(_ session: Session) throws -> JSONValue {
    let key = session.fingerprintKey ?? []
    let tables = try ledger.tables(session: session.id).map { state -> JSONValue in
      [
        "table": .text(state.name), "before": .int(try ledger.rowsBefore(table: state.id) ?? 0),
        "book": try ledger.fingerprints(table: state.id).json,
      ]
    }
    return ["key": .text(key.map { Fingerprint.digits($0) }.joined()), "tables": .array(tables)]
  }
}
