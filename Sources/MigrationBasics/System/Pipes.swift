import Glibc

/// The pipes between this process and a program that it has started.
final class Pipes {
  /// What can be written or read now.
  struct Ready {
    let input: Bool
    let output: Bool
    let errors: Bool
  }

  private(set) var childInput: Int32 = -1
  private(set) var childOutput: Int32 = -1
  private(set) var childErrors: Int32 = -1
  private var input: Int32 = -1
  private var output: Int32 = -1
  private var errors: Int32 = -1
  private var buffer = [UInt8](repeating: 0, count: 256 * 1024)

  init(wantsInput: Bool, wantsOutput: Bool) throws(Subprocess.Failure) {
    (errors, childErrors) = try Self.pipe()
    if wantsOutput {
      (output, childOutput) = try Self.pipe()
    } else {
      childOutput = Self.nothing(O_WRONLY)
    }
    if wantsInput {
      (childInput, input) = try Self.pipe()
    } else {
      childInput = Self.nothing(O_RDONLY)
    }
    // A program that does not read must not stop this one.
    if input >= 0 { _ = fcntl(input, F_SETFL, O_NONBLOCK) }
  }

  deinit {
    closeChildEnds()
    for end in [input, output, errors] where end >= 0 { close(end) }
  }

  var isReading: Bool { output >= 0 || errors >= 0 }
  var isWriting: Bool { input >= 0 }

  func closeChildEnds() {
    for end in [childInput, childOutput, childErrors] where end >= 0 { close(end) }
    (childInput, childOutput, childErrors) = (-1, -1, -1)
  }

  func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  func wait(_ time: Duration, writing: Bool) -> Ready {
    var ends = [
      pollfd(fd: writing ? input : -1, events: Int16(POLLOUT), revents: 0),
      pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&ends, 3, Int32(time / .milliseconds(1))) > 0 else {
      return Ready(input: false, output: false, errors: false)
    }
    return Ready(
      input: ends[0].revents != 0, output: ends[1].revents != 0, errors: ends[2].revents != 0)
  }

  /// Writes what the program takes now, and returns the rest; one that reads no more gets no more.
  func write(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let count = bytes.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
    if count >= 0 { return bytes.dropFirst(count) }
    if errno == EAGAIN || errno == EINTR { return bytes }
    closeInput()
    return []
  }

  func readOutput(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let count = Glibc.read(output, &buffer, buffer.count)
    if count > 0 {
      try buffer.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    } else if count == 0 || errno != EINTR {
      close(output)
      output = -1
    }
  }

  func readErrors(_ body: (ArraySlice<UInt8>) -> Void) {
    let count = Glibc.read(errors, &buffer, buffer.count)
    if count > 0 {
      body(buffer[..<count])
    } else if count == 0 || errno != EINTR {
      close(errors)
      errors = -1
    }
  }

  private static func pipe() throws(Subprocess.Failure) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw Subprocess.Failure(reason: errorText(errno)) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private static func nothing(_ mode: Int32) -> Int32 { open("/dev/null", mode | O_CLOEXEC) }
}
