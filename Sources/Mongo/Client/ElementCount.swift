/// The server's expression for the number of elements that a path leads to in a document.
enum ElementCount {
  /// Whether a key represents the field of that name wherever it is used in an expression.
  static func isFieldName(_ key: String) -> Bool {
    !key.isEmpty && !key.hasPrefix("$") && !key.contains(".")
      && !key.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Returns the number of elements behind a value, by the keys that lead on from it; NaN, which no sum
  /// hides, where an array is in another on the way.
  static func expression(_ value: String, _ keys: ArraySlice<String>) -> BSONValue {
    let value = BSONValue(value)
    guard let key = keys.first else { return elements(value) }
    let name = "e\(keys.count)"
    let item = BSONValue("$$" + name)
    let next = expression("$$\(name).\(key)", keys.dropFirst())
    return [
      "$sum": [
        "$map": [
          "input": ["$cond": [["$isArray": [value]], value, [value]]], "as": BSONValue(name),
          "in": ["$cond": [["$isArray": [item]], .double(.nan), next]],
        ]
      ]
    ]
  }

  /// The elements of an array; of anything else one, and none if nothing is there.
  private static func elements(_ value: BSONValue) -> BSONValue {
    let isNothing: BSONValue = ["$in": [["$type": value], ["missing", "null", "undefined"]]]
    return [
      "$cond": [
        ["$isArray": [value]], ["$size": value], ["$cond": [isNothing, 0, 1]],
      ]
    ]
  }
}
