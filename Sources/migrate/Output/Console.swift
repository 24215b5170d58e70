import FoundationEssentials
import Glibc
import MigrationCore

/// Prints results to stdout and everything else to stderr, without secrets.
struct Console: Sendable {
  /// How much to print.
  enum Detail: Int, Comparable, Sendable {
    case quiet, normal, verbose
    static func < (left: Detail, right: Detail) -> Bool { left.rawValue < right.rawValue }
  }

  var detail: Detail = .normal
  var isJSON = false
  var redactor = Redactor()
  private(set) var output: Stream
  private(set) var errors: Stream

  init(environment: [String: String], allowsColor: Bool = true) {
    let style = TerminalStyle(environment: environment, allowsColor: allowsColor)
    output = Stream(descriptor: STDOUT_FILENO, style: style)
    errors = Stream(descriptor: STDERR_FILENO, style: style)
  }

  /// This console for a command that holds locks or that others steer: no reader can hold it up.
  func queued() -> Console {
    var console = self
    let queue = OutputQueue()
    console.output.queue = queue
    console.errors.queue = output.leads(whereLeads: errors) ? queue : OutputQueue()
    return console
  }

  /// Waits until all is written, as before a question or at the end.
  func finish() {
    output.queue?.finish()
    errors.queue?.finish()
  }

  /// Prints a line of the result.
  func result(_ line: String) { output.write(redactor.scrub(line) + "\n") }

  /// Prints a result line; on the terminal if the reader of the output has exited.
  func insist(_ line: String) { output.insist(redactor.scrub(line) + "\n") }

  /// Prints a message unless `--quiet`; on the terminal if the reader of stderr has exited.
  func insistOnNote(_ line: String) {
    if detail >= .normal { errors.insist(redactor.scrub(line) + "\n") }
  }

  /// Prints text, in JSON mode as the member `text` of a document.
  func page(_ text: String) {
    if isJSON { result(["text": .text(text)]) } else { result(text) }
  }

  /// Prints help. Not redacted: help contains no setting values, and one of its words may equal a
  /// password.
  func help(_ text: String) {
    let document: JSONValue = ["text": .text(text)]
    output.write((isJSON ? document.pretty : text) + "\n")
  }

  /// Prints the document of `--json`.
  ///
  /// Redacts each text by itself: a redactor would not recognize secrets in escaped text.
  func result(_ document: JSONValue) { output.write(withoutSecrets(document).pretty + "\n") }

  func withoutSecrets(_ value: JSONValue) -> JSONValue {
    switch value {
    case .text(let text): .text(redactor.scrub(text))
    case .array(let items): .array(items.map(withoutSecrets))
    case .object(let object):
      .object(JSONObject(object.members.map { ($0.key, withoutSecrets($0.value)) }))
    default: value
    }
  }

  /// Prints progress unless `--quiet`.
  func note(_ line: String) {
    if detail >= .normal { errors.write(redactor.scrub(line) + "\n") }
  }

  /// Prints a picture of the progress unless `--quiet`; it replaces an earlier one that is not written yet.
  func picture(_ text: String) {
    if detail >= .normal { errors.draw(redactor.scrub(text)) }
  }

  /// Prints a detail with `--verbose`.
  func explain(_ line: String) {
    if detail >= .verbose { errors.write(redactor.scrub(line) + "\n") }
  }

  func warn(_ line: String) {
    errors.write(errors.painted("warning:", .yellow) + " " + redactor.scrub(line) + "\n")
  }

  /// Prints what failed, where, and a hint.
  func fail(_ what: String, place: String? = nil, remedy: String? = nil) {
    errors.write(errors.painted("error:", .red) + " " + redactor.scrub(what) + "\n")
    if let place { errors.write("  where: " + redactor.scrub(place) + "\n") }
    if let remedy { errors.write("  hint: " + redactor.scrub(remedy) + "\n") }
  }
}

/// What a terminal can show, according to the environment.
struct TerminalStyle: Sendable {
  let isUnicode: Bool
  let allowsColor: Bool

  init(environment: [String: String], allowsColor: Bool) {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy
      .compactMap { environment[$0] }.first { !$0.isEmpty }
    let normalized = (locale ?? "").lowercased()
    isUnicode = normalized.hasSuffix("utf-8") || normalized.hasSuffix("utf8")
    let isDumb = environment["TERM"] == "dumb"
    // An empty NO_COLOR has no effect: https://no-color.org
    let isDisabled = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    self.allowsColor = allowsColor && !isDumb && !isDisabled
  }
}

/// stdout or stderr.
struct Stream: Sendable {
  enum Color: String, Sendable {
    case red = "31"
    case green = "32"
    case yellow = "33"
    case bold = "1"
  }

  let descriptor: Int32
  let isTerminal: Bool
  /// Whether emoji and box characters may be shown: on a UTF-8 terminal only.
  let isUnicode: Bool
  private let isColored: Bool

  /// Writes in the place of the callers; nil for output that callers wait for.
  var queue: OutputQueue?

  init(descriptor: Int32, style: TerminalStyle) {
    self.descriptor = descriptor
    isTerminal = isatty(descriptor) == 1
    isUnicode = isTerminal && style.isUnicode
    isColored = isTerminal && style.allowsColor
  }

  /// The columns to wrap text at.
  var width: Int {
    var size = winsize()
    guard isTerminal, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 40 else {
      return 100
    }
    return min(Int(size.ws_col), 100)
  }

  func painted(_ text: String, _ color: Color) -> String {
    isColored ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
  }

  /// Whether both lead to the same terminal, pipe or file.
  func leads(whereLeads other: Stream) -> Bool {
    var (own, others) = (stat(), stat())
    guard fstat(descriptor, &own) == 0, fstat(other.descriptor, &others) == 0 else { return false }
    return own.st_dev == others.st_dev && own.st_ino == others.st_ino
  }

  /// Writes all of the text; stops silently if the reader has exited (`| head`).
  func write(_ text: String) { put(OutputQueue.Entry(descriptor: descriptor, text: text)) }

  /// Writes a picture of the progress.
  func draw(_ text: String) {
    put(OutputQueue.Entry(descriptor: descriptor, text: text, isProgress: true))
  }

  /// Writes a text; to the terminal if the reader has exited: Ctrl+C ends `tee` first.
  func insist(_ text: String) {
    put(OutputQueue.Entry(descriptor: descriptor, text: text, insists: true))
  }

  private func put(_ entry: OutputQueue.Entry) {
    if let queue { queue.add(entry) } else { OutputQueue.write(entry) }
  }
}
