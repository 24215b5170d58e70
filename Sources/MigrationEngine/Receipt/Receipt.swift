import MigrationBasics

/// A file that says what a migration has loaded, so that it can be held against the target later.
///
/// Its sections are under a chain of hashes, each over its name, its content and the hash before;
/// a signature, if there is one, is over the last.
package struct Receipt: Sendable {
  package struct Section: Sendable {
    package let name: String
    package let content: JSONValue
    package let hash: String
  }

  package static let version = 1

  package private(set) var sections: [Section] = []
  /// HMAC-SHA256 of the last hash, in hexadecimal; nil if there was no key.
  package private(set) var signature: String?

  package init() {}

  package mutating func add(_ name: String, _ content: JSONValue) {
    sections.append(
      Section(name: name, content: content, hash: Self.hash(name, content, after: lastHash)))
  }

  package mutating func sign(_ key: [UInt8]) { signature = Self.signature(of: lastHash, key) }

  package subscript(name: String) -> JSONValue? { sections.first { $0.name == name }?.content }

  private var lastHash: String { sections.last?.hash ?? "" }

  package var json: JSONValue {
    [
      "receipt": .int(Self.version),
      "sections": .array(
        sections.map { section in
          ["name": .text(section.name), "hash": .text(section.hash), "content": section.content]
        }),
      "signature": .optional(signature),
    ]
  }

  /// Reads a receipt.
  ///
  /// - Throws: A `MigrationError` if the document is none.
  package init(_ document: JSONValue, file: String) throws(MigrationError) {
    guard document["receipt"] == .int(Self.version), case .array(let parts)? = document["sections"]
    else {
      throw MigrationError(
        .configuration, "the file is not a receipt that this program can read", place: file,
        remedy: "name a file written by migrate receipt write")
    }
    for part in parts {
      guard case .text(let name)? = part["name"], case .text(let hash)? = part["hash"],
        let content = part["content"]
      else {
        throw MigrationError(.configuration, "a section of the receipt is incomplete", place: file)
      }
      sections.append(Section(name: name, content: content, hash: hash))
    }
    if case .text(let text)? = document["signature"] { signature = text }
  }

  /// What is wrong with the receipt itself; empty for one that is as it was written.
  ///
  /// - Parameter key: what it should be signed with; nil checks no signature.
  package func faults(key: [UInt8]?) -> [String] {
    var faults: [String] = []
    var before = ""
    for section in sections {
      if Self.hash(section.name, section.content, after: before) != section.hash {
        faults.append("the section \(section.name) was changed")
      }
      before = section.hash
    }
    let missing = ReceiptSection.allCases.map(\.rawValue).filter { self[$0] == nil }
    if !missing.isEmpty {
      faults.append("sections are missing: \(missing.joined(separator: ", "))")
    }
    guard let key else { return faults }
    if let signature {
      if signature != Self.signature(of: before, key) {
        faults.append("the signature was not made with this key, or a hash was changed")
      }
    } else {
      faults.append("the receipt is not signed")
    }
    return faults
  }

  private static func hash(_ name: String, _ content: JSONValue, after before: String) -> String {
    SHA256.hexadecimal(of: "\(before)\n\(name)\n\(content.compact)".utf8)
  }

  private static func signature(of hash: String, _ key: [UInt8]) -> String {
    HMACSHA256(key: key).hexadecimal(of: hash)
  }
}

/// What a receipt is made of, in the order of its chain.
enum ReceiptSection: String, CaseIterable {
  case migration
  case books
  case quarantine
  case validation
  case fingerprints
}
