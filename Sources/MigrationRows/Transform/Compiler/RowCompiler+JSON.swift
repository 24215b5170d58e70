import MigrationBasics
import MigrationPlan

extension RowCompiler {
  /// Compiles an object or array: all changing values first, then one instruction that puts the
  /// whole text together, nested objects included.
  mutating func compileJSON(_ rule: Rule) -> Place {
    var template = JSONTemplate(isCanonical: columnType?.form == .jsonb)
    addPieces(of: rule, to: &template)
    let inputs = template.places
    let span = addPieces(template)
    let result = slot()
    emit(
      .build(span, isCanonical: template.isCanonical, into: result), "built", inputs, result)
    return result
  }

  private mutating func addPieces(of rule: Rule, to template: inout JSONTemplate) {
    switch rule {
    case .object(let members):
      template.literal += "{"
      let inOrder =
        template.isCanonical ? members.sorted { $0.key.isBeforeInJSONB($1.key) } : members
      for (index, member) in inOrder.enumerated() {
        if index > 0 { template.literal += template.comma }
        template.literal += template.spelled(.text(member.key)) + template.colon
        keys.append(member.key)
        addPieces(of: member.rule, to: &template)
        keys.removeLast()
      }
      template.literal += "}"
    case .array(let rules):
      template.literal += "["
      for (index, rule) in rules.enumerated() {
        if index > 0 { template.literal += template.comma }
        keys.append("\(index)")
        addPieces(of: rule, to: &template)
        keys.removeLast()
      }
      template.literal += "]"
    case .constant(let value):
      // Checked, though written into the text.
      _ = constant(value)
      template.literal += template.spelled(value)
    case .runTime:
      template.literal += runTimeText
    default:
      let place = compile(rule)
      watch(place, rule, .value(keys))
      template.add(place)
    }
  }

  private mutating func addPieces(_ template: JSONTemplate) -> Span32 {
    let first = pieces.count
    for part in template.parts {
      switch part {
      case .literal(let text):
        let bytes = Array(text.utf8)
        pieces.append(
          JSONPiece(
            place: -1, literal: owner.keep(bytes: bytes), count: Int32(bytes.count)))
      case .value(let place):
        pieces.append(JSONPiece(place: place, literal: nil, count: 0))
      }
    }
    return Span32(first: Int32(first), count: Int32(pieces.count - first))
  }

  private var runTimeText: String {
    var text = ""
    withUnsafeTemporaryAllocation(byteCount: TimeText.bound + 2, alignment: 8) { space in
      guard let place = space.baseAddress else { return }
      let moment = Slot(
        .timestamptz,
        context.runTime.microseconds - 10_957 * TimeLimits.microsecondsPerDay)
      let count = JSONValueText.write(moment, to: place).count
      text = String(decoding: space.prefix(count), as: UTF8.self)
    }
    return text
  }
}

/// A JSON text with gaps, while it is put together.
package struct JSONTemplate {
  package enum Part {
    case literal(String)
    case value(Place)
  }

  /// Whether it is written in the server's own spelling, as a jsonb is.
  let isCanonical: Bool
  /// The constant text since the last gap.
  package var literal = ""
  private var finished: [Part] = []

  init(isCanonical: Bool) { self.isCanonical = isCanonical }

  var comma: String { isCanonical ? ", " : "," }
  package var colon: String { isCanonical ? ": " : ":" }

  func spelled(_ value: JSONValue) -> String {
    isCanonical ? JSONCanonical.text(of: value) : value.compact
  }

  package mutating func add(_ place: Place) {
    if !literal.isEmpty { finished.append(.literal(literal)) }
    literal = ""
    finished.append(.value(place))
  }

  package var parts: [Part] { literal.isEmpty ? finished : finished + [.literal(literal)] }

  package var places: [Place] {
    finished.compactMap { part in
      if case .value(let place) = part { place } else { nil }
    }
  }
}

extension JSONCanonical {
  /// Writes a constant in the server's spelling.
  package static func text(of value: JSONValue) -> String {
    var canonical = JSONCanonical()
    defer { canonical.free() }
    var compact = value.compact
    return compact.withUTF8 { text in
      guard let start = text.baseAddress else { return "" }
      return String(decoding: canonical.write(UnsafeRawPointer(start), text.count), as: UTF8.self)
    }
  }
}

extension String {
  /// PostgreSQL's order of keys: the shorter first, then by bytes.
  fileprivate func isBeforeInJSONB(_ other: String) -> Bool {
    utf8.count == other.utf8.count
      ? utf8.lexicographicallyPrecedes(other.utf8) : utf8.count < other.utf8.count
  }
}
