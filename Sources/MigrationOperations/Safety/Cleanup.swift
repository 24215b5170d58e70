import FoundationEssentials
import Glibc
import MigrationBasics
import MigrationLedger
import Postgres

/// Removes what interrupted programs left behind, and nothing else.
package struct Cleanup {
  package private(set) var removed: [String] = []
  /// What is called like something of this program's, and is not: in words.
  package private(set) var leftAlone: [String] = []

  /// - Parameters:
  ///   - folder: the folder of reports and the checkpoint.
  ///   - ledger: the target's; nil if there is none.
  /// - Throws: `LedgerError` of code `heldByAnother` while a migration is running.
  package init(folder: String, _ ledger: Ledger?, dryRun: Bool) throws {
    try ledger?.lock()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    // Files are written next to their place first; only a program that was killed leaves one.
    for name in names.sorted() where name.hasPrefix("migration-") && name.hasSuffix(".tmp") {
      removed.append(folder + "/" + name)
      if !dryRun { try AtomicFile.remove(folder + "/" + name) }
    }
    guard let ledger else { return }
    try removeCheckpoint(folder, ledger, dryRun)
    let leftovers = try MergeStaging.leftovers(ledger)
    leftAlone = leftovers.others.map(MergeStaging.leftAlone)
    for table in leftovers.own {
      removed.append("table \(table)")
      if !dryRun { try ledger.connection.execute("DROP TABLE \(table)") }
    }
  }

  /// The checkpoint of a session that has ended says nothing any more.
  private mutating func removeCheckpoint(_ folder: String, _ ledger: Ledger, _ dryRun: Bool) throws
  {
    let file = CheckpointFile(folder + "/" + CheckpointFile.defaultName)
    guard try file.isEnded(ledger) else { return }
    removed.append(file.path)
    if !dryRun { try file.remove() }
  }
}
