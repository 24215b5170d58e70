import MigrationBasics
import MigrationLedger
import Mongo

/// Adds up the documents of a collection of a dump, each with its place.
///
/// It finds another file; it does not protect against an attacker.
struct DumpDigest {
  private struct Link {
    var so: Fingerprint
    var document: Fingerprint
    var end: Int64
  }

  private static let key = FingerprintKey(Array("a dump's documents".utf8))

  private var link = Link(so: .zero, document: .zero, end: 0)

  mutating func add(_ document: UnsafeRawBufferPointer, end: Int64) {
    link.document = Self.key.hash(document)
    link.end = end
    link.so = withUnsafeBytes(of: &link) { Self.key.hash($0) }
  }

  func contents(isWhole: Bool) -> DumpContents {
    DumpContents(digest: link.so.hexadecimal, end: Int(link.end), isWhole: isWhole)
  }
}

extension DumpedFeed {
  /// What the feed's file is like now; nil for a collection without one.
  func state() throws -> DumpState? {
    try collection.file.map { DumpState(mark: try DumpFileMark(of: $0), contents: contents) }
  }

  /// Reports why chunks that were cut of a dump do not fit the one that is there now; nil if they do.
  func replacement(since before: DumpState) throws -> String? {
    guard let cut = before.contents else { return nil }
    guard let now = try state() else {
      return "the dump has no documents of \(collection.name) any more"
    }
    guard now.mark != before.mark, try read(asFarAs: cut) != cut else { return nil }
    return
      "the dump is not the one that was loaded: \(collection.file ?? collection.name) holds other documents now"
  }

  /// Reads the documents as far as some had been read.
  private func read(asFarAs before: DumpContents) throws -> DumpContents {
    let cursor = try cursor()
    var digest = DumpDigest()
    while before.isWhole || cursor.offset < before.end, let document = try cursor.next() {
      digest.add(document.view.bytes, end: cursor.offset)
    }
    return digest.contents(isWhole: before.isWhole)
  }
}
