import Glibc
import MigrationLedger
import MigrationRows
import Postgres

/// Where the work for rows goes: the stages of one row of each 128 are timed.
///
/// The clock is that of the thread, so that other programs' time is not counted. It is read five times for
/// such a row, which is less than a hundredth of the work for 128; what reading it takes is taken off.
package struct StageSample {
  package enum Stage { case decode, rules, encode }

  private var rows = 0
  private var sampled = 0
  private var nanoseconds = (decode: 0, rules: 0, encode: 0)
  private var mark = 0
  private var clockTime = 0

  /// Counts a row; returns whether its stages are to be timed. An element of an array is decoded
  /// with its document, so that it has not all of them.
  @inline(__always)
  mutating func takesNext(_ element: Int) -> Bool {
    rows &+= 1
    return rows & 127 == 64 && element < 0
  }

  package mutating func begin() {
    sampled += 1
    let before = Self.now()
    mark = Self.now()
    clockTime = mark - before
  }

  package mutating func ended(_ stage: Stage) {
    let now = Self.now()
    let time = max(0, now - mark - clockTime)
    switch stage {
    case .decode: nanoseconds.decode += time
    case .rules: nanoseconds.rules += time
    case .encode: nanoseconds.encode += time
    }
    mark = now
  }

  private static func now() -> Int { PhaseClock.nanoseconds(CLOCK_THREAD_CPUTIME_ID) }

  /// Enters what all rows took, by what the sampled ones did.
  package func enter(into phases: inout PhaseTimes, rows: Int) {
    guard sampled > 0 else { return }
    let microseconds = { $0 * rows / sampled / 1000 }
    phases.decode = microseconds(nanoseconds.decode)
    phases.rules = microseconds(nanoseconds.rules)
    phases.encode = microseconds(nanoseconds.encode)
  }
}

extension RowMachine {
  /// Takes a source row through the stages as `run` does, and times them.
  @inline(never)
  package func run(
    _ row: UnsafeRawBufferPointer, into buffer: CopyBuffer, _ stages: inout StageSample
  ) -> Verdict {
    stages.begin()
    engine.pointee.arena.reset()
    guard engine.pointee.decode(row) else { return .rejected }
    stages.ended(.decode)
    guard engine.pointee.applyRules() else { return .rejected }
    stages.ended(.rules)
    guard engine.pointee.write() else { return .rejected }
    engine.pointee.warnings.keepRow()
    send(to: buffer)
    return .row
  }
}
