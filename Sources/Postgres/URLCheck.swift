/// Finds what libpq would misread in a URL before libpq sees it.
///
/// libpq ends the password at the first `@` and takes the rest for the host, so
/// that a lookup or a message would give part of the password away.
struct URLCheck {
  private let body: Substring

  /// Returns nil unless the text begins as a PostgreSQL URL.
  init?(_ text: String) {
    guard let scheme = ["postgresql://", "postgres://"].first(where: text.hasPrefix) else {
      return nil
    }
    body = text.dropFirst(scheme.count)
  }

  /// Returns the first fault, or nil.
  func fault() -> ConnectionStringError.Reason? {
    if body.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
      return .unescapedBlank
    }
    if hasBadPercentEscape { return .badPercentEscape }
    return credentialsFault() ?? hostsFault() ?? parametersFault()
  }

  /// Returns the text up to the first slash, which is how far libpq looks for an `@`.
  private var authority: Substring { body.prefix { $0 != "/" } }

  private var path: Substring {
    body.dropFirst(authority.count).prefix { $0 != "?" }
  }

  private var hosts: Substring {
    let afterUser = authority.firstIndex(of: "@").map { authority[authority.index(after: $0)...] }
    return (afterUser ?? authority).prefix { $0 != "?" }
  }

  private var hasBadPercentEscape: Bool {
    let bytes = Array(body.utf8)
    return bytes.indices.contains { index in
      guard bytes[index] == UInt8(ascii: "%") else { return false }
      guard index + 2 < bytes.count else { return true }
      let digits = bytes[(index + 1)...(index + 2)]
      let allHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
      return !allHexadecimal || digits.elementsEqual("00".utf8)
    }
  }

  private func credentialsFault() -> ConnectionStringError.Reason? {
    let signs = authority.count { $0 == "@" }
    if signs > 1 { return .unescapedInCredentials }
    // With a ? before the @, one reader takes a parameter for what another takes for a password.
    if signs == 1, authority.prefix(while: { $0 != "@" }).contains("?") {
      return .unescapedInCredentials
    }
    // An @ behind the first slash: the slash was most likely the password's.
    return path.contains("@") ? .unescapedInCredentials : nil
  }

  private func hostsFault() -> ConnectionStringError.Reason? {
    for entry in hosts.split(separator: ",", omittingEmptySubsequences: false) {
      if let fault = hostFault(entry) { return fault }
    }
    return nil
  }

  private func hostFault(_ entry: Substring) -> ConnectionStringError.Reason? {
    var rest = entry
    if rest.hasPrefix("[") {
      guard let end = rest.firstIndex(of: "]") else { return .badHost }
      let address = rest[..<end].dropFirst()
      guard address.allSatisfy({ $0.isHexDigit || ":.%".contains($0) || $0.isLetter }) else {
        return .badHost
      }
      rest = rest[rest.index(after: end)...]
    } else {
      let name = rest.prefix { $0 != ":" }
      guard name.allSatisfy(Self.isHostCharacter) else { return .badHost }
      rest = rest.dropFirst(name.count)
    }
    if rest.isEmpty || rest == ":" { return nil }
    guard rest.first == ":" else { return .badHost }
    return isPort(rest.dropFirst()) ? nil : .badPort
  }

  private static func isHostCharacter(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || "-._%".contains(character)
  }

  private func parametersFault() -> ConnectionStringError.Reason? {
    guard let mark = body.firstIndex(of: "?") else { return nil }
    let names = body[body.index(after: mark)...].split(separator: "&")
      .map { String($0.prefix { $0 != "=" }) }
    let known = LibpqOptions.knownKeywords.union(["ssl"])
    guard let stranger = names.first(where: { !known.contains($0) }) else { return nil }
    // A password given as a parameter may hold an unescaped &, and the name be its tail.
    let plain = stranger.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    guard plain, !names.contains(where: { $0.hasSuffix("password") }) else { return .malformed }
    return .unknownParameter(stranger)
  }
}

/// Returns whether a text is a TCP port.
func isPort(_ text: some StringProtocol) -> Bool {
  text.allSatisfy { $0.isASCII && $0.isNumber } && Int(text).map { 1...65535 ~= $0 } == true
}
