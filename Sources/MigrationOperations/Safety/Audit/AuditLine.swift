import MigrationBasics

/// One line of the audit log: an object of JSON that ends with the digest of all that is before.
///
/// Each line names the digest of the one before, so that a line can't be changed, deleted or put in
/// without breaking the chain.
package struct AuditLine: Sendable, Hashable {
  package let text: String
  package let json: JSONValue
  /// The log that it belongs to, drawn when the log was begun.
  package let log: String
  /// Its place in the log, from 0.
  package let number: Int
  let previous: String
  let digest: String

  /// What is before the first line.
  static let beginning = String(repeating: "0", count: 64)
  private static let mark = ",\"digest\":\""

  /// Makes the line that follows another.
  init(after last: AuditLine?, log: String, _ fields: [(String, JSONValue)]) {
    number = last.map { $0.number + 1 } ?? 0
    previous = last?.digest ?? Self.beginning
    self.log = log
    let object = JSONObject(
      [("log", .text(log)), ("number", .int(number))] + fields + [("previous", .text(previous))])
    let body = String(JSONValue.object(object).compact.dropLast())
    digest = SHA256.hexadecimal(of: body.utf8)
    text = body + Self.mark + digest + "\"}"
    json = .object(object)
  }

  /// Reads a line; nil if it is none, or if its digest is not that of its text.
  init?(_ text: String) {
    guard let json = try? JSONValue.parse(text), case .text(let log)? = json["log"],
      case .int(let number)? = json["number"], case .text(let previous)? = json["previous"],
      case .text(let digest)? = json["digest"]
    else { return nil }
    let body = text.utf8.dropLast(Self.mark.utf8.count + digest.utf8.count + 2)
    guard text == String(decoding: body, as: UTF8.self) + Self.mark + digest + "\"}",
      digest == SHA256.hexadecimal(of: body)
    else { return nil }
    (self.text, self.json, self.log, self.number) = (text, json, log, number)
    (self.previous, self.digest) = (previous, digest)
  }

  /// Whether it is the next line after another.
  func follows(_ last: AuditLine?) -> Bool {
    guard let last else { return number == 0 && previous == Self.beginning }
    return log == last.log && number == last.number + 1 && previous == last.digest
  }
}
