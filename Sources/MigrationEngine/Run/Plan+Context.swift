import MigrationBasics
import MigrationLedger
import MigrationPlan
import MigrationRows

extension Plan {
  /// What rules know of a run that has not begun.
  package func context(at moment: Moment) throws(MigrationError) -> RunContext {
    try requireHashKey()
    return context(at: moment, key: hashKey)
  }

  /// What rules know of a session whose rows they make.
  package func context(writing session: Session) throws(MigrationError) -> RunContext {
    try requireHashKey()
    try requireSameKey(session)
    return context(at: session.runTime, key: hashKey)
  }

  /// What rules know of a session whose rows are checked.
  ///
  /// The digests of a session that keeps nothing of its key were made without one.
  package func context(reading session: Session) throws(MigrationError) -> RunContext {
    guard hashes, session.settings[Self.hashKeyNoteName] != nil else {
      return context(at: session.runTime, key: [])
    }
    return try context(writing: session)
  }

  private func context(at moment: Moment, key: [UInt8]) -> RunContext {
    RunContext(
      runTime: RunTime(microseconds: Int64(moment.microseconds)), hashKey: key,
      timeZone: source.timeZone)
  }

  private func requireSameKey(_ session: Session) throws(MigrationError) {
    guard hashes, session.settings[Self.hashKeyNoteName] != .text(hashKeyDigest) else { return }
    let isOld = session.settings[Self.hashKeyNoteName] == nil
    throw MigrationError(
      .configuration,
      isOld
        ? "\(session.label) started without MIGRATION_HASH_KEY"
        : "MIGRATION_HASH_KEY has changed since \(session.label) started",
      reason: "hashKeyChanged", place: file,
      remedy: isOld
        ? "its digests can be guessed: delete its rows (migrate rollback --session \(session.id)), and "
          + "start over with --fresh"
        : "set the earlier key, or start over with --fresh")
  }
}
