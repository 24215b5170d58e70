import FoundationEssentials
import Mongo

/// A folder of a fuzz run's own, and the sound files that inputs are made from.
final class DumpScratch {
  let folder: String

  init(_ name: String) {
    folder = ScratchFolder.make(name)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ bytes: [UInt8], _ name: String) -> String {
    let path = folder + "/" + name
    try? Data(bytes).write(to: URL(filePath: path))
    return path
  }

  /// Reads all of a dump; whether it was accepted to its end.
  func readAll(_ path: String) throws(BrokenPromise) -> Bool {
    var isSound = true
    do {
      try Dump.open(path).readAll(options: DumpReadOptions(checksText: false)) { _, document in
        isSound = isSound && (try? document.view.copy()) != nil
      }
    } catch is DumpError {
      return false
    } catch {
      throw BrokenPromise(reason: "an error of another kind: \(error)")
    }
    guard isSound else { throw BrokenPromise(reason: "a dump lent a document that is not sound") }
    return true
  }
}

/// Where scratch files go: into memory where the system has a place for that, because a dump that
/// is written waits for the disk.
enum ScratchFolder {
  static func make(_ name: String) -> String {
    let files = FileManager.default
    let base = files.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : files.temporaryDirectory.path
    let path = "\(base)/decoder-fuzz-\(name)-\(UUID().uuidString)"
    try? files.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}

/// `.bson` and `.bson.gz` files with their metadata.
final class FolderSubject: Subject {
  let name = "dump folders"
  let share = 40
  private let scratch = DumpScratch("folder")
  private var round = 0

  func input(_ random: inout SeededRandom) -> [UInt8] {
    var generator = Generator(random: random)
    let isCompressed = generator.random.chance(2)
    let documents = (0..<generator.random.below(20)).map { _ in generator.document() }
    let file = isCompressed ? compressed(documents) : documents.flatMap(\.bytes)
    var mutator = Mutator(random: generator.random)
    let input = mutator.mutate(file, with: documents.first?.bytes ?? [])
    random = mutator.random
    return input
  }

  func decode(_ input: [UInt8]) throws(BrokenPromise) -> Bool {
    _ = scratch.write(input, "c.bson")
    return try scratch.readAll(scratch.folder)
  }

  /// The gzip file that our own writer makes of documents.
  private func compressed(_ documents: [BSONDocument]) -> [UInt8] {
    round += 1
    let folder = scratch.folder + "/written-\(round)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard let writer = try? DumpWriter(folder: folder, compressed: true).collection("d", "c")
    else { return [] }
    for document in documents { try? writer.append(document) }
    try? writer.finish()
    guard let data = try? Data(contentsOf: URL(filePath: folder + "/d/c.bson.gz")) else {
      return []
    }
    return Array(data)
  }
}

/// Archives with interleaved collections.
final class ArchiveSubject: Subject {
  let name = "dump archives"
  let share = 40
  private let scratch = DumpScratch("archive")

  func input(_ random: inout SeededRandom) -> [UInt8] {
    var generator = Generator(random: random)
    var archive = ArchiveMaker()
    for _ in 0..<generator.random.below(6) {
      let documents = (0..<generator.random.below(4)).map { _ in generator.document() }
      archive.add(documents, to: generator.random.below(2))
    }
    let bytes = archive.finished()
    var mutator = Mutator(random: generator.random)
    let input = mutator.mutate(bytes, with: bytes)
    random = mutator.random
    return input
  }

  func decode(_ input: [UInt8]) throws(BrokenPromise) -> Bool {
    try scratch.readAll(scratch.write(input, "archive"))
  }
}

/// Puts an archive together.
private struct ArchiveMaker {
  private static let end: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
  private static let mark: [UInt8] = [0x6D, 0xE2, 0x99, 0x81]
  private var blocks: [UInt8] = []
  private var contents: [[UInt8]] = [[], []]

  mutating func add(_ documents: [BSONDocument], to collection: Int) {
    let bytes = documents.flatMap(\.bytes)
    contents[collection] += bytes
    blocks += header(collection, isEnd: false, checksum: 0) + bytes + Self.end
  }

  func finished() -> [UInt8] {
    var archive = Self.mark + (["version": "0.1", "server_version": "7.0.0"] as BSONDocument).bytes
    for index in contents.indices {
      let metadata = #"{"options":{},"indexes":[],"uuid":"00","type":"collection"}"#
      let entry: BSONDocument = [
        "db": "d", "collection": BSONValue("c\(index)"), "metadata": BSONValue(metadata), "size": 0,
        "type": "collection",
      ]
      archive += entry.bytes
    }
    archive += Self.end + blocks
    for index in contents.indices {
      let checksum = Int64(bitPattern: checksum(of: contents[index]))
      archive += header(index, isEnd: true, checksum: checksum) + Self.end
    }
    return archive
  }

  private func header(_ collection: Int, isEnd: Bool, checksum: Int64) -> [UInt8] {
    let header: BSONDocument = [
      "db": "d", "collection": BSONValue("c\(collection)"), "EOF": .bool(isEnd),
      "CRC": .int64(checksum),
    ]
    return header.bytes
  }

  /// CRC-64 of ECMA-182, one bit after the other.
  private func checksum(of bytes: [UInt8]) -> UInt64 {
    var crc = ~UInt64(0)
    for byte in bytes {
      crc ^= UInt64(byte)
      for _ in 0..<8 {
        let isOdd = crc & 1 == 1
        crc >>= 1
        if isOdd { crc ^= 0xC96C_5795_D787_0F42 }
      }
    }
    return ~crc
  }
}
