import MigrationCore

/// The options and helpers of the receipt commands.
enum ReceiptOptions {
  static let key = Option.text(
    "key", "FILE", help: "A file with the signing key, at least 16 bytes.")

  /// Reads the key; nil without `--key`.
  static func key(_ invocation: Invocation) throws -> [UInt8]? {
    guard let path = invocation[key] else { return nil }
    let bytes = try read(path, invocation)
    guard bytes.count >= 16 else {
      throw MigrationError(
        .configuration,
        "the key is too short: \(CountText.of(bytes.count, "byte")), at least 16 are required",
        place: path,
        remedy: "create one: head -c 32 /dev/urandom > FILE")
    }
    return bytes
  }

  static func read(_ path: String, _ invocation: Invocation) throws -> [UInt8] {
    let full = invocation.path(path)
    do throws(FileProblem) { return try InputFile.read(full) } catch {
      throw MigrationError(
        .configuration, "could not read the file: \(error.reason)", place: full,
        remedy: "check that the file exists and is readable")
    }
  }
}
