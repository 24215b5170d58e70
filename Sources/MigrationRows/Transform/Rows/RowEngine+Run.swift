import MigrationPlan

extension RowEngine {
  /// Runs instructions up to an end; returns where it came out, or -1 when the row is rejected.
  @inline(__always)
  mutating func runOps(from first: Int, to end: Int) -> Int {
    var counter = first
    while counter < end {
      switch memory.ops[counter] {
      case .jump(let target):
        counter = Int(target)
        continue
      case .jumpIfNotNull(let place, let target):
        if !slots[Int(place)].isNull {
          counter = Int(target)
          continue
        }
      case .jumpIfFalse(let place, let target):
        if !slots[Int(place)].isTrue {
          counter = Int(target)
          continue
        }
      case .copy(let from, let to): slots[Int(to)] = slots[Int(from)]
      case .coalesce(let first, let second, let to):
        let slot = slots[Int(first)]
        slots[Int(to)] = slot.isNull ? slots[Int(second)] : slot
      case .build(let span, let isCanonical, let to):
        let json = build(span, isCanonical: isCanonical)
        slots[Int(to)] = json
        if json.kind == .failed { return fail(counter, json.reason, rejectValue) }
      case .required(let place):
        if slots[Int(place)].isNull { return fail(counter, .missing, .null) }
      case .condition(let op): runCondition(op)
      case .text(let op): runText(op, counter)
      case .value(let op): if !runValue(op, counter) { return -1 }
      case .textCheck(let op): if !runTextCheck(op, counter) { return -1 }
      case .conversion(let op): if !runConversion(op, counter) { return -1 }
      case .check(let op): if !runCheck(op, counter) { return -1 }
      case .rounding(let op): if !runRounding(op, counter) { return -1 }
      }
      counter &+= 1
    }
    return counter
  }

  /// Notes that the instruction's column can't get a value.
  @inline(never)
  package mutating func fail(_ counter: Int, _ reason: Reason, _ value: Slot) -> Int {
    _ = reject(reason, column: memory.opColumns[counter], value: value)
    return -1
  }

  /// Puts a result in its slot, or settles a failure as the plan says.
  @inline(__always)
  package mutating func settle(
    _ result: Slot, of value: Slot, into place: Place, _ policy: FailurePolicy, _ counter: Int
  ) -> Bool {
    guard result.kind == .failed else {
      slots[Int(place)] = result
      return true
    }
    return settleFailure(result.reason, of: value, into: place, policy, counter)
  }

  @inline(never)
  mutating func settleFailure(
    _ reason: Reason, of value: Slot, into place: Place, _ policy: FailurePolicy, _ counter: Int
  ) -> Bool {
    switch policy {
    case .quarantine: return fail(counter, reason, value) >= 0
    case .null: slots[Int(place)] = .null
    case .keep: slots[Int(place)] = value
    }
    warnings.add(column: memory.opColumns[counter], reason)
    return true
  }

  /// Puts constant and changing pieces of a JSON text together.
  ///
  /// - Parameter isCanonical: whether the constant pieces are in the server's spelling.
  @inline(__always)
  package mutating func build(_ span: Span32, isCanonical: Bool) -> Slot {
    var isCanonical = isCanonical
    let (first, end) = (Int(span.first), Int(span.first &+ span.count))
    var bound = 0
    var index = first
    while index < end {
      let piece = memory.pieces[index]
      bound &+=
        piece.place < 0
        ? Int(piece.count) : JSONValueText.bound(slots[Int(piece.place)])
      index &+= 1
    }
    let place = arena.reserve(bound &+ 8)
    var count = 0
    index = first
    while index < end {
      let piece = memory.pieces[index]
      if let literal = piece.literal {
        (place + count).copyMemory(from: literal, byteCount: Int(piece.count))
        count &+= Int(piece.count)
      } else {
        let value = slots[Int(piece.place)]
        isCanonical = isCanonical && JSONValueText.isCanonical(value)
        let (written, problem) = JSONValueText.write(value, to: place + count)
        if let problem {
          rejectValue = value
          return .failed(problem)
        }
        count &+= written
      }
      index &+= 1
    }
    // PostgreSQL holds no field of a gibibyte or more.
    guard count < 1 << 30 else { return .failed(.tooLong) }
    arena.take(count)
    let text = UnsafeRawPointer(place)
    return isCanonical ? .canonicalJSON(text, count) : Slot(.jsonb, text, count)
  }

  /// Checks the finished row's columns against each other.
  @inline(__always)
  package mutating func check() -> Bool {
    var index = 0
    while index < memory.checks.count {
      if !check(index) { return false }
      index &+= 1
    }
    return true
  }

  @inline(never)
  package mutating func check(_ index: Int) -> Bool {
    let check = memory.checks[index]
    let left = targets[Int(check.left)]
    let right = check.right >= 0 ? targets[Int(check.right)] : slots[Int(check.constant)]
    // Null passes, as in SQL's CHECK.
    guard !left.isNull, !right.isNull else { return true }
    if let order = SlotOrder.compare(left, right, converter, in: &arena),
      check.comparison.holds(order)
    {
      return true
    }
    switch check.policy {
    case .quarantine: break
    case .keep:
      warnings.add(column: check.left, .checkFailed)
      return true
    case .null where !memory.columns[Int(check.left)].isNotNull:
      targets[Int(check.left)] = .null
      warnings.add(column: check.left, .checkFailed)
      return true
    case .null: break
    }
    _ = reject(.checkFailed, column: check.left, value: left)
    rejectCheck = Int32(truncatingIfNeeded: index)
    return false
  }
}

extension RowCheck.Comparison {
  /// Whether two values that are in this order to each other meet the condition.
  package func holds(_ order: Int) -> Bool {
    switch self {
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    case .equal: order == 0
    case .notEqual: order != 0
    }
  }
}
