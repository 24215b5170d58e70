import MigrationBasics
import MigrationEngine
import MigrationLedger
import Postgres

/// What a full rollback would do, without doing it.
extension FullRollback {
  /// Checks everything; changes nothing.
  package func preview() throws -> FullRollbackPreview { try preview(server.mark()) }

  package func preview(_ mark: FullRollbackMark?) throws -> FullRollbackPreview {
    guard let mark else { return try fresh() }
    return try resumed(mark.state)
  }

  private func fresh() throws -> FullRollbackPreview {
    let target = try server.place.connect()
    let origin = try OriginReader(connection: target).read(role: .target)
    let backup = try FullRollbackBackup.choose(options.backup, in: work.folder, of: origin)
    let properties = try DatabaseProperties.read(server.connection, server.target)
    let running = try TargetLock.running(Ledger(target, schema: options.ledgerSchema))
    let strangers = try DatabaseSessions(server.connection, server.target).strangers()
    var obstacles = try FullRollbackObstacles(
      server: server, properties: properties, bytes: backup.manifest?.origin.bytes ?? 0,
      freeDisk: work.freeDisk
    ).find(target: target)
    if let obstacle = sourceObstacle(target) { obstacles.append(obstacle) }
    if !strangers.isEmpty, !options.disconnects {
      obstacles.append(DatabaseSessions.refusal(strangers, server.target))
    }
    let now = Moment.now()
    return FullRollbackPreview(
      target: server.target, backup: backup.name, made: backup.manifest?.created ?? now,
      verified: backup.verification?.at, rows: backup.manifest?.holds.rows ?? 0,
      tables: backup.manifest?.holds.filledTables.count ?? 0, bytes: origin.bytes,
      restored: try server.freeName("restored", at: now),
      aside: try server.freeName("before_rollback", at: now),
      passedOver: try passedOver(backup), running: running.map { "run \($0.id)" },
      disconnected: strangers.map(\.text), isResumed: false, obstacles: obstacles)
  }

  /// The source must not be taken back with the target.
  ///
  /// A source that can't be reached is reported and no obstacle: the previous database is kept aside.
  private func sourceObstacle(_ target: Connection) -> MigrationError? {
    do {
      guard try work.databases.isSource(target) else { return nil }
      return SourceGuard.refusal(
        "a full rollback would also roll back the source, with all later writes",
        target)
    } catch {
      work.note("could not check whether the source is in the target's database: \(error)")
      return nil
    }
  }

  /// A newer backup that counts for nothing is worth a word.
  private func passedOver(_ chosen: Backup) throws -> String? {
    guard options.backup == nil else { return nil }
    let newest = try work.folder.all().first {
      $0.manifest?.contents == .all && $0.manifest?.origin.role == DatabaseRole.target.rawValue
    }
    return newest.flatMap { $0.name == chosen.name ? nil : $0.name }
  }

  private func resumed(_ state: FullRollbackState) throws -> FullRollbackPreview {
    let manifest = try? backup(of: state).manifest
    let bytes = try server.connection.query(
      "SELECT pg_catalog.pg_database_size($1::name)", [state.target]
    ).int(0, 0)
    return FullRollbackPreview(
      target: state.target, backup: state.backup, made: manifest?.created ?? state.begun,
      verified: (try? backup(of: state))?.verification?.at, rows: manifest?.holds.rows ?? 0,
      tables: manifest?.holds.filledTables.count ?? 0, bytes: bytes ?? 0,
      restored: state.restored, aside: state.aside, passedOver: nil, running: nil,
      disconnected: [], isResumed: true, obstacles: [])
  }
}
