import MigrationBasics
import MigrationEngine
import Mongo

/// Makes a backup of a MongoDB database: a folder that mongorestore takes.
///
/// MongoDB has no snapshot that lasts: each collection is read as it is when its turn comes.
package struct DocumentsBackup {
  package let source: DocumentsSource
  package let request: BackupRequest
  package let work: BackupWork

  package init(_ source: DocumentsSource, _ request: BackupRequest, _ work: BackupWork) {
    (self.source, self.request, self.work) = (source, request, work)
  }

  package func run() throws -> Backup {
    let (client, database) = try source.connect()
    let collections = try client.collections(in: database).filter { !$0.isSystem }
    try refuseTimeSeries(collections)
    let bytes = Int(try client.sizes(ofDatabase: database).dataBytes)
    try work.checkRoom(for: request.compression == 0 ? bytes : bytes / 3, below: work.folder.path)
    let draft = try work.folder.begin("source", at: .now())
    do {
      let manifest = try fill(draft, client, database, collections, bytes)
      return try draft.finish(manifest)
    } catch var error as InterruptedWork {
      error.remark = "the backup \(draft.name) is incomplete; remove it with: migrate backup prune"
      throw error
    } catch {
      try? draft.discard()
      throw error
    }
  }

  private func fill(
    _ draft: BackupDraft, _ client: MongoClient, _ database: String,
    _ collections: [MongoCollectionInfo], _ bytes: Int
  ) throws -> BackupManifest {
    let clock = Stopwatch()
    work.note("dumping \(database) (\(ByteCount.text(bytes)) of documents) as \(draft.name)")
    let writer = DumpWriter(
      folder: draft.path + "/" + Backup.dumpName, compressed: request.compression > 0)
    let tables = try collections.map { collection in
      let count = try dump(collection, client, database, writer)
      return DatabaseContents.Table(
        schema: database, name: collection.name, rows: count, hash: nil, bytes: 0)
    }
    let dumped = clock.milliseconds
    let files = try BackupFiles.hashes(of: draft.path, watch: work.watch)
    return BackupManifest(
      name: draft.name, id: BackupCreation.randomID(), contents: .documents, created: draft.begun,
      note: request.note, origin: try origin(client, database, bytes), plan: request.plan,
      tools: ["migrate": Version.number], jobs: 1, compression: request.compression,
      holds: DatabaseContents(tables: tables, sequences: [], largeObjects: nil), schemaHash: nil,
      roles: [], files: files,
      times: .init(dump: dumped, counting: 0, checksums: clock.milliseconds - dumped))
  }

  private func dump(
    _ collection: MongoCollectionInfo, _ client: MongoClient, _ database: String,
    _ writer: DumpWriter
  ) throws -> Int {
    let namespace = MongoNamespace(database: database, collection: collection.name)
    var metadata = DumpMetadata(options: collection.options)
    metadata.indexes = try client.indexes(of: namespace).map(\.definition)
    metadata.type = collection.kind == .view ? "view" : "collection"
    let output = try writer.collection(database, collection.name, metadata: metadata)
    if collection.kind != .view {
      let cursor = try client.find(namespace)
      while try cursor.advance() {
        try cursor.withDocument { try output.append($0) }
        if output.documentCount.isMultiple(of: 1000) {
          try work.watchWriting(below: work.folder.path)
        }
      }
    }
    try output.finish()
    let now = collection.kind == .view ? 0 : try client.estimatedCount(namespace)
    if now != output.documentCount {
      work.note(
        "\(collection.name) is being written to: \(CountText.of(Int(output.documentCount), "document")) dumped, \(GroupedNumber.text(Int(now))) in the source"
      )
    }
    return Int(output.documentCount)
  }

  private func refuseTimeSeries(_ collections: [MongoCollectionInfo]) throws {
    guard let found = collections.first(where: { $0.kind == .timeSeries }) else { return }
    throw MigrationError(
      .configuration, "\(found.name) is a time series collection, which migrate cannot dump",
      place: source.url.redacted, remedy: "use mongodump")
  }

  private func origin(
    _ client: MongoClient, _ database: String, _ bytes: Int
  ) throws -> BackupManifest.Origin {
    let version = try client.facts().version
    return BackupManifest.Origin(
      role: DatabaseRole.source.rawValue, product: "MongoDB", version: version,
      majorVersion: Int(version.prefix { $0 != "." }) ?? 0,
      place: client.url.hosts.joined(separator: ","),
      database: database, user: client.url.userName ?? "", identity: nil, encoding: "UTF8",
      collation: "", characterType: "", bytes: bytes)
  }
}
