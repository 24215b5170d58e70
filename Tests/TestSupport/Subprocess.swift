import Foundation
import Synchronization

/// What a finished program left behind.
public struct Finished: Sendable {
  public let exitCode: Int32
  public let output: String
  public let errors: String

  public init(exitCode: Int32, output: String, errors: String) {
    (self.exitCode, self.output, self.errors) = (exitCode, output, errors)
  }
}

public struct SubprocessFailure: Error, CustomStringConvertible {
  public let description: String
  public init(description: String) { self.description = description }
}

/// Runs a program to its end and returns what it printed; kills it when the time is up.
///
/// - Parameter environment: the whole environment of the program; nil gives it this process's.
public func run(
  _ executable: String, _ arguments: [String] = [], environment: [String: String]? = nil,
  input: String? = nil, in folder: String? = nil, timeout: Duration = .seconds(120)
) throws -> Finished {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: executable)
  process.arguments = arguments
  if let environment { process.environment = environment }
  if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
  let output = Pipe()
  let errors = Pipe()
  let stdin = Pipe()
  process.standardOutput = output
  process.standardError = errors
  process.standardInput = input == nil ? FileHandle.nullDevice : stdin
  try process.run()
  let watchdog = DispatchWorkItem {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }
  DispatchQueue.global().asyncAfter(
    deadline: .now() + Double(timeout.components.seconds), execute: watchdog)
  if let input {
    stdin.fileHandleForWriting.write(Data(input.utf8))
    try stdin.fileHandleForWriting.close()
  }
  let errorText = Mutex("")
  let errorReader = DispatchWorkItem {
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    errorText.withLock { $0 = text }
  }
  DispatchQueue.global().async(execute: errorReader)
  let outputText = String(
    decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  errorReader.wait()
  process.waitUntilExit()
  watchdog.cancel()
  return Finished(
    exitCode: process.terminationStatus, output: outputText, errors: errorText.withLock { $0 })
}

/// Runs a program that must succeed.
@discardableResult
public func mustRun(
  _ executable: String, _ arguments: [String] = [], environment: [String: String]? = nil,
  input: String? = nil
) throws -> String {
  let finished = try run(executable, arguments, environment: environment, input: input)
  guard finished.exitCode == 0 else {
    throw SubprocessFailure(
      description: "\(executable) \(arguments) ended with \(finished.exitCode): \(finished.errors)")
  }
  return finished.output
}
