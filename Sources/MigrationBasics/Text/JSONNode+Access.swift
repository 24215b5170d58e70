/// Typed reading: each accessor returns what is wanted or throws an error that names the place.
extension JSONNode {
  package func text() throws(JSONShapeError) -> String {
    guard case .text(let text) = content else { throw mismatch("text") }
    return text
  }

  package func bool() throws(JSONShapeError) -> Bool {
    guard case .bool(let bool) = content else { throw mismatch("true or false") }
    return bool
  }

  /// Returns a whole number within a range.
  package func integer(
    in range: ClosedRange<Int> = Int.min...Int.max
  ) throws(JSONShapeError) -> Int {
    let isFree = range == Int.min...Int.max
    let wanted =
      isFree ? "a whole number" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard case .number(let number) = content else { throw mismatch(wanted) }
    guard let integer = number.integer, range.contains(integer) else {
      throw JSONShapeError(self, "expected \(wanted), found \(number.text)")
    }
    return integer
  }

  /// Returns a finite number.
  package func double() throws(JSONShapeError) -> Double {
    guard case .number(let number) = content else { throw mismatch("a number") }
    guard number.double.isFinite else {
      throw JSONShapeError(self, "expected a finite number, found \(number.text)")
    }
    return number.double
  }

  package func array() throws(JSONShapeError) -> [JSONNode] {
    guard case .array(let elements) = content else { throw mismatch("a list") }
    return elements
  }

  package func object() throws(JSONShapeError) -> [Member] {
    guard case .object(let members) = content else { throw mismatch("an object") }
    return members
  }

  /// Returns one of a set of words, with a suggestion when it is mistyped.
  package func choice(of words: [String]) throws(JSONShapeError) -> String {
    guard case .text(let text) = content else {
      throw mismatch("one of \(words.joined(separator: ", "))")
    }
    guard words.contains(text) else {
      let message = "expected one of \(words.joined(separator: ", ")), found \"\(text)\""
      throw JSONShapeError(self, message + suggestion(for: text, in: words))
    }
    return text
  }

  /// The value of a key; nil if this is no object or lacks the key.
  package subscript(key: String) -> JSONNode? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// Returns the value of a key that must be there.
  package func required(_ key: String) throws(JSONShapeError) -> JSONNode {
    _ = try object()
    guard let node = self[key] else { throw JSONShapeError(self, "the key \"\(key)\" is missing") }
    return node
  }

  /// Returns the value of a key; nil when it is missing or null.
  package func optional(_ key: String) throws(JSONShapeError) -> JSONNode? {
    _ = try object()
    return self[key].flatMap { $0.isNull ? nil : $0 }
  }

  /// Returns an error for each key that is not among the known ones.
  package func unknownKeys(known: [String]) -> [JSONShapeError] {
    guard case .object(let members) = content else { return [] }
    return members.filter { !known.contains($0.key) }.map { member in
      let hint = suggestion(for: member.key, in: known)
      return JSONShapeError(
        path: path, file: file, position: member.keyPosition,
        message: "unknown key \"\(member.key)\""
          + (hint.isEmpty ? ", known keys: \(known.joined(separator: ", "))" : hint))
    }
  }

  private func mismatch(_ wanted: String) -> JSONShapeError {
    JSONShapeError(self, "expected \(wanted), found \(kindName)")
  }
}
