import Mongo

/// Checks documents one by one and keeps what a plan has to know of them.
final class DocumentProfiler {
  private(set) var examined = 0
  let root = PathNode(name: "", key: [])
  private var walkers: [DocumentWalker] = []
  private var notes: Set<String> = []
  /// The id of the current document, for examples.
  private var id: FieldView?

  /// Expects the values under a path to be among some ids.
  func expect(_ path: [String], among ids: IDSet) {
    // Arrays may be on the way.
    var nodes = [root]
    for name in path {
      if name == "[]" {
        nodes = nodes.map { $0.elements() }
        continue
      }
      nodes = (nodes + nodes.map { $0.elements() }).map { node in
        Array(name.utf8).withUnsafeBytes { node.child($0, near: 0).node }
      }
    }
    for node in nodes { node.references = ids }
  }

  func take(_ document: DocumentView) throws {
    examined += 1
    root.counts[Int(BSONType.document.rawValue)] += 1
    let fields = try walker(1).walk(document)
    id = fields.first { $0.key.elementsEqual("_id".utf8) }
    try look(fields, root, level: 1)
  }

  func profile(name: String, total: Int) -> SourceProfile {
    var fields: [FieldProfile] = []
    root.profiles(holders: examined, into: &fields)
    return SourceProfile(
      name: name, total: max(total, examined), examined: examined, fields: fields,
      notes: notes.sorted())
  }

  private func walker(_ level: Int) -> DocumentWalker {
    while walkers.count < level { walkers.append(DocumentWalker()) }
    return walkers[level - 1]
  }

  private func look(_ fields: FieldViews, _ node: PathNode, level: Int) throws {
    var hint = 0
    for field in fields {
      let (child, place) = node.child(field.key, near: hint)
      hint = place + 1
      try look(field, child, level)
    }
  }

  private func look(_ field: FieldView, _ node: PathNode, _ level: Int) throws {
    node.counts[Int(field.typeByte)] += 1
    switch field.type {
    case .document: try descend(field, level) { try look($0, node, level: level + 1) }
    case .array:
      try descend(field, level) { fields in
        node.longest = max(node.longest, fields.count)
        guard !fields.isEmpty else { return }
        let elements = node.elements()
        for element in fields { try look(element, elements, level + 1) }
      }
    default: ValueLook(node: node, value: field).look { [id] in Self.text(id) }
    }
    if let ids = node.references, field.type != .null, field.type != .array, !ids.contains(field) {
      node.note(.danglingID, in: Self.text(id))
    }
  }

  private func descend(
    _ field: FieldView, _ level: Int, _ body: (FieldViews) throws -> Void
  ) throws {
    guard field.document.depth <= BSONLimits.depth else {
      notes.insert("documents nested deeper than \(BSONLimits.depth) levels are not profiled")
      return
    }
    try body(try walker(level + 1).walk(field.document))
  }

  /// An id as people write it.
  private static func text(_ id: FieldView?) -> String {
    guard let id else { return "a document without _id" }
    if let objectID = id.objectID { return objectID.description }
    if id.type == .string { return String(decoding: id.text, as: UTF8.self).printable }
    guard let value = try? id.copy(), let text = try? ExtendedJSON(.relaxed).text(of: value) else {
      return "?"
    }
    return text
  }
}
