import MigrationBasics
import MigrationPlan

extension RowCompiler {
  /// Compiles a rule and returns the slot that will hold its value.
  mutating func compile(_ rule: Rule) -> Place {
    switch rule {
    case .source(let names): return compileSource(names)
    case .constant(let value): return slot(constant(value))
    case .runTime: return slot(runTime)
    case .element: return compileElement()
    case .object, .array: return compileJSON(rule)
    case .concatenation(let rules, let separator): return concatenate(rules, separator)
    case .part(let rule, let path): return compilePart(rule, path)
    case .identity(let entity, let rule): return compileIdentity(entity, rule)
    case .reference(let reference): return compile(reference)
    case .conditional(let condition, let then, let otherwise):
      return compileBranches(condition, then, otherwise)
    case .step(let rule, let step):
      let place = compile(rule)
      if case .otherwise = step { watch(place, rule, .beforeDefault(keys)) }
      return compile(step, on: place)
    }
  }

  private var runTime: Slot {
    // 10957 days lie between 1970 and 2000.
    Slot(.timestamptz, context.runTime.microseconds - 10_957 * TimeLimits.microsecondsPerDay)
  }

  private mutating func compileSource(_ names: [String]) -> Place {
    var place: Place?
    for name in names {
      guard sourcePlaces[name] != nil else {
        fault(
          "\(feed.from) has no column \(name)"
            + suggestion(for: name, in: sourceColumns), "correct the name")
        continue
      }
      place = place.map { firstOf($0, name) } ?? sourcePlace(name)
    }
    return place ?? slot()
  }

  /// The first of two values that is not null.
  private mutating func firstOf(_ first: Place, _ name: String) -> Place {
    let result = slot()
    guard isPath(name) else {
      let next = sourcePlace(name)
      emit(.coalesce(first, next, into: result), "first of", [first, next], result)
      return result
    }
    // A path may reject the row, and is not followed if it does not count.
    emit(.copy(first, into: result), "first of", [first], result)
    let toEnd = emitJump(.jumpIfNotNull(result, to: 0))
    let next = sourcePlace(name)
    emit(.copy(next, into: result), "first of", [next], result)
    land(toEnd)
    return result
  }

  /// Whether a name may represent a path in a document.
  func isPath(_ name: String) -> Bool {
    source == nil && DottedName.path(name) != nil
  }

  /// The slot of a source column; of a document's field, a name with dots may represent a path.
  private mutating func sourcePlace(_ name: String) -> Place {
    let place = sourcePlaces[name] ?? slot()
    guard isPath(name), let path = DottedName.path(name), let root = sourcePlaces[path[0]] else {
      return place
    }
    let result = slot()
    let span = self.path(Array(path.dropFirst()))
    emit(
      .value(.field(place, root: root, path: span, into: result)), "field \(name)", [root], result)
    return result
  }

  /// Makes a slot of a constant of the plan.
  mutating func constant(_ value: JSONValue) -> Slot {
    switch value {
    case .null: return .null
    case .bool(let bool): return .bool(bool)
    case .int(let int): return .int(Int64(int))
    case .text(let text): return self.text(text)
    case .double(let double): return numeric(double.description) ?? .double(double)
    case .numeral(let text): return numeric(text) ?? self.text(text)
    case .array, .object:
      let compact = Array(value.compact.utf8)
      if let problem = JSONScan.problem(owner.keep(bytes: compact), compact.count) {
        fault("the constant cannot be stored: \(problem.name)", problem.hint)
      }
      let json = columnType?.form == .jsonb ? Array(JSONCanonical.text(of: value).utf8) : compact
      let start = owner.keep(bytes: json)
      return columnType?.form == .jsonb
        ? .canonicalJSON(start, json.count) : Slot(.jsonb, start, json.count)
    }
  }

  /// Makes a numeric of text that lasts as long as the program; nil if it is no number.
  func numeric(_ text: String) -> Slot? {
    var arena = Arena(capacity: 1024)
    defer { arena.free() }
    let text = self.text(text)
    let number = NumericMaker.make(text.start, text.length, in: &arena)
    guard number.kind == .numeric else { return nil }
    let bytes = Array(UnsafeRawBufferPointer(start: number.start, count: number.length))
    return Slot(.numeric, owner.keep(bytes: bytes), bytes.count)
  }

  private mutating func concatenate(_ rules: [Rule], _ separator: String) -> Place {
    var parts: [Place] = []
    for (number, rule) in rules.enumerated() {
      parts.append(compile(rule))
      watch(parts[number], rule, .joined(keys, number))
    }
    let result = slot()
    let space = slot(text(separator))
    emit(.value(.concatenate(list(parts), separator: space, into: result)), "joined", parts, result)
    return result
  }

  private mutating func compilePart(_ rule: Rule, _ path: [String]) -> Place {
    let from = compile(rule)
    let result = slot()
    let span = self.path(path)
    let name = "part " + path.joined(separator: ".")
    emit(.value(.part(from, path: span, into: result)), name, [from], result)
    return result
  }

  /// Adds the keys of a path.
  mutating func path(_ keys: [String]) -> Span32 {
    defer { paths += keys.map { text($0) } }
    return Span32(first: Int32(paths.count), count: Int32(keys.count))
  }

  private mutating func compileIdentity(_ entity: String, _ rule: Rule) -> Place {
    let from = compile(rule)
    let result = slot()
    let namespace = slot(Slot(.uuid, owner.keep(bytes: EntityIdentity.namespace(of: entity)), 16))
    emit(
      .value(.identity(from, namespace: namespace, into: result)), "id of \(entity)", [from], result
    )
    return result
  }

  private mutating func compileBranches(
    _ condition: RuleCondition, _ then: Rule, _ otherwise: Rule
  ) -> Place {
    let result = slot()
    let answer = compile(condition)
    let toOtherwise = emitJump(.jumpIfFalse(answer, to: 0))
    let first = compile(then)
    emit(.copy(first, into: result), "then", [first], result)
    let toEnd = emitJump(.jump(to: 0))
    land(toOtherwise)
    let second = compile(otherwise)
    emit(.copy(second, into: result), "else", [second], result)
    land(toEnd)
    return result
  }

  private mutating func compile(_ condition: RuleCondition) -> Place {
    switch condition {
    case .isNull(let rule):
      let (from, result) = (compile(rule), slot())
      emit(.condition(.isNull(from, into: result)), "is null", [from], result)
      return result
    case .equals(let rule, let values):
      let (from, result) = (compile(rule), slot())
      let others = values.map { slot(constant($0)) }
      emit(.condition(.equalsAny(from, list(others), into: result)), "is one of", [from], result)
      return result
    case .matches(let rule, let prefix):
      let (from, result) = (compile(rule), slot())
      let start = slot(text(prefix))
      emit(.condition(.hasPrefix(from, prefix: start, into: result)), "begins with", [from], result)
      return result
    case .atMost(let rule, let bound):
      let (from, limit, result) = (compile(rule), compile(bound), slot())
      emit(.condition(.atMost(from, limit, into: result)), "is at most", [from, limit], result)
      return result
    case .not(let condition):
      let (from, result) = (compile(condition), slot())
      emit(.condition(.not(from, into: result)), "not", [from], result)
      return result
    case .all(let conditions):
      let (parts, result) = (conditions.map { compile($0) }, slot())
      emit(.condition(.all(list(parts), into: result)), "all of", parts, result)
      return result
    case .any(let conditions):
      let (parts, result) = (conditions.map { compile($0) }, slot())
      emit(.condition(.any(list(parts), into: result)), "any of", parts, result)
      return result
    }
  }
}
