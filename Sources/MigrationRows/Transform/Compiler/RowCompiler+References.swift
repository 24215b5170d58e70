import MigrationPlan

extension RowCompiler {
  /// Compiles a look-up: the ways are tried in order, and the first row that is found counts.
  mutating func compile(_ reference: Reference) -> Place {
    if reference.table == table.name || deferredTables.contains(reference.table) {
      return compileDeferred(reference)
    }
    let result = slot()
    var values: [Place] = []
    var jumps: [Int] = []
    for way in reference.ways {
      let value = compile(way.value)
      let number = lookup(reference, way)
      values.append(reference.orphan == .quarantine ? legacyID(of: value) : value)
      emit(
        .value(.lookup(value, table: number, into: result)),
        "look up \(reference.table) by \(way.column)", [value], result)
      jumps.append(emitJump(.jumpIfNotNull(result, to: 0)))
    }
    emit(
      .value(.orphan(list(values), into: result, reference.orphan)), "nothing found", values, result
    )
    for jump in jumps { land(jump) }
    return result
  }

  /// What a uuid was made of: the source does not have the uuid itself.
  private func legacyID(of value: Place) -> Place {
    guard case .value(.identity(let legacy, _, into: value))? = ops.last else { return value }
    return legacy
  }

  /// Returns the number of a look-up table; two look-ups of the same kind share one.
  private mutating func lookup(_ reference: Reference, _ way: Reference.Way) -> Int32 {
    let resultForm = columnType.map { form(of: $0.form) } ?? .text
    let keyForm = keyForm(reference, way) ?? (way.column == reference.result ? resultForm : .text)
    let spec = ReferenceSpec(
      table: reference.table, keyColumn: way.column, resultColumn: reference.result,
      keyForm: keyForm, resultForm: resultForm)
    if let known = references.firstIndex(of: spec) { return Int32(known) }
    references.append(spec)
    return Int32(references.count - 1)
  }

  /// How values of the column are distinguished from each other that rows are looked up by; nil if its table is not known.
  private mutating func keyForm(_ reference: Reference, _ way: Reference.Way) -> LookupForm? {
    guard let column = referenced[reference.table]?[way.column] else { return nil }
    if let form = LookupForm(of: column) { return form }
    fault(
      "rows of \(reference.table) cannot be looked up by \(way.column): only the server knows which values of "
        + "\(column.typeWithCollation) are equal",
      "look them up by a column of another type, such as text or uuid, that holds the key of the source"
    )
    return nil
  }

  private func form(of form: WireForm) -> LookupForm {
    switch form {
    case .uuid: .uuid
    case .int2, .int4, .int8, .oid: .integer
    default: .text
    }
  }

  /// Passes the key of a row through that can't be looked up, because it may not be loaded yet.
  private mutating func compileDeferred(_ reference: Reference) -> Place {
    guard let way = reference.ways.first(where: { $0.column == reference.result }) else {
      fault(
        "rows of \(reference.table) cannot be looked up by "
          + reference.ways.map(\.column).joined(separator: ", ") + " while the table is loaded",
        "look them up by \(reference.result)")
      return slot()
    }
    for other in reference.ways where other.column != reference.result {
      fault(
        "rows of \(reference.table) cannot be looked up by \(other.column) while the table is loaded",
        "look them up by \(reference.result) only")
    }
    let value = compile(way.value)
    deferredReferences.append(
      DeferredReference(
        column: column?.column ?? "", table: reference.table, resultColumn: reference.result,
        orphan: reference.orphan))
    return value
  }
}
