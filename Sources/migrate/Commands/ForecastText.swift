import MigrationCore

/// What is foretold of a run with a time limit, as a line and as JSON.
enum ForecastText {
  static func line(_ forecast: RunForecast) -> String {
    let verdict =
      forecast.isExpectedToFinish
      ? "expected to finish in time"
      : "NOT expected to finish in time; the rest stays for the next run"
    return "\(verdict): about \(DurationText.short(forecast.expected)) of "
      + "\(DurationText.short(forecast.allowed)) for \(ByteCount.text(forecast.bytesLeft)), "
      + basis(forecast.basis) + ", building indexes not counted"
  }

  static func json(_ forecast: RunForecast) -> JSONValue {
    [
      "finishes": .bool(forecast.isExpectedToFinish),
      "expectedSeconds": .double(forecast.expected / .seconds(1)),
      "allowedSeconds": .double(forecast.allowed / .seconds(1)),
      "bytesLeft": .int(forecast.bytesLeft),
      "bytesPerSecond": .double(forecast.bytesPerSecond), "basis": .text(basis(forecast.basis)),
    ]
  }

  private static func basis(_ basis: RunForecast.Basis) -> String {
    switch basis {
    case .earlierChunks(let chunks): "at the speed of the last \(chunks) chunks"
    case .sample(let table, let rows): "measured on \(rows) rows of \(table), rolled back"
    }
  }
}
