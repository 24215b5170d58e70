import CProcess
import Glibc

/// A program with all that it is given.
package struct ProgramCall: Sendable {
  package var path: String
  package var arguments: [String]
  /// All of it; passwords belong here, for arguments can be seen by everybody.
  package var environment: [String: String]
  package var folder: String?
  /// Whom it runs as; nil for the user of this process.
  package var account: SystemAccount?

  package init(
    path: String, arguments: [String], environment: [String: String], folder: String? = nil,
    account: SystemAccount? = nil
  ) {
    self.path = path
    self.arguments = arguments
    self.environment = environment
    self.folder = folder
    self.account = account
  }

}

/// A user of this machine.
package struct SystemAccount: Sendable, Hashable {
  package let user: uid_t
  package let group: gid_t

  package init(user: uid_t, group: gid_t) {
    self.user = user
    self.group = group
  }

}

/// A program that runs next to this one in a process group of its own, and ends with it: however this
/// process ends, the system sends the program a signal.
package final class ChildProgram {
  package let pid: pid_t
  private var ending: Int32?

  /// Starts a program.
  ///
  /// - Parameter deathSignal: what it gets when the calling thread ends.
  package init(
    _ call: ProgramCall, input: Int32, output: Int32, errors: Int32, deathSignal: Int32 = SIGKILL
  ) throws(Subprocess.Failure) {
    var words = ([call.path] + call.arguments).map { strdup($0) } + [nil]
    var variables = call.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    let path = strdup(call.path)
    let folder = call.folder.flatMap { strdup($0) }
    defer {
      for text in words + variables + [path, folder] { free(text) }
    }
    var child: pid_t = 0
    let code = words.withUnsafeMutableBufferPointer { words in
      variables.withUnsafeMutableBufferPointer { variables in
        var start = process_request()
        start.path = UnsafePointer(path)
        start.arguments = UnsafePointer(words.baseAddress)
        start.environment = UnsafePointer(variables.baseAddress)
        start.folder = UnsafePointer(folder)
        (start.input, start.output, start.errors) = (input, output, errors)
        (start.user, start.group) = (call.account?.user ?? 0, call.account?.group ?? 0)
        start.death_signal = deathSignal
        return process_start(&start, &child)
      }
    }
    guard code == 0 else {
      throw Subprocess.Failure(reason: "could not start \(call.path): \(errorText(code))")
    }
    pid = child
  }

  deinit { stop(grace: .zero) }

  /// Returns the exit code, 128 and the signal's number if a signal ended it; nil while it runs.
  package func exitCode() -> Int32? {
    if let ending { return ending }
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
    let signal = status & 0x7F
    ending = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    return ending
  }

  /// Waits for the end, for so long.
  package func wait(_ time: Duration) -> Int32? {
    let deadline = ContinuousClock.now + time
    while true {
      if let code = exitCode() { return code }
      guard ContinuousClock.now < deadline else { return nil }
      WorkerThread.sleep(.milliseconds(5))
    }
  }

  /// Asks the program and what it started to end, and after a while makes them.
  package func stop(_ signal: Int32 = SIGTERM, grace: Duration) {
    guard exitCode() == nil else { return }
    if grace > .zero {
      kill(-pid, signal)
      if wait(grace) != nil { return }
    }
    kill(-pid, SIGKILL)
    _ = wait(.seconds(30))
  }
}
