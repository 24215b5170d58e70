extension URLParts {
  /// Returns the servers of the URL; PostgreSQL may have none, and then means the usual socket.
  func parsedHosts(_ kind: DatabaseURL.Kind) throws(DatabaseURLError) -> [DatabaseURL.Host] {
    guard !hosts.isEmpty else {
      if kind.traits.contains(.strictLogin) { throw .host("the URL names no host") }
      return []
    }
    var parsed: [DatabaseURL.Host] = []
    for text in hosts.split(separator: ",", omittingEmptySubsequences: false) {
      parsed.append(try Self.parseHost(text))
    }
    if scheme.lowercased() == "mongodb+srv", parsed.count != 1 || parsed[0].port != nil {
      throw .host("a mongodb+srv URL names one host and no port")
    }
    return parsed
  }

  private static func parseHost(_ text: Substring) throws(DatabaseURLError) -> DatabaseURL.Host {
    if text.hasPrefix("[") { return try parseBracketedHost(text) }
    let (name, portText) = text.cut(at: ":")
    let isPlain = name.utf8.allSatisfy {
      $0.isLetter || $0.isDigit || $0 >= 0x80 || [0x2D, 0x2E, 0x5F, 0x25, 0x7E].contains($0)
    }
    guard isPlain, !name.isEmpty, let decoded = PercentEncoding.decode(name) else {
      throw .host("the host holds a mark that no host has, or is empty")
    }
    return DatabaseURL.Host(name: decoded, port: try parsePort(portText))
  }

  private static func parseBracketedHost(
    _ text: Substring
  ) throws(DatabaseURLError) -> DatabaseURL.Host {
    let (address, rest) = text.dropFirst().cut(at: "]")
    let isAddress = address.utf8.allSatisfy { $0.hexValue != nil || [0x3A, 0x2E].contains($0) }
    guard let rest, isAddress, address.contains(":"), rest.isEmpty || rest.hasPrefix(":") else {
      throw .host("the address in brackets is not an IPv6 address")
    }
    let port = try parsePort(rest.isEmpty ? nil : rest.dropFirst())
    return DatabaseURL.Host(name: String(address), port: port)
  }

  private static func parsePort(_ text: Substring?) throws(DatabaseURLError) -> Int? {
    guard let text, !text.isEmpty else { return nil }
    guard text.utf8.allSatisfy(\.isDigit), let port = Int(text), (1...65535).contains(port) else {
      throw .port
    }
    return port
  }
}
