import MigrationBasics
import MigrationEngine
import Postgres

/// What all work on backups has in common: how it is stopped, where it reports to, and its folders.
package struct BackupWork: Sendable {
  package let folder: BackupFolder
  package let databases: Databases
  /// The environment of the process, for the programs that are called.
  package let environment: [String: String]
  /// The bytes that must stay free on the disk of the backups; 0 does not look.
  package let freeDisk: Int
  /// The most connections to one database at a time.
  private let poolSize: Int
  package let control: RunControl
  /// Receives what happens, a line at a time.
  package let note: @Sendable (String) -> Void

  package init(
    folder: BackupFolder, settings: Settings, environment: [String: String], control: RunControl,
    note: @escaping @Sendable (String) -> Void
  ) {
    (self.folder, databases, self.environment) = (folder, Databases(settings), environment)
    freeDisk = settings.value(.freeDisk).byteCount
    poolSize = settings.value(.poolSize)
    (self.control, self.note) = (control, note)
  }

  /// How many jobs of a program fit into the connections that are allowed; at least one does.
  ///
  /// The program that has the jobs takes a connection besides, and so does this one, which compares rows.
  func fitting(jobs asked: Int) -> Int {
    let most = max(1, poolSize - 2)
    guard asked > most else { return asked }
    note(
      "\(SettingKey<Int>.poolSize.name) allows \(poolSize) connections to a database; "
        + CountText.of(most, "job is", "jobs are") + " used instead of \(asked)")
    return most
  }

  var tools: PostgresTools { PostgresTools(environment: environment) }

  /// Ends the work if someone wants it ended.
  package func watch() throws {
    if let cause = control.cause { throw InterruptedWork(cause: cause) }
  }

  /// Checks the space on the disk too.
  func watchWriting(below path: String) throws {
    try watch()
    guard freeDisk > 0, let space = DiskSpace(of: path), space.freeByteCount < freeDisk else {
      return
    }
    throw Self.tooFull(
      "not enough disk space for the backup: only \(ByteCount.text(space.freeByteCount)) left",
      path)
  }

  /// Refuses to begin what will hardly fit.
  func checkRoom(for bytes: Int, below path: String) throws {
    guard freeDisk > 0, let space = DiskSpace(of: path) else { return }
    guard space.freeByteCount - freeDisk < bytes else { return }
    throw Self.tooFull(
      "not enough disk space for the backup: needs about \(ByteCount.text(bytes)), "
        + "\(ByteCount.text(space.freeByteCount)) free, of which \(ByteCount.text(freeDisk)) must stay free",
      path)
  }

  static func tooFull(_ what: String, _ path: String) -> MigrationError {
    MigrationError(
      .coded(.disk), what, reason: "noSpace", place: path,
      remedy:
        "free some space, remove old backups (migrate backup prune), choose another disk with "
        + "MIGRATION_BACKUP_DIR, or lower MIGRATION_MIN_FREE_DISK")
  }
}

/// Work that was ended on purpose before it was done.
package struct InterruptedWork: Error, Sendable {
  package let cause: StopCause
  /// What is there now.
  package var remark: String?

  init(cause: StopCause, remark: String? = nil) { (self.cause, self.remark) = (cause, remark) }
}

/// A stopwatch in milliseconds.
struct Stopwatch {
  private let start = ContinuousClock.now
  var milliseconds: Int { Int(start.duration(to: .now) / .milliseconds(1)) }
}
