import MigrationBasics
import MigrationPlan

/// Which steps take which sorts of values, and what they yield.
extension RuleTyping {
  mutating func stepped(_ value: RuleYield, _ step: RuleStep) -> RuleYield {
    switch step {
    case .trim: return textStep(value, "trim")
    case .collapseBlanks: return textStep(value, "collapseBlanks")
    case .lowercase: return textStep(value, "lowercase")
    case .uppercase: return textStep(value, "uppercase")
    case .nul: return textStep(value, "nul")
    case .truncate: return textStep(value, "truncate")
    case .hash: return textStep(value, "hash")
    case .mask: return textStep(value, "mask")
    case .emptyToNull: return textStep(value, "emptyToNull", canYieldNull: true)
    case .phone(let failure): return textStep(value, "phone", failure)
    case .email(let failure): return textStep(value, "email", failure)
    case .oneOf(_, let failure): return textStep(value, "oneOf", failure)
    case .currencyCode(let failure): return textStep(value, "currency", failure)
    case .boolean(_, _, let failure): return boolean(value, failure)
    case .number(_, _, let failure): return number(value, failure)
    case .date(let formats, _, let failure): return date(value, formats, failure)
    case .map(let pairs, let otherwise): return map(value, pairs, otherwise)
    case .round: return numeric(value, "round", .quarantine)
    case .minimum(_, let failure): return numeric(value, "min", failure)
    case .maximum(_, let failure): return numeric(value, "max", failure)
    case .required: return RuleYield(sorts: value.sorts, constants: value.constants)
    case .otherwise(let rule): return otherwise(value, rule)
    }
  }

  private mutating func textStep(
    _ value: RuleYield, _ name: String, _ failure: FailurePolicy = .quarantine,
    canYieldNull: Bool = false
  ) -> RuleYield {
    for sort in value.sorts where ![.text, .dynamic, .kept].contains(sort) {
      fault(
        "\(name) works on text, and the value is \(sort.words)",
        "remove the step, or convert the value to text first: from: { concat: [ … ] }")
    }
    var result = value
    result.isNullable = value.isNullable || canYieldNull || failure == .null
    return result
  }

  private mutating func boolean(_ value: RuleYield, _ failure: FailurePolicy) -> RuleYield {
    for sort in value.sorts where ![.text, .integer, .boolean, .dynamic].contains(sort) {
      fault("boolean cannot read \(sort.words)", "remove the step")
    }
    return converted(value, to: [.boolean], failure)
  }

  private mutating func number(_ value: RuleYield, _ failure: FailurePolicy) -> RuleYield {
    for sort in value.sorts where ![.text, .dynamic].contains(sort) && !sort.isNumber {
      fault("number cannot read \(sort.words)", "remove the step")
    }
    let sorts = Set(value.sorts.map { $0.isNumber ? $0 : .decimal })
    return converted(value, to: sorts, failure)
  }

  private mutating func date(
    _ value: RuleYield, _ formats: [String], _ failure: FailurePolicy
  ) -> RuleYield {
    let dates: Set<ValueSort> = [.date, .timestamp, .timestamptz]
    for sort in value.sorts where ![.text, .dynamic].contains(sort) && !dates.contains(sort) {
      fault("date cannot read \(sort.words)", "remove the step")
    }
    let read = Set(formats.map(DateFormatCheck.sort))
    let sorts = value.sorts.reduce(into: Set<ValueSort>()) { result, sort in
      result.formUnion(dates.contains(sort) ? [sort] : read)
    }
    return converted(value, to: sorts, failure)
  }

  private func converted(
    _ value: RuleYield, to sorts: Set<ValueSort>, _ failure: FailurePolicy
  ) -> RuleYield {
    let mayFail = value.sorts.contains(.text) || value.sorts.contains(.dynamic)
    return RuleYield(
      sorts: failure == .keep && mayFail ? sorts.union([.kept]) : sorts, constants: value.constants,
      isNullable: value.isNullable || (failure == .null && mayFail))
  }

  private mutating func numeric(
    _ value: RuleYield, _ name: String, _ failure: FailurePolicy
  ) -> RuleYield {
    let times: Set<ValueSort> = [.date, .time, .timestamp, .timestamptz]
    for sort in value.sorts where sort != .dynamic && !sort.isNumber && !times.contains(sort) {
      fault(
        "\(name) works on numbers and times, and the value is \(sort.words)",
        sort == .text ? "add number: true" : "remove the step")
    }
    var result = value
    result.isNullable = value.isNullable || failure == .null
    return result
  }

  private mutating func map(
    _ value: RuleYield, _ pairs: [String: JSONValue], _ otherwise: MapOtherwise
  ) -> RuleYield {
    for sort in value.sorts where ![.text, .integer, .boolean, .dynamic].contains(sort) {
      fault(
        "map compares texts, whole numbers or true and false, not \(sort.words)",
        "remove the step")
    }
    var result = RuleYield(isNullable: value.isNullable || pairs.values.contains(.null))
    result.constants = pairs.sorted { $0.key < $1.key }.map(\.value)
    switch otherwise {
    case .value(let other):
      result.constants.append(other)
      result.isNullable = result.isNullable || other == .null
    case .policy(.keep): result.sorts = value.sorts
    case .policy(.null): result.isNullable = true
    case .policy(.quarantine): break
    }
    return result
  }

  private mutating func otherwise(_ value: RuleYield, _ rule: Rule) -> RuleYield {
    let other = yield(rule)
    var result = value.union(other)
    result.isNullable = value.isNullable && other.isNullable
    return result
  }
}

extension DateFormatCheck {
  /// What a format reads: a date, a time of day, a time without or with a zone.
  package static func sort(_ format: String) -> ValueSort {
    let letters = Set(letterRuns(format)?.compactMap(\.first) ?? [])
    if !letters.contains("y") { return .time }
    if letters.contains("X") || letters.contains("Z") { return .timestamptz }
    return letters.contains("H") || letters.contains("h") ? .timestamp : .date
  }
}
