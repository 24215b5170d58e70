import MigrationPlan

extension RowCompiler {
  /// Gives a slot to every field that a rule reads; what else a document has is passed over.
  mutating func documentShape() -> DocumentShape {
    if feed.key != ["_id"] {
      fault("documents are identified by _id alone", "write key: \"_id\", or remove key")
    }
    var names = feed.columns.reduce(into: Set<String>()) { $0.formUnion($1.rule.sourceColumns) }
    for name in names { if let root = DottedName.path(name)?.first { names.insert(root) } }
    names.insert("_id")
    if let root = feed.each?.first { names.insert(root) }
    for name in names.sorted() {
      sourcePlaces[name] = slot()
      sourceColumns.append(name)
    }
    let builder = LookupTableBuilder()
    for (number, name) in sourceColumns.enumerated() {
      builder.insert(key: name, value: [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)])
    }
    let table = builder.finish()
    owner.keep([table])
    var shape = DocumentShape(
      names: table.view, fieldCount: Int32(sourceColumns.count), each: -1,
      eachPath: Span32(first: 0, count: 0), element: -1)
    if let each = feed.each, let root = each.first, let place = sourcePlaces[root] {
      elementPlace = slot()
      shape.each = place
      shape.eachPath = path(Array(each.dropFirst()))
      shape.element = elementPlace
    }
    return shape
  }

  /// The slot of the array's element at hand.
  mutating func compileElement() -> Place {
    if elementPlace < 0 {
      fault(
        "the rule reads an element, and each document is one row",
        "name the array whose elements are the rows: each: \"field\"")
      return slot()
    }
    return elementPlace
  }
}
