import MigrationBasics
import MigrationLedger

/// The state file of a full rollback, next to the checkpoint: written from the mark in the server,
/// and never believed over it. After the end it shows what was done.
package struct FullRollbackFile: Sendable {
  package static let defaultName = "migration-rollback.json"

  package let path: String

  package init(_ path: String) { self.path = path }

  package func write(_ state: FullRollbackState) throws {
    try AtomicFile.write(path) { append in try append(state.json.pretty + "\n") }
  }

  /// Returns what it says; nil if there is none, or none that can be understood.
  package func read() -> FullRollbackState? {
    guard let bytes = try? SmallFile.read(path).bytes else { return nil }
    return try? FullRollbackState(String(decoding: bytes, as: UTF8.self))
  }
}
