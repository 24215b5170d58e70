import MigrationBasics
import Postgres

/// JSON values that are collected for a statement that takes a list of them.
///
/// A value may hold megabytes: each statement takes as many as fit a few.
package struct JSONList {
  private var texts: [String] = []
  private var byteCount = 0

  package init() {}

  package var count: Int { texts.count }

  package var isFull: Bool { byteCount > 4 << 20 }

  package mutating func append(_ value: JSONValue) {
    let text = value.compact
    texts.append(text)
    byteCount += text.utf8.count
  }

  /// Returns the list as a parameter of type `jsonb`, and empties it.
  package mutating func take() -> Parameter {
    defer { self = JSONList() }
    return .text("[" + texts.joined(separator: ",") + "]", type: .jsonb)
  }
}
