/// Finds out what the files of a dump folder are.
struct DumpFolderListing {
  private(set) var collections: [DumpedCollection] = []
  private(set) var notes: [String] = []
  private(set) var oplogFile: String?

  /// The files that belong to one collection, under the name that they share.
  private struct Parts {
    var data: String?
    var metadata: String?
  }

  private static let dataEndings = [".bson", ".bson.gz"]
  private static let metadataEndings = [".metadata.json", ".metadata.json.gz"]
  private static let bucketPrefix = "system.buckets."

  /// Adds a folder of databases, or of one database if the files lie in it directly.
  mutating func addDump(_ folder: String) throws(DumpError) {
    var isDatabase = false
    for name in try Files.names(in: folder) {
      let path = "\(folder)/\(name)"
      if try FileKind(of: path) == .folder {
        try addDatabase(lastName(of: path), in: path)
      } else if !isKnownBeside(name), isDump(name) {
        isDatabase = true
      } else {
        if isOplog(name) { oplogFile = path }
        notes.append(note(on: path, name))
      }
    }
    if isDatabase, oplogFile == nil { addOplog(above: folder) }
    if isDatabase { try addDatabase(lastName(of: folder), in: folder) }
    collections.sort { ($0.database, $0.name) < ($1.database, $1.name) }
  }

  private mutating func addDatabase(_ database: String, in folder: String) throws(DumpError) {
    var found: [String: Parts] = [:]
    for name in try Files.names(in: folder) where !isKnownBeside(name) {
      let path = "\(folder)/\(name)"
      if let stem = stem(of: name, Self.metadataEndings) {
        found[stem, default: Parts()].metadata = path
      } else if let stem = stem(of: name, Self.dataEndings) {
        try refuseTwice(found[stem]?.data, path)
        found[stem, default: Parts()].data = path
      } else if try FileKind(of: path) == .file {
        notes.append(note(on: path, name))
      }
    }
    try add(found, of: database)
  }

  private mutating func add(_ found: [String: Parts], of database: String) throws(DumpError) {
    var taken: Set<String> = []
    for (stem, files) in found.sorted(by: { $0.key < $1.key }) where files.metadata != nil {
      var data = files.data
      if data == nil, let buckets = found[Self.bucketPrefix + stem]?.data {
        data = buckets
        taken.insert(Self.bucketPrefix + stem)
      }
      taken.insert(stem)
      collections.append(
        try collection(database, stem, data: data, metadata: files.metadata))
    }
    for (stem, files) in found where !taken.contains(stem) {
      collections.append(try collection(database, stem, data: files.data, metadata: nil))
    }
  }

  private func collection(
    _ database: String, _ stem: String, data: String?, metadata path: String?
  ) throws(DumpError) -> DumpedCollection {
    var metadata = DumpMetadata()
    if let path { metadata = try DumpMetadata(file: path) }
    guard let name = metadata.collectionName ?? DumpNames.unescape(stem) else {
      throw DumpError(
        .badMetadata, file: data ?? path ?? stem,
        reason: "the % escapes of the file name are invalid")
    }
    if data == nil, let path, metadata.kind != .view {
      throw DumpError(
        .missingFile, file: path,
        reason:
          "the documents of \(database).\(name) are missing: there is no .bson file next to it; "
          + "dump again, or remove this file if you do not need the collection")
    }
    var isCompressed = false
    if let data { isCompressed = try DumpFile(data).isCompressed }
    var byteCount: Int64? = 0
    if let data { byteCount = isCompressed ? nil : try Files.size(of: data) }
    return DumpedCollection(
      database: database, name: name, kind: metadata.kind, metadata: metadata, file: data,
      byteCount: byteCount, allowsRanges: data != nil && !isCompressed)
  }

  private func refuseTwice(_ first: String?, _ second: String) throws(DumpError) {
    guard let first else { return }
    throw DumpError(
      .notADump, file: second, reason: "the file exists compressed and uncompressed: see \(first)")
  }

  private func isDump(_ name: String) -> Bool {
    stem(of: name, Self.metadataEndings) != nil || stem(of: name, Self.dataEndings) != nil
  }

  /// The oplog of all databases, if only the folder of one is read.
  private mutating func addOplog(above folder: String) {
    for name in Self.oplogNames where Files.exists("\(folder)/../\(name)") {
      oplogFile = "\(folder)/../\(name)"
      notes.append(note(on: "\(folder)/../\(name)", name))
    }
  }

  private static let oplogNames = ["oplog.bson", "oplog.bson.gz"]

  private func isOplog(_ name: String) -> Bool { Self.oplogNames.contains(name) }

  /// Whether a file is one that mongodump writes next to the databases.
  private func isKnownBeside(_ name: String) -> Bool {
    isOplog(name) || ["prelude.json", "prelude.json.gz"].contains(name)
  }

  private func note(on path: String, _ name: String) -> String {
    if isOplog(name) { return "\(path) is the oplog; it is not read" }
    if name.hasPrefix("prelude.json") {
      return "\(path) describes the dump; it is not read"
    }
    return "\(path) is not a mongodump file; it is not read"
  }

  private func stem(of name: String, _ endings: [String]) -> String? {
    guard let ending = endings.first(where: name.hasSuffix) else { return nil }
    return String(name.dropLast(ending.count))
  }

  private func lastName(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}
