/// A collection, view or time series, as the server lists it.
public struct MongoCollectionInfo: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case collection, view, timeSeries
    case other(String)

    init(_ name: String) {
      switch name {
      case "collection": self = .collection
      case "view": self = .view
      case "timeseries": self = .timeSeries
      default: self = .other(name)
      }
    }
  }

  public let name: String
  public let kind: Kind
  /// What it was created with: `capped`, `size`, `viewOn`, `pipeline`, `validator` and so on.
  public let options: BSONDocument

  public var isCapped: Bool { options["capped"]?.boolValue == true }
  /// Whether the server keeps it for itself.
  public var isSystem: Bool { name.hasPrefix("system.") }
}

/// An index, as the server lists it.
public struct MongoIndexInfo: Sendable, Hashable {
  public let name: String
  public let keys: BSONDocument
  /// Everything that the server says about it.
  public let definition: BSONDocument

  public var isUnique: Bool { definition["unique"]?.boolValue == true || name == "_id_" }
  public var isSparse: Bool { definition["sparse"]?.boolValue == true }
  public var isPartial: Bool { definition["partialFilterExpression"] != nil }
}

extension MongoClient {
  /// Lists the databases that the user may see.
  public func databaseNames() throws(MongoError) -> [String] {
    let reply = try runCommand(["listDatabases": 1, "nameOnly": true], on: "admin")
    return (reply["databases"]?.arrayValue ?? []).compactMap {
      $0.documentValue?["name"]?.stringValue
    }
  }

  /// Lists collections and views in the order of their names; none for a database that is not there.
  public func collections(
    in database: String, filter: BSONDocument = [:]
  ) throws(MongoError) -> [MongoCollectionInfo] {
    let command: BSONDocument = ["listCollections": 1, "filter": .document(filter)]
    let operation = "listCollections \(database)"
    let cursor = try MongoCursor(
      handle, command, on: MongoNamespace(database: database, collection: "$cmd.listCollections"),
      preference: nil, operation: operation)
    return try all(cursor, operation: operation).compactMap(Self.collection)
      .sorted { $0.name < $1.name }
  }

  /// Finds one collection or view; nil when there is none of that name.
  public func collection(_ namespace: MongoNamespace) throws(MongoError) -> MongoCollectionInfo? {
    try collections(in: namespace.database, filter: ["name": BSONValue(namespace.collection)])
      .first
  }

  /// Whether a database holds any collection: MongoDB knows no other way for one to exist.
  public func hasCollections(_ database: String) throws(MongoError) -> Bool {
    try !collections(in: database).isEmpty
  }

  /// Lists the indexes of a collection; a view has none.
  ///
  /// - Throws: `namespaceNotFound` for a collection that is not there.
  public func indexes(of namespace: MongoNamespace) throws(MongoError) -> [MongoIndexInfo] {
    let operation = "listIndexes \(namespace)"
    do throws(MongoError) {
      let cursor = try MongoCursor(
        handle, ["listIndexes": BSONValue(namespace.collection)], on: namespace, preference: nil,
        operation: operation)
      return try all(cursor, operation: operation).compactMap(Self.index)
    } catch {
      guard error.code == .commandNotSupportedOnView else { throw error }
      return []
    }
  }

  private static func collection(_ entry: BSONDocument) -> MongoCollectionInfo? {
    guard let name = entry["name"]?.stringValue else { return nil }
    return MongoCollectionInfo(
      name: name, kind: .init(entry["type"]?.stringValue ?? "collection"),
      options: entry["options"]?.documentValue ?? [:])
  }

  private static func index(_ entry: BSONDocument) -> MongoIndexInfo? {
    guard let name = entry["name"]?.stringValue else { return nil }
    return MongoIndexInfo(
      name: name, keys: entry["key"]?.documentValue ?? [:], definition: entry)
  }
}
