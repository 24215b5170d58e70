extension QualifiedName {
  /// Reads a name with its schema at the beginning of a text, as PostgreSQL's programs write it.
  init?(startOf text: Substring) {
    var rest = text
    guard let schema = Self.take(&rest), rest.first == "." else { return nil }
    rest.removeFirst()
    guard let name = Self.take(&rest) else { return nil }
    self.init(schema: schema, name: name)
  }

  private static func take(_ rest: inout Substring) -> String? {
    guard rest.first == "\"" else {
      let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
      rest = rest.dropFirst(name.count)
      return name.isEmpty ? nil : String(name)
    }
    rest.removeFirst()
    var name = ""
    while let character = rest.first {
      rest.removeFirst()
      if character == "\"" {
        guard rest.first == "\"" else { return name }
        rest.removeFirst()
      }
      name.append(character)
    }
    return nil
  }
}
