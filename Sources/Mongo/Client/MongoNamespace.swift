/// A collection or view, named in full.
public struct MongoNamespace: Hashable, Sendable, CustomStringConvertible {
  public let database: String
  public let collection: String

  public init(database: String, collection: String) {
    self.database = database
    self.collection = collection
  }

  /// Splits at the first dot: a database's name has none, a collection's may.
  init?(_ text: String) {
    guard let dot = text.firstIndex(of: ".") else { return nil }
    self.init(database: String(text[..<dot]), collection: String(text[text.index(after: dot)...]))
  }

  public var description: String { database + "." + collection }
}
