import MigrationBasics
import MigrationPlan

extension RunRequest.Databases {
  /// The source that a plan reads and its target, as the settings name them.
  public init(_ settings: Settings, plan: Plan) throws {
    let places = Databases(settings)
    self.init(source: try places.sourcePlace(plan.source), target: try places.place(.target))
    connectTimeout = settings.value(.connectionTimeout)
    lockTimeout = settings.value(.lockTimeout)
    poolSize = settings.value(.poolSize)
    let idleTime = settings.value(.idleTimeout)
    idleTimeout = idleTime == .zero ? nil : idleTime
    healthCheckInterval = settings.value(.healthCheckInterval)
  }
}
