import MigrationPlan

extension QualifiedName {
  /// Reads a name with its schema at the beginning of a text, as PostgreSQL's programs write it.
  ///
  /// - Parameter schema: that of a name which stands alone; without it there must be one.
  init?(startOf text: Substring, in schema: String? = nil) {
    var rest = text
    guard let first = Self.take(&rest) else { return nil }
    guard rest.first == "." else {
      guard let schema else { return nil }
      self.init(schema: schema, name: first)
      return
    }
    let schema = first
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
