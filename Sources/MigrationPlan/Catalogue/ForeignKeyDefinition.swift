/// The columns of a foreign key that is off its table, out of its definition as the server wrote it.
package struct ForeignKeyDefinition: Hashable {
  package let columns: [String]
  package let referencedColumns: [String]

  /// Reads `FOREIGN KEY (a, "B") REFERENCES s.t(c, d) …`; nil for anything else.
  package init?(_ text: String) {
    var rest = Substring(text)
    guard Self.skip("FOREIGN KEY ", &rest), let columns = Self.list(&rest),
      Self.skip(" REFERENCES ", &rest), Self.name(&rest) != nil
    else { return nil }
    while Self.skip(".", &rest) { guard Self.name(&rest) != nil else { return nil } }
    guard let others = Self.list(&rest), others.count == columns.count else { return nil }
    (self.columns, referencedColumns) = (columns, others)
  }

  private static func skip(_ word: String, _ rest: inout Substring) -> Bool {
    guard rest.hasPrefix(word) else { return false }
    rest.removeFirst(word.count)
    return true
  }

  private static func list(_ rest: inout Substring) -> [String]? {
    guard skip("(", &rest) else { return nil }
    var names: [String] = []
    repeat {
      guard let name = name(&rest) else { return nil }
      names.append(name)
    } while skip(", ", &rest)
    return skip(")", &rest) ? names : nil
  }

  /// Reads a name, quoted if it has other signs than small letters, digits and underlines.
  private static func name(_ rest: inout Substring) -> String? {
    guard skip("\"", &rest) else {
      let plain = rest.prefix { !" ,.()\"".contains($0) }
      rest = rest.dropFirst(plain.count)
      return plain.isEmpty ? nil : String(plain)
    }
    var name = ""
    while let sign = rest.popFirst() {
      if sign != "\"" {
        name.append(sign)
      } else if skip("\"", &rest) {
        name.append("\"")
      } else {
        return name
      }
    }
    return nil
  }
}
