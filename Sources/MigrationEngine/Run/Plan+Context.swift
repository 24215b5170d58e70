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
        ? "\(session.label) was begun without a key of digests"
        : "MIGRATION_HASH_KEY is another key than the one that \(session.label) was begun with",
      reason: "hashKeyChanged", place: file,
      remedy: isOld
        ? "its digests can be guessed: take its rows out (migrate rollback --session \(session.id)), and "
          + "start over with --fresh"
        : "set the key that it was begun with, or start over with --fresh")
  }
}
