import MigrationBasics

/// What a run goes by: a value may be said in several layers, and the strongest of them counts.
public struct RunSettings: Sendable, Hashable {
  /// Where values are said, the weakest first.
  public enum Layer: Int, CaseIterable, Comparable, Sendable {
    case standard
    case plan
    /// The environment and `.env` files, or the program that makes the request.
    case settings
    /// The command line of the session's last run.
    case earlier
    /// What was configured for the session.
    case configured
    /// The command line of this run.
    case commandLine
    /// What other terminals have changed since this run began.
    case changed

    public static func < (left: Layer, right: Layer) -> Bool { left.rawValue < right.rawValue }
  }

  private var layers = Layer.allCases.map { _ in RunAdjustments() }

  public init() {}

  /// What one layer says.
  public subscript(layer: Layer) -> RunAdjustments {
    get { layers[layer.rawValue] }
    set { layers[layer.rawValue] = newValue }
  }

  /// Removes what would end a run before its work is done.
  mutating func removeStops() {
    for layer in layers.indices {
      (layers[layer].maximumRejects, layers[layer].maximumMinutes) = (nil, nil)
      (layers[layer].timeLimit, layers[layer].memoryLimit) = (nil, nil)
    }
  }

  private func strongest<Value>(_ value: KeyPath<RunAdjustments, Value?>) -> Value? {
    for layer in layers.reversed() {
      if let found = layer[keyPath: value] { return found }
    }
    return nil
  }
}

/// The values that count.
extension RunSettings {
  /// nil leaves the choice to the engine.
  package var lanes: Int? { strongest(\.lanes)?.number }

  /// Rows of a chunk for tables that have no number of their own; nil leaves them to the plan.
  package var batchSize: Int? { strongest(\.batchSize)?.number }

  /// Rows of a chunk of a table; nil leaves them to the plan.
  package func batchSize(of table: String) -> Int? {
    strongest(\.batchSizes[table]) ?? batchSize
  }

  /// The share of time that lanes rest, in percent.
  package var throttle: Int { min(strongest(\.throttle) ?? 0, RunAdjustments.mostThrottle) }

  package var maximumRetries: Int {
    strongest(\.maximumRetries) ?? SettingKey<Int>.maximumRetries.fallback
  }

  /// How long a chunk may take before it is rolled back and tried again; nil is for ever.
  package var chunkTimeout: Duration? {
    strongest(\.chunkTimeout).flatMap { $0 == .zero ? nil : $0 }
  }

  /// nil leaves it to the plan's limits.
  package var maximumRejects: Int? { strongest(\.maximumRejects)?.number }

  /// How long the run may take besides what the plan's limits say.
  package var timeLimit: Duration? { strongest(\.timeGiven).flatMap(\.self) }

  /// Bytes of memory of this process; nil leaves them to the plan's limits.
  package var memoryLimit: Int? { strongest(\.memoryLimit) }

  /// Bytes that stay free on the target's disk, if they can be known; 0 does not look.
  package var freeDisk: Int {
    strongest(\.freeDisk) ?? SettingKey<ByteSize>.freeDisk.fallback.byteCount
  }
}

extension RunAdjustments {
  /// A time, or the absence of any; nil says nothing of it.
  fileprivate var timeGiven: Duration?? {
    if let timeLimit { return .some(timeLimit) }
    return maximumMinutes.map { $0.number.map { .seconds(60 * $0) } }
  }
}
