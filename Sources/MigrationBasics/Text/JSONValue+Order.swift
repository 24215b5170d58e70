extension JSONValue {
  /// The value with the members of each object in one order: the server's differs from the source's.
  package var sortedMembers: JSONValue {
    switch self {
    case .object(let object):
      .object(
        JSONObject(
          object.members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sortedMembers) }))
    case .array(let elements): .array(elements.map(\.sortedMembers))
    default: self
    }
  }
}
