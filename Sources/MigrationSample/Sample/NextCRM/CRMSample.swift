import MigrationBasics
import MigrationRows
import Mongo

/// Fills a MongoDB database or a dump with the collections of NextCRM, for trying the plan out and for
/// tests.
///
/// The documents are linked on all sides. The same seed, size and share give the same documents to
/// the byte. With a share of faulty ones, every kind of fault is there, and the manifest names them.
package struct CRMSample {
  /// Where the documents go.
  package enum Place: Sendable {
    case database(DatabaseURL, setting: String)
    /// A folder as mongodump writes it; it holds one database.
    case dump(folder: String)
  }

  package struct Options: Sendable {
    package var contacts: Int
    /// The share of faulty documents, from 0 to 0.5.
    package var dirty: Double
    package var seed: UInt64
    package var replaces: Bool

    package init(contacts: Int, dirty: Double = 0, seed: UInt64 = 1, replaces: Bool = false) {
      (self.contacts, self.dirty, self.seed) = (contacts, dirty, seed)
      self.replaces = replaces
    }
  }

  /// The database that a dump is said to be of.
  package static let dumpedDatabase = "nextcrm"

  /// Makes the collections and fills them.
  ///
  /// - Parameter onCollection: is called for each collection when it is full.
  /// - Throws: `MigrationError` if one of them is there already and may not be replaced.
  package static func generate(
    _ options: Options, to place: Place, onCollection: (String, Int) -> Void = { _, _ in }
  ) throws -> CRMManifest {
    let output = try open(place)
    try output.prepare(CRMCollections.all.map(\.name), replacing: options.replaces)
    let share = min(0.5, max(0, options.dirty))
    let layout = CRMLayout(seed: options.seed, contacts: options.contacts, dirty: share)
    var writer = CRMWriter(layout)
    var manifest = CRMManifest(seed: options.seed, dirty: share)
    for (index, collection) in CRMCollections.all.enumerated() {
      try output.begin(collection.name)
      for row in 0..<layout.sizes[index] {
        writer.write(index, row)
        try output.add(writer.document.bytes)
      }
      try output.finish()
      note(index, layout, &manifest)
      onCollection(collection.name, layout.sizes[index])
    }
    for (number, relation) in CRMRelation.all.enumerated() {
      manifest.pairs.append(pairs(relation, writer.pairs[number], number, layout))
    }
    return manifest
  }

  private static func open(_ place: Place) throws -> any CRMOutput {
    switch place {
    case .dump(let folder): return CRMDumpOutput(folder: folder, database: dumpedDatabase)
    case .database(let url, let setting):
      let parsed: MongoURL
      do { parsed = try MongoURL(url.connectionString) } catch {
        throw MigrationError(
          .configuration, "\(setting): \(error)", reason: "badURL", place: url.redacted)
      }
      guard let database = parsed.database else {
        throw MigrationError(
          .configuration, "\(setting) names no database", place: url.redacted,
          remedy: "add the database after the hosts: mongodb://host:27017/DATABASE")
      }
      do {
        return CRMDatabaseOutput(try MongoClient(parsed), database: database)
      } catch {
        throw MigrationError(connecting: error, to: url, setting: setting)
      }
    }
  }

  private static func note(_ index: Int, _ layout: CRMLayout, _ manifest: inout CRMManifest) {
    let name = CRMCollections.all[index].name
    manifest.sizes.append((name, layout.sizes[index]))
    var keys: [CRMFault: [String]] = [:]
    for row in 0..<layout.sizes[index] {
      guard let fault = layout.fault(index, row) else { continue }
      keys[fault, default: []].append(layout.id(index, row).description)
    }
    manifest.entries += layout.faults[index].compactMap { fault in
      keys[fault].map { CRMManifest.Entry(collection: name, fault: fault, keys: $0) }
    }
  }

  private static func pairs(
    _ relation: CRMRelation, _ pairs: CRMPairs, _ number: Int, _ layout: CRMLayout
  ) -> CRMManifest.Pairs {
    var faults = 0
    for (index, collection) in CRMCollections.all.enumerated() {
      let fields = collection.fields.filter { field in
        if case .pairs(number, _) = field.kind { true } else { false }
      }.map(\.name)
      guard !fields.isEmpty else { continue }
      faults += (0..<layout.sizes[index]).count { row in
        guard let fault = layout.fault(index, row), fields.contains(fault.field) else {
          return false
        }
        return fault.effect == .pairQuarantined
      }
    }
    return CRMManifest.Pairs(
      table: relation.table, read: pairs.first.others.count + pairs.second.others.count + faults,
      kept: pairs.count, onlyFirst: pairs.onlyFirst, onlySecond: pairs.onlySecond,
      quarantined: faults)
  }
}
