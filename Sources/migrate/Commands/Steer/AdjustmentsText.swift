import MigrationCore

/// What is configured for a session, in words.
enum AdjustmentsText {
  static func line(_ settings: RunAdjustments) -> String {
    var parts = [
      settings.lanes.map { count($0, "lanes", { CountText.of($0, "lane") }) },
      settings.batchSize.map {
        count($0, "batch size", { "batch size \(CountText.of($0, "row"))" })
      },
    ]
    parts += settings.batchSizes.sorted { $0.key < $1.key }.map {
      "batch size of \($0.key) \(CountText.of($0.value, "row"))"
    }
    parts += [
      settings.throttle.map { "lanes rest \($0)% of the time" },
      settings.chunkTimeout.map {
        $0 == .zero ? "no timeout" : "timeout \(DurationText.short($0))"
      },
      settings.maximumRetries.map { CountText.of($0, "retry", "retries") },
      settings.maximumRejects.map {
        count($0, "rejects", { "at most \(CountText.of($0, "reject"))" })
      },
      settings.maximumMinutes.map {
        count($0, "minutes", { "at most \(CountText.of($0, "minute"))" })
      },
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }

  private static func count(_ count: Count, _ name: String, _ words: (Int) -> String) -> String {
    count.number.map(words) ?? "\(name) auto"
  }
}
