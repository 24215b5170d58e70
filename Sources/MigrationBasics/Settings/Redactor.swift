/// Replaces every secret in a text by `***`: the known ones, and those that look like one.
///
/// What looks like a secret is the password of a URL with a user name, and what follows
/// `password=`. A secret of fewer than four characters is only replaced there, and so is one that
/// is also the name of a user, host or database: elsewhere it would make every text unreadable.
package struct Redactor: Sendable {
  package static let mask = "***"
  private var secrets: [[UInt8]] = []

  package init() {}

  /// Creates a redactor for the passwords of some databases, and other secrets.
  package init(urls: [DatabaseURL], secrets: [String] = []) {
    for url in urls { add(url) }
    for secret in secrets { add(secret) }
  }

  /// Hides all secrets of a database URL from now on.
  package mutating func add(_ url: DatabaseURL) {
    let names = [url.user, url.database].compactMap { $0 } + url.hosts.map(\.name)
    for secret in url.secrets where !names.contains(secret) { add(secret) }
  }

  /// Hides a secret from now on, in each way that it could be spelt.
  package mutating func add(_ secret: String) {
    let json = JSONValue.text(secret).compact.dropFirst().dropLast()
    let spellings = [
      secret, PercentEncoding.encode(secret), PercentEncoding.encode(secret, lowercase: true),
      PercentEncoding.decode(secret) ?? secret, String(json),
      Self.escape(secret, ["'": "''"]), Self.escape(secret, ["'": "\\'", "\\": "\\\\"]),
    ]
    for spelling in Set(spellings) where spelling.count >= 4 {
      let bytes = Array(spelling.utf8)
      if !secrets.contains(bytes) { secrets.append(bytes) }
    }
    // A secret that contains another must go first, or its rest would stay.
    secrets.sort { $0.count > $1.count }
  }

  private static func escape(_ text: String, _ escapes: [Character: String]) -> String {
    text.map { escapes[$0] ?? String($0) }.joined()
  }

  /// Returns a text without its secrets.
  package func scrub(_ text: String) -> String {
    var bytes = Array(text.utf8)
    for secret in secrets { bytes = Self.replace(secret, in: bytes) }
    bytes = URLPasswords.scrub(bytes)
    bytes = KeywordPasswords.scrub(bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func replace(_ secret: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    guard let first = secret.first, bytes.count >= secret.count else { return bytes }
    var result: [UInt8] = []
    var copied = 0
    var index = 0
    while let found = bytes[index...].firstIndex(of: first) {
      if bytes[found...].starts(with: secret) {
        result += bytes[copied..<found]
        result += mask.utf8
        index = found + secret.count
        copied = index
      } else {
        index = found + 1
      }
    }
    return copied == 0 ? bytes : result + bytes[copied...]
  }
}

/// Finds `scheme://user:anything@`, whatever marks the password holds.
private enum URLPasswords {
  static func scrub(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var copied = 0
    var index = 0
    while index < bytes.count {
      guard isSchemeEnd(bytes, index) else {
        index += 1
        continue
      }
      index += 3
      if let password = passwordRange(bytes, from: index) {
        result += bytes[copied..<password.lowerBound]
        result += Redactor.mask.utf8
        (copied, index) = (password.upperBound, password.upperBound)
      }
    }
    return copied == 0 ? bytes : result + bytes[copied...]
  }

  private static func isSchemeEnd(_ bytes: [UInt8], _ index: Int) -> Bool {
    bytes[index] == UInt8(ascii: ":") && index > 0
      && (bytes[index - 1].isLetter || bytes[index - 1].isDigit)
      && bytes[index...].starts(with: "://".utf8)
  }

  /// The password runs from the first `:` to the last `@` before a blank, a quote or a bracket.
  private static func passwordRange(_ bytes: [UInt8], from start: Int) -> Range<Int>? {
    let end = bytes[start...].firstIndex { $0 <= .space || "\"'<>`".utf8.contains($0) }
    let token = start..<(end ?? bytes.count)
    guard let at = bytes[token].lastIndex(of: UInt8(ascii: "@")),
      let colon = bytes[start..<at].firstIndex(of: UInt8(ascii: ":")), colon + 1 < at
    else { return nil }
    return colon + 1..<at
  }
}

/// Finds `password=anything`, as in keyword strings, parameters of URLs and variables.
private enum KeywordPasswords {
  private static let word = Array("password=".utf8)

  static func scrub(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var copied = 0
    var index = 0
    while index + word.count < bytes.count {
      guard bytes[index] | 0x20 == word[0], matches(bytes, index) else {
        index += 1
        continue
      }
      index += word.count
      let end = valueEnd(bytes, index)
      if end > index {
        result += bytes[copied..<index]
        result += Redactor.mask.utf8
        (copied, index) = (end, end)
      }
    }
    return copied == 0 ? bytes : result + bytes[copied...]
  }

  private static func matches(_ bytes: [UInt8], _ index: Int) -> Bool {
    zip(bytes[index...], word).allSatisfy { byte, letter in
      byte == letter || (byte.isLetter && byte | 0x20 == letter)
    }
  }

  private static func valueEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    let isQuoted = bytes[start] == .apostrophe || bytes[start] == .quote
    var index = isQuoted ? start + 1 : start
    while index < bytes.count {
      let byte = bytes[index]
      if isQuoted, byte == .backslash {
        index += 1
      } else if isQuoted, byte == bytes[start] {
        return index + 1
      } else if !isQuoted, byte <= .space || "&\"';,".utf8.contains(byte) {
        return index
      }
      index += 1
    }
    return bytes.count
  }
}
