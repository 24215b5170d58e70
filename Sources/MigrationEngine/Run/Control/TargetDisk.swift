import FoundationEssentials
import Glibc
import MigrationBasics
import Postgres

/// The disk that the target's server writes to, if this program can see it.
///
/// PostgreSQL has no function for the space that is left. But a server on this machine reports its
/// data folder, and that its process is one of this machine's shows that the folder is too: a
/// tunnel or a container has the same address, and other processes.
package struct TargetDisk {
  private let dataFolder: String

  /// Nil if the disk is out of sight.
  ///
  /// `current_setting` fails for roles that may not read the setting, which ends the transaction of a
  /// rehearsal; `pg_settings` leaves it out.
  package init?(_ target: Connection) {
    let found = try? target.query(
      """
      SELECT (SELECT setting FROM pg_catalog.pg_settings WHERE name = 'data_directory'),
        pg_catalog.pg_backend_pid()
      """)
    guard let row = found?.rows.first, let folder = row.text(0), let process = row.int(1),
      Self.isServer(process), folder.hasPrefix("/")
    else { return nil }
    dataFolder = folder
    guard let space = DiskSpace(of: folder), space.freeByteCount >= 0 else { return nil }
  }

  /// The bytes that are free; nil if they can't be read any more.
  package var freeByteCount: Int? { DiskSpace(of: dataFolder)?.freeByteCount }

  private static func isServer(_ process: Int) -> Bool {
    let name = try? String(contentsOfFile: "/proc/\(process)/comm", encoding: .utf8)
    return name?.hasPrefix("postgres") ?? false
  }
}
