import FoundationEssentials
import MigrationBasics
import MigrationLedger

/// The result of the last verification of a backup, kept next to its manifest.
package struct BackupVerificationRecord: Sendable, Hashable {
  package let id: String
  /// Of the manifest that the backup was held against.
  package let manifestHash: String
  package let at: Moment
  /// The version of the server that it was restored into.
  package let server: String
  package let migrate: String
  package let milliseconds: Int
  /// What was wrong; nothing if it is verified.
  package let findings: [String]

  package static let fileName = "verification.json"

  package var json: JSONValue {
    [
      "id": .text(id), "manifestSHA256": .text(manifestHash), "verified": .bool(findings.isEmpty),
      "at": .text(at.description), "atMicroseconds": .int(at.microseconds), "server": .text(server),
      "migrate": .text(migrate), "milliseconds": .int(milliseconds),
      "findings": .array(findings.map(JSONValue.text)),
    ]
  }

  /// Replaces the record of a backup, as a whole.
  package func write(_ folder: String) throws {
    try AtomicFile.write(folder + "/" + Self.fileName) { append in
      try append(json.pretty + "\n")
    }
  }

  /// Nil if there is none, or none that can be read: then the backup counts as not verified.
  package static func read(_ folder: String) -> BackupVerificationRecord? {
    guard
      let text = try? InputFile.text(folder + "/" + fileName),
      let node = try? JSON5.parse(text, dialect: .json)
    else { return nil }
    return try? BackupVerificationRecord(
      id: node.required("id").text(), manifestHash: node.required("manifestSHA256").text(),
      at: Moment(microseconds: node.required("atMicroseconds").integer()),
      server: node.required("server").text(), migrate: node.required("migrate").text(),
      milliseconds: node.required("milliseconds").integer(),
      findings: node.required("findings").array().map { try $0.text() })
  }
}
