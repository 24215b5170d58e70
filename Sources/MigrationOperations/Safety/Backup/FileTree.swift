import FoundationEssentials
import Glibc
import MigrationBasics
import MigrationLedger
import Mongo

/// The files below a folder: listed, hashed, forced to disk, removed.
enum FileTree {
  /// Lists all files below a folder, by their paths in it, in order.
  static func files(in folder: String) throws -> [String] {
    var found: [String] = []
    for name in try names(in: folder) {
      let path = folder + "/" + name
      if isFolder(path) {
        found += try files(in: path).map { name + "/" + $0 }
      } else {
        found.append(name)
      }
    }
    return found
  }

  static func names(in folder: String) throws -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
      throw problem("could not read the folder", folder)
    }
  }

  static func size(of path: String) -> Int? {
    var status = stat()
    return lstat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Opens a plain file for reading; the caller closes it.
  static func openFile(_ path: String, flags: Int32 = 0) throws -> Int32 {
    do throws(PlainFile.Problem) { return try PlainFile.open(path, flags: flags) } catch {
      throw unreadable(error, path)
    }
  }

  /// Makes sure that other programs can read a file without waiting for ever.
  static func requireFile(_ path: String) throws {
    do throws(PlainFile.Problem) { try PlainFile.require(path) } catch {
      throw unreadable(error, path)
    }
  }

  private static func unreadable(_ problem: PlainFile.Problem, _ path: String) -> MigrationError {
    MigrationError(
      .failed, "could not read the file: \(problem.reason)",
      reason: problem.code == EACCES || problem.code == EPERM ? "permission" : "file", place: path,
      remedy: "make the file readable for this user")
  }

  /// Returns the first bytes of a file; nil if it can't be read.
  static func start(of path: String) -> [UInt8]? {
    guard let descriptor = try? openFile(path) else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = read(descriptor, &bytes, bytes.count)
    return count < 0 ? nil : Array(bytes[..<count])
  }

  /// Hashes a file, and if it was just written forces it to disk too.
  ///
  /// - Parameter watch: called now and then; ends the reading by throwing.
  static func sha256(of path: String, syncing: Bool = false, watch: () throws -> Void) throws
    -> String
  {
    let descriptor = try openFile(path, flags: O_NOFOLLOW)
    defer { close(descriptor) }
    var digest = SHA256()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      try watch()
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw problem("could not read the file", path) }
      guard count > 0, let start = buffer.baseAddress else { break }
      digest.update(start, count)
    }
    // pg_dump leaves the rights to the umask.
    if syncing, fchmod(descriptor, AtomicFile.permissions) != 0 {
      throw problem("could not restrict the file's permissions", path)
    }
    if syncing, fsync(descriptor) != 0 { throw problem("could not sync the file", path) }
    return digest.hexadecimal()
  }

  /// Forces a folder and those in it to disk, their files aside.
  static func syncFolders(_ folder: String) throws {
    for name in try names(in: folder) where isFolder(folder + "/" + name) {
      try syncFolders(folder + "/" + name)
    }
    try syncFolder(folder)
  }

  /// Forces the names in a folder to disk.
  static func syncFolder(_ folder: String) throws {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw problem("could not read the folder", folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw problem("could not sync the folder", folder)
    }
  }

  /// Removes a folder with all that is in it; what is not there is fine.
  static func remove(_ path: String) throws {
    if isFolder(path) {
      for name in try names(in: path) { try remove(path + "/" + name) }
      guard rmdir(path) == 0 || errno == ENOENT else {
        throw problem("could not remove the folder", path)
      }
    } else {
      guard unlink(path) == 0 || errno == ENOENT else {
        throw problem("could not remove the file", path)
      }
    }
  }

  /// What the system said, with the code that the manual has for it.
  static func problem(_ what: String, _ path: String) -> MigrationError {
    let code = errno
    let isFull = [ENOSPC, EDQUOT, EFBIG].contains(code)
    return MigrationError(
      isFull ? .coded(.disk) : .failed, "\(what): \(errorText(code))",
      reason: isFull ? "noSpace" : code == EACCES || code == EPERM ? "permission" : "file",
      place: path,
      remedy: isFull
        ? "free some space, or choose another disk with MIGRATION_BACKUP_DIR"
        : "allow this user to read and write there, or choose another folder with MIGRATION_BACKUP_DIR"
    )
  }
}

extension SHA256 {
  /// Returns the digest in hexadecimal.
  mutating func hexadecimal() -> String {
    var bytes = [UInt8](repeating: 0, count: Self.size)
    bytes.withUnsafeMutableBytes { if let place = $0.baseAddress { finish(to: place) } }
    return bytes.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
  }
}
