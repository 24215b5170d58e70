import Postgres

/// What happened in a session, in the order in which it happened.
package struct SessionTimeline: Sendable {
  package struct Event: Sendable, Hashable {
    package let at: Moment
    /// One word for programs: `begun`, `runBegan`, `tableDone`, `note`, ….
    package let kind: String
    package let what: String
  }

  package private(set) var events: [Event] = []

  package init(_ session: Session, _ ledger: Ledger) throws {
    let began = session.startedBy.map { "started by \($0)" } ?? "started"
    add(session.runTime, "begun", began)
    for run in try ledger.runs(session: session.id) { add(run) }
    for table in try ledger.tables(session: session.id) {
      add(table.started, "tableBegan", "\(table.name) started")
      add(table.loaded, "tableLoaded", "\(table.name) loaded")
      add(table.finished, "tableDone", "\(table.name) done")
    }
    for note in try ledger.notes(session: session.id) {
      add(note.written, "note", "\(note.author): \(note.text)")
    }
    for (at, kind, requester) in try ledger.controls(session: session.id) {
      add(at, kind, "\(kind) requested by \(requester)")
    }
    for rollback in try ledger.rollbacks(session: session.id) {
      add(
        rollback.begun, "rollbackBegan",
        "rollback \(rollback.id) (\(rollback.scope)) started by \(rollback.begunBy)")
      add(rollback.ended, "rollbackEnded", "rollback \(rollback.id) \(rollback.status.rawValue)")
    }
    add(session.ended, "\(session.status)", "session \(session.status)")
    // Equal moments stay in the order of cause.
    events = events.enumerated().sorted {
      ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
    }.map(\.element)
  }

  private mutating func add(_ run: Run) {
    let who = "\(run.identity.command), \(run.identity.host), process \(run.identity.process)"
    add(run.started, "runBegan", "run \(run.id) started: \(who)")
    guard let ending = run.ending else { return }
    let note = run.note.map { ": \($0)" } ?? ""
    add(run.ended, "runEnded", "run \(run.id) \(ending)\(note)")
  }

  private mutating func add(_ at: Moment?, _ kind: String, _ what: String) {
    if let at { events.append(Event(at: at, kind: kind, what: what)) }
  }
}

extension Ledger {
  fileprivate func controls(session: SessionID) throws -> [(Moment, String, String)] {
    try connection.query(
      """
      SELECT \(Moment.sql("c.requested")), c.kind, c.requested_by
      FROM \(names.control) c JOIN \(names.run) r ON r.id = c.run
      WHERE r.session = $1 ORDER BY c.id
      """, [session]
    ).rows.map { ($0.moment(0) ?? Moment(microseconds: 0), $0.string(1), $0.string(2)) }
  }
}
