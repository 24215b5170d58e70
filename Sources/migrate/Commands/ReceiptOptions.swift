import MigrationCore

/// What the commands about receipts share.
enum ReceiptOptions {
  static let key = Option.text(
    "key", "FILE", help: "A file whose bytes are the key of the signature, sixteen at least.")

  /// Reads the key; nil if none is named.
  static func key(_ invocation: Invocation) throws -> [UInt8]? {
    guard let path = invocation[key] else { return nil }
    let bytes = try read(path, invocation)
    guard bytes.count >= 16 else {
      throw MigrationError(
        .configuration, "the key has \(bytes.count) bytes, and must have 16 at least", place: path,
        remedy: "make one: head -c 32 /dev/urandom > FILE")
    }
    return bytes
  }

  static func read(_ path: String, _ invocation: Invocation) throws -> [UInt8] {
    let full = path.hasPrefix("/") ? path : invocation.program.folder + "/" + path
    do throws(FileProblem) { return try InputFile.read(full) } catch {
      throw MigrationError(
        .configuration, "the file can't be read: \(error.reason)", place: full,
        remedy: "see that it is there and may be read")
    }
  }
}
