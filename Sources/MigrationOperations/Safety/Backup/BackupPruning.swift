import MigrationBasics
import Glibc
import MigrationEngine
import MigrationLedger

/// Removes backups that are no longer wanted, never the newest verified one of a database's role.
package struct BackupPruning: Sendable {
  /// How many finished backups of each role are kept at least; nil leaves it to the age.
  package var keep: Int?
  /// Backups that are older go; nil leaves it to the number.
  package var maximumAge: Duration?

  package init(keep: Int? = nil, maximumAge: Duration? = nil) {
    (self.keep, self.maximumAge) = (keep, maximumAge)
  }

  /// One backup that is to go, and why.
  package struct Candidate: Sendable {
    package let backup: Backup
    package let reason: String
  }

  /// Returns what is to go: what is incomplete, and what neither number nor age keeps.
  package func candidates(_ all: [Backup]) -> [Candidate] { candidates(all, now: .now()) }

  package func candidates(_ all: [Backup], now: Moment) -> [Candidate] {
    let incomplete = all.filter { $0.state == .incomplete }
      .map { Candidate(backup: $0, reason: "incomplete") }
    guard keep != nil || maximumAge != nil else { return incomplete }
    let roles = [DatabaseRole.target, .source].map { role in
      all.filter { $0.manifest?.origin.role == role.rawValue }
    }
    return incomplete + roles.flatMap { surplus($0, now) }
  }

  private func surplus(_ backups: [Backup], _ now: Moment) -> [Candidate] {
    let lastVerified = backups.first { $0.state == .verified }?.name
    return backups.enumerated().compactMap { place, backup in
      guard backup.name != lastVerified, let created = backup.manifest?.created else { return nil }
      if let keep, place < keep { return nil }
      let age = now.since(created)
      if let maximumAge, age <= maximumAge { return nil }
      let days = Int(age / .seconds(86_400))
      return Candidate(
        backup: backup,
        reason: maximumAge == nil ? "newer backups exist" : "\(CountText.of(days, "day")) old")
    }
  }

  /// Removes a backup; one that is killed on the way leaves what the next one takes for incomplete.
  package static func remove(_ backup: Backup) throws {
    var path = backup.path
    if !path.hasSuffix(BackupDraft.suffix) {
      path += BackupDraft.suffix
      guard rename(backup.path, path) == 0 else {
        throw FileTree.problem("could not remove the backup", backup.path)
      }
    }
    try FileTree.remove(path)
  }
}
