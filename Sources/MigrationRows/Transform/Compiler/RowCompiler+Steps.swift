import MigrationBasics
import MigrationPlan

extension RowCompiler {
  /// Compiles a step on the value of a slot and returns the slot of the result.
  mutating func compile(_ step: RuleStep, on from: Place) -> Place {
    let to = slot()
    switch step {
    case .trim: emit(.text(.trim(from, into: to)), "trim", [from], to)
    case .collapseBlanks:
      emit(.text(.collapseBlanks(from, into: to)), "collapse blanks", [from], to)
    case .emptyToNull: emit(.text(.emptyToNull(from, into: to)), "empty to null", [from], to)
    case .lowercase: emit(.text(.changeCase(from, upper: false, into: to)), "lowercase", [from], to)
    case .uppercase: emit(.text(.changeCase(from, upper: true, into: to)), "uppercase", [from], to)
    case .phone(let policy): emit(.textCheck(.phone(from, into: to, policy)), "phone", [from], to)
    case .email(let policy): emit(.textCheck(.email(from, into: to, policy)), "email", [from], to)
    case .truncate(let limit):
      emit(
        .text(.truncate(from, Int32(clamping: limit), into: to)), "truncate \(limit)", [from], to)
    case .nul(let policy):
      emit(.textCheck(.nul(from, into: to, policy)), "nul \(policy)", [from], to)
    case .hash: emit(.text(.hash(from, into: to)), "hash", [from], to)
    case .mask(let count):
      emit(
        .text(.mask(from, keepLast: Int32(clamping: max(0, count)), into: to)), "mask", [from], to)
    case .boolean, .number, .date, .map, .round: return compileConversion(step, from, to)
    case .required, .minimum, .maximum, .oneOf, .currencyCode, .otherwise:
      return compileCheck(step, from, to)
    }
    return to
  }

  /// The plan's words, and PostgreSQL's own if the plan does not give them another meaning.
  private static func booleanWords(_ truthy: [String], _ falsy: [String]) -> [(String, Int)] {
    let given = truthy.map { ($0.lowercased(), 1) } + falsy.map { ($0.lowercased(), 0) }
    let taken = Set(given.map(\.0))
    let usual = BooleanWords.truthy.map { ($0, 1) } + BooleanWords.falsy.map { ($0, 0) }
    return given + usual.filter { !taken.contains($0.0) }
  }

  private mutating func compileConversion(_ step: RuleStep, _ from: Place, _ to: Place) -> Place {
    switch step {
    case .boolean(let truthy, let falsy, let policy):
      let words = Self.booleanWords(truthy, falsy)
      let table = wordTable(words)
      emit(.conversion(.boolean(from, words: table, into: to, policy)), "boolean", [from], to)
    case .number(let decimal, let grouping, let policy):
      let (point, group) = (slot(text(decimal)), slot(text(grouping)))
      emit(
        .conversion(.number(from, decimal: point, grouping: group, into: to, policy)), "number",
        [from], to)
    case .date(let formats, let zone, let policy):
      compileDate(formats, zone, policy, from, to)
    case .map(let pairs, let otherwise): compileMap(pairs, otherwise, from, to)
    case .round: return compileRound(from, to)
    default: fault("the step is not a conversion", "this is a bug in migrate")
    }
    return to
  }

  private mutating func compileCheck(_ step: RuleStep, _ from: Place, _ to: Place) -> Place {
    switch step {
    case .required:
      emit(.required(from), "required", [from], from)
      return from
    case .minimum(let bound, let policy):
      let limit = slot(self.bound(bound))
      emit(.check(.minimum(from, limit, into: to, policy)), "minimum \(bound)", [from], to)
    case .maximum(let bound, let policy):
      let limit = slot(self.bound(bound))
      emit(.check(.maximum(from, limit, into: to, policy)), "maximum \(bound)", [from], to)
    case .oneOf(let values, let policy):
      let table = wordTable(values.map { ($0, 0) })
      emit(.check(.oneOf(from, words: table, into: to, .notInList, policy)), "one of", [from], to)
    case .currencyCode(let policy):
      let table = wordTable(CurrencyCodes.all.map { ($0, 0) })
      emit(
        .check(.oneOf(from, words: table, into: to, .badCurrency, policy)), "currency", [from], to)
    case .otherwise(let rule): compileOtherwise(rule, from, to)
    default: fault("the step is not a check", "this is a bug in migrate")
    }
    return to
  }

