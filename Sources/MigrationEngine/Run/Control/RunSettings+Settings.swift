import MigrationBasics

extension RunSettings {
  /// The values of the settings, each in the layer of the place that it comes from.
  public init(_ settings: Settings) {
    self.init()
    take(.lanes, of: settings) { $0.lanes = $1 }
    takeWhetherParallel(settings)
    take(.batchSize, of: settings) { $0.batchSize = $1 }
    take(.maximumRetries, of: settings) { $0.maximumRetries = $1 }
    take(.chunkTimeout, of: settings) { $0.chunkTimeout = $1 }
    take(.maximumMemory, of: settings) { $0.memoryLimit = $1?.byteCount }
    take(.freeDisk, of: settings) { $0.freeDisk = $1.byteCount }
  }

  private mutating func take<Value>(
    _ key: SettingKey<Value>, of settings: Settings,
    _ enter: (inout RunAdjustments, Value) -> Void
  ) {
    enter(&self[Layer(settings.entry(key.name)?.origin)], settings.value(key))
  }

  /// One lane, whatever the number of lanes is; a number on the command line is stronger.
  private mutating func takeWhetherParallel(_ settings: Settings) {
    let key = SettingKey<Bool>.isParallel
    guard !settings.value(key) else { return }
    self[max(.settings, Layer(settings.entry(key.name)?.origin))].lanes = 1
  }
}

extension RunSettings.Layer {
  /// The layer of a place of settings.
  init(_ origin: SettingOrigin?) {
    switch origin {
    case .flag: self = .commandLine
    case .environment, .file: self = .settings
    case .plan: self = .plan
    case .standard, nil: self = .standard
    }
  }
}
