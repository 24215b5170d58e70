import MigrationCore

/// The forecast for a run with a time limit, as a line and as JSON.
enum ForecastText {
  static func line(_ forecast: RunForecast) -> String {
    let verdict =
      forecast.isExpectedToFinish
      ? "expected to finish in time"
      : "NOT expected to finish in time; the next run continues"
    return "\(verdict): about \(DurationText.short(forecast.expected)) of "
      + "\(DurationText.short(forecast.allowed)) for \(ByteCount.text(forecast.bytesLeft)), "
      + basis(forecast.basis) + ", without index builds"
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
    case .earlierChunks(let chunks): "at the speed of the last \(CountText.of(chunks, "chunk"))"
    case .sample(let table, let rows):
      "measured on \(CountText.of(rows, "row")) of \(table), rolled back"
    }
  }
}
