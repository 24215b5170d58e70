import FoundationEssentials
import Glibc
import MigrationBasics
import MigrationLedger
import Mongo

/// Compresses logs that are done with, and forgets archives that are older than they have to be.
package struct LogArchive {
  package static let folderName = "archive"

  package private(set) var archived: [String] = []
  package private(set) var removed: [String] = []
  private let isDryRun: Bool

  /// - Parameters:
  ///   - folders: the folders of logs: those of runs, and those of rejected rows.
  ///   - keepDays: how long archives are kept.
  package init(folders: [String], keepDays: Int, dryRun: Bool) throws {
    isDryRun = dryRun
    for folder in Set(folders).sorted() {
      for name in try Self.names(in: folder) where Self.isLog(name) {
        try archive(name, in: folder)
      }
      try forget(in: folder + "/" + Self.folderName, olderThan: keepDays)
    }
  }

  /// The log of runs and its full files; of the rows that were quarantined only those of earlier
  /// sessions. The audit log is one chain, and stays.
  private static func isLog(_ name: String) -> Bool {
    if name == LogFile.name { return true }
    return [LogFile.name, ErrorLog.defaultName].contains { start in
      name.hasPrefix(start + ".") && Int(name.dropFirst(start.count + 1)) != nil
    }
  }

  /// The compressed copy of a log, by the name that `archive` gives it; other files are left alone.
  private static func isArchive(_ name: String) -> Bool {
    guard name.hasSuffix(".gz"), let dash = name.lastIndex(of: "-") else { return false }
    let stamp = name[name.index(after: dash)...].dropLast(3)
    return isLog(String(name[..<dash])) && !stamp.isEmpty && stamp.allSatisfy(\.isNumber)
  }

  /// The archives of the log of runs in a folder of logs, the newest first.
  static func runLogs(in folder: String) -> [String] {
    let archive = folder + "/" + folderName
    let names = ((try? names(in: archive)) ?? []).filter {
      isArchive($0) && $0.hasPrefix(LogFile.name)
    }
    // The names end in the moment of the last entry.
    let stamp = { (name: String) in name.split(separator: "-").last ?? "" }
    return names.sorted { stamp($0) > stamp($1) }.map { archive + "/" + $0 }
  }

  private mutating func archive(_ name: String, in folder: String) throws {
    let path = folder + "/" + name
    guard let status = Self.status(path), status.st_size > 0 else { return }
    archived.append(path)
    guard !isDryRun else { return }
    let archive = folder + "/" + Self.folderName
    try AtomicFile.makeFolder(archive)
    // A program that writes to it sees that it was moved, and begins another.
    let moved = path + ".archiving"
    guard rename(path, moved) == 0 else { throw AtomicFile.problem("rename the file", path) }
    WorkerThread.sleep(.milliseconds(200))
    let moment = Moment(
      microseconds: status.st_mtim.tv_sec * 1_000_000 + status.st_mtim.tv_nsec / 1000)
    let stamp = moment.description.filter(\.isNumber)
    do throws(DumpError) {
      try CompressedCopy.write(moved, to: "\(archive)/\(name)-\(stamp).gz")
    } catch {
      rename(moved, path)
      throw MigrationError(
        .failed, "could not compress the log: \(error.reason)", reason: AtomicFile.reason,
        place: path,
        remedy: "check that the folder is writable and its disk has space")
    }
    try AtomicFile.remove(moved)
  }

  private mutating func forget(in folder: String, olderThan days: Int) throws {
    let oldest = Moment.now().microseconds / 1_000_000 - days * 86_400
    for name in (try? Self.names(in: folder)) ?? [] where Self.isArchive(name) {
      let path = folder + "/" + name
      guard let status = Self.status(path), status.st_mtim.tv_sec < oldest else { continue }
      removed.append(path)
      if !isDryRun { try AtomicFile.remove(path) }
    }
  }

  private static func names(in folder: String) throws -> [String] {
    guard access(folder, F_OK) == 0 else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private static func status(_ path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }
}
