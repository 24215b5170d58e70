import MigrationPlan
import Postgres

/// The state of a sequence.
package struct SequenceState: Sendable, Hashable {
  package let lastValue: Int
  /// Whether `lastValue` was given out.
  package let isCalled: Bool

  /// The value that comes next, if the limits allow it.
  package func next(_ sequence: ColumnSequence) -> Int {
    guard isCalled else { return lastValue }
    let (sum, overflow) = lastValue.addingReportingOverflow(sequence.increment)
    return overflow ? (sequence.increment > 0 ? Int.max : Int.min) : sum
  }

  /// Whether no value will be given out that comes before or equals this one.
  package func isPast(_ value: Int, _ sequence: ColumnSequence) -> Bool {
    sequence.increment > 0 ? next(sequence) > value : next(sequence) < value
  }
}

extension ColumnSequence {
  /// The first value in the sequence's stride that covers another one, within the limits.
  package func lastValue(covering value: Int, from state: SequenceState) -> Int {
    let exact = unlimitedLastValue(covering: value, from: state)
    return Int(Swift.min(Swift.max(exact, Int128(minimum)), Int128(maximum)))
  }

  /// Whether there is a value to give out after one that is in use.
  func hasRoom(after value: Int, from state: SequenceState) -> Bool {
    let next = unlimitedLastValue(covering: value, from: state) + Int128(increment)
    return next <= Int128(maximum) && next >= Int128(minimum)
  }

  private func unlimitedLastValue(covering value: Int, from state: SequenceState) -> Int128 {
    let distance = Int128(value) - Int128(state.lastValue)
    let step = Int128(increment)
    let isAhead = distance == 0 || (distance > 0) != (step > 0)
    if isAhead { return Int128(state.lastValue) }
    let steps = (distance.magnitude + step.magnitude - 1) / step.magnitude
    return Int128(state.lastValue) + Int128(steps) * step
  }
}

extension Sequences {
  /// A subquery for the columns that sequences fill: owned by them, or used in their defaults.
  package static let uses = """
    (SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS number
      FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass
        AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
      UNION
      SELECT d.refobjid, f.adrelid, f.adnum
      FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid
        AND d.refclassid = 'pg_catalog.pg_class'::regclass)
    """

  /// Returns the sequences of a table: owned by its columns, or used in their defaults.
  package func sequences(of table: QualifiedName) throws -> [ColumnSequence] {
    var pipeline = Pipeline()
    let place = Self.sequences(schema: table.schema, [table.name], in: &pipeline)
    return Self.byTable(try ledger.connection.run(pipeline)[place])[table.name] ?? []
  }

  /// Asks for the sequences of some tables with a pipeline.
  package static func sequences(
    schema: String, _ tables: [String], in pipeline: inout Pipeline
  ) -> Pipeline.Place {
    pipeline.query(
      """
      SELECT \(SequenceColumn.list)
      FROM \(Self.uses) u
        JOIN pg_catalog.pg_class s ON s.oid = u.sequence AND s.relkind = 'S'
        JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
        JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
        JOIN pg_catalog.pg_class t ON t.oid = u.relation
        JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = u.number
        JOIN pg_catalog.pg_type y ON y.oid = a.atttypid
      WHERE n.nspname = $1 AND t.relname = ANY ($2) AND NOT a.attisdropped
        AND coalesce(nullif(y.typbasetype, 0), y.oid) IN (
          'int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
      ORDER BY sn.nspname, s.relname, a.attnum
      """, [schema, tables])
  }

  /// Returns the sequences that a pipeline asked for, by the name of their table.
  package static func byTable(_ found: QueryResult) -> [String: [ColumnSequence]] {
    Dictionary(grouping: found.rows(by: SequenceColumn.self)) { $0.string(.table) }
      .mapValues(grouped)
  }

  /// The SQL condition that a table has sequences, or may have: a few index look-ups.
  package static func mayExist(of table: QualifiedName) throws(IdentifierError) -> String {
    let oid = "to_regclass(\(SQL.literal(try table.quoted())))::oid"
    return """
      EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = \(oid)
          AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i'))
      OR EXISTS (SELECT FROM pg_catalog.pg_attrdef f
          JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid
            AND d.refclassid = 'pg_catalog.pg_class'::regclass
          JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
        WHERE f.adrelid = \(oid))
      """
  }

  package func state(of sequence: ColumnSequence) throws -> SequenceState {
    let row = try ledger.oneRow(
      "SELECT last_value, is_called FROM \(try sequence.name.quoted())",
      otherwise: LedgerError(.unknown, "could not read sequence \(sequence.name)"))
    return SequenceState(lastValue: row.number(0), isCalled: row.flag(1))
  }

  /// Returns the value that the sequence has to pass: the highest, or the lowest if it counts down.
  package func outermost(_ sequence: ColumnSequence, _ table: QualifiedName) throws -> Int? {
    let isAscending = sequence.increment > 0
    let values = try sequence.columns.compactMap { column -> Int? in
      let name = try SQL.identifier(column.name)
      // NaN and the infinities of numeric are no values that a sequence could give. On integers
      // the condition would only keep the server from using an index.
      let condition =
        column.isNumeric
        ? "WHERE \(name) BETWEEN -9223372036854775808 AND 9223372036854775807" : ""
      let text = try ledger.connection.query(
        """
        SELECT \(isAscending ? "ceil(max" : "floor(min")(\(name))::numeric)::bigint
        FROM \(try table.quoted()) \(condition)
        """)
      return text.int(0, 0)
    }
    return isAscending ? values.max() : values.min()
  }

  private enum SequenceColumn: String, ColumnList {
    case oid = "s.oid::bigint"
    case schema = "sn.nspname"
    case name = "s.relname"
    case increment = "q.seqincrement"
    case minimum = "q.seqmin"
    case maximum = "q.seqmax"
    case cycles = "q.seqcycle"
    case column = "a.attname"
    case isNumeric = "y.oid = 'numeric'::regtype OR y.typbasetype = 'numeric'::regtype"
    case table = "t.relname"
  }

  private static func grouped(_ rows: [ColumnRow<SequenceColumn>]) -> [ColumnSequence] {
    var columns: [Int: [ColumnSequence.Column]] = [:]
    for row in rows {
      let column = ColumnSequence.Column(
        name: row.string(.column), isNumeric: row.flag(.isNumeric))
      columns[row.number(.oid), default: []].append(column)
    }
    var seen: Set<Int> = []
    return rows.compactMap { row in
      let oid = row.number(.oid)
      guard seen.insert(oid).inserted else { return nil }
      return ColumnSequence(
        name: QualifiedName(schema: row.string(.schema), name: row.string(.name)),
        columns: columns[oid] ?? [], oid: oid, increment: row.number(.increment),
        minimum: row.number(.minimum), maximum: row.number(.maximum), cycles: row.flag(.cycles))
    }
  }
}
