import Glibc

/// What a finished program left behind.
package struct SubprocessResult {
  package let exitCode: Int32
  package let output: String
}

/// Runs a small program to its end and returns what it wrote to stdout.
///
/// For short answers such as `pg_dump --version`: the output is bounded, and a program that takes
/// longer than the limit is killed.
package enum Subprocess {
  package struct Failure: Error {
    package let reason: String

    package init(reason: String) {
      self.reason = reason
    }
  }

  private static let outputLimit = 64 * 1024

  package static func run(
    _ executable: String, _ arguments: [String], environment: [String: String], limit: Duration
  ) throws(Failure) -> SubprocessResult {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(reason: errorText(errno)) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let pid = try spawn(executable, arguments, environment, output: ends[1])
    close(ends[1])
    let output = read(ends[0], until: ContinuousClock.now + limit)
    if output == nil { kill(pid, SIGKILL) }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    guard let output else { throw Failure(reason: "no answer within \(limit)") }
    let ended = status & 0x7F
    return SubprocessResult(
      exitCode: ended == 0 ? (status >> 8) & 0xFF : 128 + ended,
      output: String(decoding: output, as: UTF8.self))
  }

  private static func spawn(
    _ executable: String, _ arguments: [String], _ environment: [String: String], output: Int32
  ) throws(Failure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var words = ([executable] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer {
      for word in words { free(word) }
      for variable in variables { free(variable) }
    }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, executable, &actions, nil, &words, &variables)
    guard code == 0 else { throw Failure(reason: errorText(code)) }
    return pid
  }

  /// Reads to the end; nil if the time was up before.
  private static func read(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> [UInt8]?
  {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < outputLimit {
      let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
      guard left > 0 else { return nil }
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, Int32(left.rounded(.up))) > 0 else { continue }
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count > 0 { bytes += buffer[..<count] }
    }
    return bytes
  }
}

/// The system's text for an errno.
package func errorText(_ code: Int32) -> String {
  strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
