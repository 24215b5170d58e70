import FoundationEssentials
import Glibc

/// Whether a path is a folder or a file.
enum FileKind {
  case folder, file

  init(of path: String) throws(DumpError) {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .system("could not access", path) }
    self = status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
  }
}

/// The few things that a dump needs of the file system.
enum Files {
  /// Lists a folder's names in order.
  static func names(in folder: String) throws(DumpError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    } catch {
      throw DumpError(.io, file: folder, reason: "could not list the folder")
    }
  }

  static func size(of path: String) throws(DumpError) -> Int64 {
    var status = stat()
    guard stat(path, &status) == 0 else { throw .system("could not access", path) }
    return Int64(status.st_size)
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func createFolder(_ path: String) throws(DumpError) {
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw DumpError(.io, file: path, reason: "could not create the folder")
    }
  }

  /// Reads a whole small file, decompressed if it is gzip.
  static func contents(of path: String, limit: Int) throws(DumpError) -> [UInt8] {
    let file = try DumpFile(path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    defer { buffer.deallocate() }
    var contents: [UInt8] = []
    while true {
      let count = try file.read(into: buffer, at: Int64(contents.count))
      if count == 0 { return contents }
      contents.append(contentsOf: buffer[..<count])
      guard contents.count <= limit else {
        throw DumpError(.badMetadata, file: path, reason: "it is larger than \(limit) bytes")
      }
    }
  }
}
