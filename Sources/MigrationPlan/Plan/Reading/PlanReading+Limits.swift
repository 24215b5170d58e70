import MigrationBasics

/// The limits at which a run stops on its own, and what has to hold before it begins.
extension PlanReading {
  mutating func limitSpec(_ node: JSONNode) -> Limits {
    let usual = Limits()
    guard object(node, "an object with warnAt and stopAt", keys: PlanWords.limits) != nil else {
      return usual
    }
    let warn = node["warnAt"].flatMap { share($0) } ?? usual.warnErrorShare
    let stop = node["stopAt"].flatMap { share($0) } ?? usual.stopErrorShare
    if let warnNode = node["warnAt"], warn > stop {
      fault(
        warnNode, "warnAt is above stopAt: the run would stop before it warns",
        "set warnAt to at most stopAt")
    }
    let accepted = node["acceptRejects"].flatMap { share($0) }
    if let acceptNode = node["acceptRejects"], let accepted, accepted > stop {
      fault(
        acceptNode,
        "acceptRejects is above stopAt: the run would stop before it accepts this share",
        "set acceptRejects to at most stopAt")
    }
    return Limits(
      warnErrorShare: warn, stopErrorShare: stop,
      leastRows: node["leastRows"].flatMap { integer($0, in: 1...1_000_000_000_000) }
        ?? usual.leastRows,
      acceptedShare: accepted,
      maximumRejects: node["rejects"].flatMap { integer($0, in: 0...1_000_000_000_000) },
      timeLimit: node["time"].flatMap { time($0) },
      memoryLimit: node["memory"].flatMap { size($0) })
  }

  mutating func thresholdSpec(_ node: JSONNode) -> Thresholds {
    let usual = Thresholds()
    let wanted = "an object with quality, critical, schema, roundTrip and quarantined"
    guard object(node, wanted, keys: PlanWords.thresholds) != nil else { return usual }
    let trip = node["roundTrip"].flatMap { integer($0, in: 1...3_600_000) }
    return Thresholds(
      quality: node["quality"].flatMap { share($0) } ?? usual.quality,
      critical: node["critical"].flatMap { integer($0, in: 0...1_000_000_000_000) }
        ?? usual.critical,
      schema: node["schema"].flatMap { share($0) } ?? usual.schema,
      roundTrip: trip.map { .milliseconds($0) } ?? usual.roundTrip,
      quarantined: node["quarantined"].flatMap { share($0) })
  }

  /// Reads a share such as `"2.5%"`; a bare number is refused, as 5 and 0.05 would both be guesses.
  private mutating func share(_ node: JSONNode) -> Double? {
    let wanted = "a share, a number followed by %"
    let remedy = "write it as \"5%\" or \"2.5%\", from 0% to 100%"
    guard case .text(let text) = node.content else {
      mismatch(node, wanted: wanted, remedy: remedy)
      return nil
    }
    guard let share = ShareText.read(text) else {
      fault(node, "\"\(text)\" is not \(wanted)", remedy)
      return nil
    }
    return share
  }

  /// Reads a time such as `"5h30m"`, `"90m"` or `"45s"`.
  private mutating func time(_ node: JSONNode) -> Duration? {
    let remedy = "write it as \"5h30m\", \"90m\" or \"45s\""
    guard case .text(let text) = node.content else {
      mismatch(node, wanted: "a time with units", remedy: remedy)
      return nil
    }
    guard let seconds = Self.seconds(text), seconds > 0 else {
      fault(node, "\"\(text)\" is not a time with units", remedy)
      return nil
    }
    return .seconds(seconds)
  }

  /// Reads a size such as `"2GiB"`.
  private mutating func size(_ node: JSONNode) -> Int? {
    let remedy = "write it as \"512MiB\" or \"2GiB\""
    guard case .text(let text) = node.content else {
      mismatch(node, wanted: "a size with a unit", remedy: remedy)
      return nil
    }
    guard let bytes = Quantity.byteCount(text), bytes > 0 else {
      fault(node, "\"\(text)\" is not a size with a unit", remedy)
      return nil
    }
    return bytes
  }

  private static func seconds(_ text: String) -> Int? {
    var rest = text[...]
    var total = 0
    for (unit, size) in [("h", 3600), ("m", 60), ("s", 1)] {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard rest.dropFirst(digits.count).hasPrefix(unit) else { continue }
      guard let number = Int(digits), number <= 100_000 else { return nil }
      total += number * size
      rest = rest.dropFirst(digits.count + 1)
    }
    return rest.isEmpty ? total : nil
  }
}
