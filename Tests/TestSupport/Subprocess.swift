import Foundation
import Glibc

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
/// It needs no other thread: the output goes to files, because tests run on a pool of as many
/// threads as there are processors, all of which may be waiting here.
///
/// - Parameter environment: the whole environment of the program; nil gives it this process's.
public func run(
  _ executable: String, _ arguments: [String] = [], environment: [String: String]? = nil,
  input: String? = nil, in folder: String? = nil, timeout: Duration = .seconds(300)
) throws -> Finished {
  let scratch = try TemporaryFolder()
  let files = (
    input: scratch.path + "/input", output: scratch.path + "/output",
    errors: scratch.path + "/errors"
  )
  try (input ?? "").write(toFile: files.input, atomically: false, encoding: .utf8)
  let words = folder.map { ["/usr/bin/env", "-C", $0, executable] } ?? [executable]
  let pid = try spawn(
    words + arguments, environment ?? ProcessInfo.processInfo.environment, input: files.input,
    output: files.output, errors: files.errors)
  let exitCode = waitForEnd(of: pid, until: .now + timeout)
  return Finished(
    exitCode: exitCode, output: try text(of: files.output), errors: try text(of: files.errors))
}

/// Starts a program in the background; its output goes to files.
public func spawn(
  _ words: [String], _ environment: [String: String], input: String = "/dev/null", output: String,
  errors: String
) throws -> pid_t {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  let create = O_WRONLY | O_CREAT | O_TRUNC
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, create, 0o600)
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, create, 0o600)
  var arguments = words.map { strdup($0) } + [nil]
  var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer {
    for argument in arguments { free(argument) }
    for variable in variables { free(variable) }
  }
  var pid: pid_t = 0
  let code = posix_spawn(&pid, words[0], &actions, nil, &arguments, &variables)
  guard code == 0 else {
    throw SubprocessFailure(description: "\(words[0]) can't be started: error \(code)")
  }
  return pid
}

/// Waits for a program that `spawn` started and returns its exit code, 128 and the signal's number
/// if a signal ended it; kills it when the time is up.
public func waitForEnd(of pid: pid_t, until deadline: ContinuousClock.Instant) -> Int32 {
  var status: Int32 = 0
  while true {
    let ended = waitpid(pid, &status, WNOHANG)
    if ended == pid { break }
    if ended < 0, errno != EINTR { return -1 }
    if ContinuousClock.now > deadline { kill(pid, SIGKILL) }
    usleep(500)
  }
  let signal = status & 0x7F
  return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
}

/// Whether a program that `spawn` started is still at work.
public func isAtWork(_ pid: pid_t) -> Bool {
  guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else {
    return false
  }
  // Behind the name in parentheses: Z is a program that has ended and was not waited for yet.
  return status.split(separator: ")").last?.split(separator: " ").first != "Z"
}

/// Waits for a program that `spawn` started and returns how much processor time it took.
public func processorTime(ofEnded pid: pid_t) -> Duration {
  var status: Int32 = 0
  var usage = rusage()
  while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
  let times = [usage.ru_utime, usage.ru_stime]
  return times.reduce(.zero) { $0 + .seconds($1.tv_sec) + .microseconds($1.tv_usec) }
}

private func text(of file: String) throws -> String {
  String(decoding: try Data(contentsOf: URL(fileURLWithPath: file)), as: UTF8.self)
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
