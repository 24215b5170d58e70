/// One step of a row's way: a column, what was done, and the value before and after.
package struct TraceStep: Sendable, Hashable {
  package let column: String
  /// What was done, in words of the plan.
  package let step: String
  /// The value or values that went in; nil represents null.
  package let before: [String?]
  /// The value that came out; nil for null, and if the step failed.
  package let after: String?
  /// Why the row could not continue from here.
  package let failure: Reason?
}

extension RowMachine {
  /// Runs one row and reports every step of every column; a failing step is the last.
  ///
  /// Nothing is counted and nothing written.
  ///
  /// - Parameter element: the number of the element that is at hand, -1 for the row itself.
  package func trace(_ row: UnsafeRawBufferPointer, element: Int = -1) -> [TraceStep] {
    engine.pointee.warnings.forgetRow()
    defer { engine.pointee.warnings.forgetRow() }
    if element < 0 {
      engine.pointee.arena.reset()
      guard engine.pointee.decode(row) else { return [damage] }
    }
    var steps: [TraceStep] = []
    for (index, column) in program.targetColumns.enumerated() {
      guard traceRules(index, column, &steps), traceConversion(index, column, &steps) else {
        return steps
      }
    }
    traceChecks(&steps)
    return steps
  }

  private var damage: TraceStep {
    TraceStep(column: "", step: "read", before: [], after: nil, failure: .corruptRow)
  }

  private func traceRules(_ index: Int, _ column: String, _ steps: inout [TraceStep]) -> Bool {
    let range = program.explanation.ranges[index]
    var counter = range.lowerBound
    while counter < range.upperBound {
      let note = program.explanation.steps[counter]
      let before = note.inputs.map { text($0) }
      let next = engine.pointee.runOps(from: counter, to: counter + 1)
      let isFlow = note.text.isEmpty
      if !isFlow || next < 0 {
        steps.append(
          TraceStep(
            column: column, step: note.text, before: before,
            after: next < 0 ? nil : note.output.flatMap { text($0) },
            failure: next < 0 ? engine.pointee.rejectReason : nil))
      }
      guard next >= 0 else { return false }
      counter = next
    }
    return true
  }

  private func traceConversion(
    _ index: Int, _ column: String, _ steps: inout [TraceStep]
  ) -> Bool {
    let place = program.memory.columns[index].place
    let isGood = engine.pointee.convert(index)
    steps.append(
      TraceStep(
        column: column, step: "as " + program.explanation.types[index], before: [text(place)],
        after: isGood ? TextForm.string(engine.pointee.targets[index]) : nil,
        failure: isGood ? nil : engine.pointee.rejectReason))
    return isGood
  }

  private func traceChecks(_ steps: inout [TraceStep]) {
    for (index, check) in program.memory.checks.enumerated() {
      let column = Int(check.left)
      let before = TextForm.string(engine.pointee.targets[column])
      let isGood = engine.pointee.check(index)
      steps.append(
        TraceStep(
          column: program.targetColumns[column], step: "check " + program.checkNames[index],
          before: [before],
          after: isGood ? TextForm.string(engine.pointee.targets[column]) : nil,
          failure: isGood ? nil : .checkFailed))
      if !isGood { return }
    }
  }

  private func text(_ place: Place) -> String? {
    TextForm.string(engine.pointee.slots[Int(place)])
  }
}