  private mutating func compileOtherwise(_ rule: Rule, _ from: Place, _ to: Place) {
    switch rule {
    case .constant, .runTime,
      .source where rule.sourceColumns.allSatisfy { !isPath($0) }:
      let other = compile(rule)
      emit(.coalesce(from, other, into: to), "default", [from, other], to)
    default:
      emit(.copy(from, into: to))
      let toEnd = emitJump(.jumpIfNotNull(to, to: 0))
      let other = compile(rule)
      emit(.copy(other, into: to), "default", [other], to)
      land(toEnd)
    }
  }

  private mutating func compileDate(
    _ formats: [String], _ zoneName: String?, _ policy: FailurePolicy, _ from: Place, _ to: Place
  ) {
    let first = dateFormats.count
    for format in formats {
      guard let parts = DateFormat.parts(of: format) else {
        fault(
          "\"\(format)\" is not a date format",
          "write it with yyyy, MM, dd, HH, mm, ss, and other letters between ' '")
        continue
      }
      dateFormats.append(Span32(first: Int32(dateParts.count), count: Int32(parts.count)))
      dateParts += parts
    }
    let zone = zoneName.map { self.zone($0) } ?? -1
    let span = Span32(first: Int32(first), count: Int32(dateFormats.count - first))
    emit(.conversion(.date(from, formats: span, zone: zone, into: to, policy)), "date", [from], to)
  }

  private mutating func compileMap(
    _ pairs: [String: JSONValue], _ otherwise: MapOtherwise, _ from: Place, _ to: Place
  ) {
    let sorted = pairs.sorted { $0.key < $1.key }
    guard sorted.count <= Int(UInt16.max) else {
      fault(
        "the map is too large: \(CountText.of(sorted.count, "value"))",
        "look the values up in a table")
      return
    }
    // The values are in slots one behind the other, so constants are made before them.
    let constants = sorted.map { constant($0.value) }
    let values = Place(slots.count)
    for constant in constants { _ = slot(constant) }
    let table = wordTable(sorted.enumerated().map { ($1.key, $0) })
    switch otherwise {
    case .policy(let policy):
      emit(
        .conversion(.map(from, words: table, values: values, into: to, policy)), "map", [from], to)
    case .value(let value):
      let other = slot(constant(value))
      emit(
        .conversion(.mapOrElse(from, words: table, values: values, otherwise: other, into: to)),
        "map", [from], to)
    }
  }

  private mutating func compileRound(_ from: Place, _ to: Place) -> Place {
    guard let type = columnType else { return from }
    switch type.form {
    case .numeric where type.limit >= 0:
      emit(.rounding(.round(from, scale: type.scale, into: to)), "round", [from], to)
    case .int2, .int4, .int8, .oid:
      emit(.rounding(.round(from, scale: 0, into: to)), "round", [from], to)
    case .date: emit(.rounding(.roundToDay(from, into: to)), "round", [from], to)
    case .time, .timestamp, .timestamptz:
      guard type.limit >= 0 else { return from }
      emit(.rounding(.roundSeconds(from, places: type.limit, into: to)), "round", [from], to)
    case .numeric: return from
    default: fault("only numbers and times can be rounded", "remove the step")
    }
    return to
  }

  /// Reads a bound: a number, or a date.
  private mutating func bound(_ text: String) -> Slot {
    if let number = numeric(text) { return number }
    let slot = self.text(text)
    let moment = TimeReader.read(slot.start, slot.length)
    if moment.kind == .failed {
      fault("\(text) is neither a number nor a date", "correct the bound")
    }
    return moment
  }
}
