import Glibc

/// Runs a program to its end, feeds it and takes what it writes, while someone watches.
package struct ProgramRun {
  /// How a program ended.
  package struct Ending: Sendable {
    /// 128 and the signal's number if a signal ended it.
    package let exitCode: Int32
    /// The last of what it wrote to stderr.
    package let errors: String

    /// Its last word on what went wrong, on one line.
    package var reason: String {
      let lines = errors.split(separator: "\n").map { String($0).trimmed }.filter { !$0.isEmpty }
      let told = lines.filter { $0.contains("error:") || $0.contains("ERROR:") }
      let last = (told.isEmpty ? lines.suffix(3) : told.suffix(3)).joined(separator: "; ")
      if exitCode > 128 {
        return last + (last.isEmpty ? "" : "; ") + "ended by signal \(exitCode - 128)"
      }
      return last.isEmpty ? "exit code \(exitCode)" : last
    }
  }

  /// Gives the next bytes of the program's input; nil at the end.
  package var input: (() throws -> [UInt8]?)?
  /// Takes what the program writes to stdout.
  package var output: ((UnsafeRawBufferPointer) throws -> Void)?
  /// Called several times a second; ends the program by throwing.
  package var watch: () throws -> Void = {}

  private static let errorLimit = 16 * 1024

  package init(watch: @escaping () throws -> Void = {}) { self.watch = watch }

  package func run(_ call: ProgramCall) throws -> Ending {
    let pipes = try Pipes(wantsInput: input != nil, wantsOutput: output != nil)
    let child = try ChildProgram(
      call, input: pipes.childInput, output: pipes.childOutput, errors: pipes.childErrors)
    pipes.closeChildEnds()
    do {
      let errors = try follow(child, pipes)
      while true {
        if let code = child.wait(.milliseconds(200)) {
          return Ending(exitCode: code, errors: String(decoding: errors, as: UTF8.self))
        }
        try watch()
      }
    } catch {
      child.stop(grace: .seconds(5))
      throw error
    }
  }

  /// Feeds and reads until the program has closed its outputs; returns the last of its errors.
  private func follow(_ child: ChildProgram, _ pipes: Pipes) throws -> [UInt8] {
    var errors: [UInt8] = []
    var waiting: ArraySlice<UInt8> = []
    var nextLook = ContinuousClock.now
    while pipes.isReading {
      if ContinuousClock.now >= nextLook {
        try watch()
        nextLook = .now + .milliseconds(200)
      }
      if waiting.isEmpty, pipes.isWriting {
        guard let bytes = try input?() else {
          pipes.closeInput()
          continue
        }
        waiting = bytes[...]
      }
      let ready = pipes.wait(.milliseconds(200), writing: !waiting.isEmpty)
      if ready.input { waiting = pipes.write(waiting) }
      if ready.output { try pipes.readOutput { try output?($0) } }
      if ready.errors {
        pipes.readErrors { errors += $0 }
        errors = errors.suffix(Self.errorLimit)
      }
      // What it started may hold its outputs open after its end.
      if !ready.output, !ready.errors, child.exitCode() != nil { break }
    }
    return errors
  }
}
