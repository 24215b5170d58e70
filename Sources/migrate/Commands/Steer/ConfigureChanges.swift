import MigrationCore

/// Reads the options of `migrate configure`.
struct ConfigureChanges {
  private let invocation: Invocation
  private let session: Session
  private let settings: Settings
  /// The session's tables.
  private let tables: [String]

  init(
    _ invocation: Invocation, _ session: Session, _ settings: Settings, _ tables: [String]
  ) {
    (self.invocation, self.session) = (invocation, session)
    (self.settings, self.tables) = (settings, tables)
  }

  func read() throws -> RunAdjustments {
    var changes = RunAdjustments()
    if invocation[ConfigureCommand.auto] {
      (changes.lanes, changes.batchSize, changes.throttle) = (.automatic, .automatic, 0)
    }
    changes.lanes = try count(ConfigureCommand.lanes, Settings.laneRange) ?? changes.lanes
    changes.batchSize =
      try count(ConfigureCommand.batchSize, Settings.batchSizeRange) ?? changes.batchSize
    changes.batchSizes = try batchSizes()
    changes.maximumRejects = try count(ConfigureCommand.maxRejects, 0...Int.max)
    changes.maximumMinutes = try count(ConfigureCommand.maxMinutes, 1...100_000)
    if let text = invocation[ConfigureCommand.maxRetries] {
      changes.maximumRetries = try number(text, of: "--max-retries", 0...100)
    }
    changes.chunkTimeout = try timeout()
    if let text = invocation[ConfigureCommand.throttle] {
      changes.throttle = try ThrottleText.read(text)
    }
    return changes
  }

  private func count(_ option: Option<String?>, _ range: ClosedRange<Int>) throws -> Count? {
    guard let text = invocation[option] else { return nil }
    if text.lowercased() == "auto" { return .automatic }
    return .exactly(try number(text, of: "--\(option.spec.name)", range, orAuto: true))
  }

  private func number(
    _ text: String, of option: String, _ range: ClosedRange<Int>, orAuto: Bool = false
  ) throws -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw UsageError.badValue(
        text, of: option,
        expected: (orAuto ? "auto or " : "") + RangeText.of(range))
    }
    return number
  }

  private func batchSizes() throws -> [String: Int] {
    guard let text = invocation[ConfigureCommand.batchSizes] else { return [:] }
    var sizes: [String: Int] = [:]
    for pair in text.split(separator: ",") {
      let parts = pair.split(separator: ":").map(String.init)
      guard parts.count == 2 else {
        throw UsageError.badValue(
          text, of: "--batch-sizes", expected: "TABLE:N,… such as customers:1000,products:500")
      }
      let name = parts[0].replacing("-", with: "_")
      guard let table = tables.first(where: { $0 == parts[0] || $0 == name }) else {
        throw UsageError.badValue(
          parts[0], of: "--batch-sizes", expected: "one of \(tables.joined(separator: ", "))")
      }
      sizes[table] = try number(parts[1], of: "--batch-sizes", Settings.batchSizeRange)
    }
    return sizes
  }

  private func timeout() throws -> Duration? {
    guard let text = invocation[ConfigureCommand.timeout] else { return nil }
    if text.hasPrefix("+"), text.hasSuffix("%"), let share = Int(text.dropFirst().dropLast()) {
      return (settingsNow.chunkTimeout ?? .zero) * (100 + share) / 100
    }
    guard let time = Quantity.duration(text), time <= .seconds(86_400) else {
      throw UsageError.badValue(
        text, of: "--timeout", expected: "a time such as 10m, +100%, or 0 for no limit")
    }
    return time
  }

  /// What a run goes by that is at work, or goes on.
  private var settingsNow: RunSettings {
    var now = RunSettings(settings)
    now[.earlier] = RunOptions(session).given
    now[.configured] = RunAdjustments(session.settings)
    return now
  }
}

/// Reads the value of `--throttle`.
enum ThrottleText {
  static func read(_ text: String) throws -> Int {
    let digits = text.hasSuffix("%") ? String(text.dropLast()) : text
    guard let share = Int(digits), (0...RunAdjustments.mostThrottle).contains(share) else {
      throw UsageError.badValue(
        text, of: "--throttle", expected: "0% to \(RunAdjustments.mostThrottle)%")
    }
    return share
  }
}
