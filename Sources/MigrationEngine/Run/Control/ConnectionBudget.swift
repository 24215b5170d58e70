import MigrationBasics
import Postgres

/// How many lanes a run may have with the connections that it may open to one database.
struct ConnectionBudget {
  /// nil sets no limit.
  private let most: Int?
  /// Connections besides those of lanes, to the database that has most of them.
  private let besides: Int
  private let ofLane: Int

  init(_ request: RunRequest) {
    most = request.databases.poolSize
    let (target, isOne) = (Self.besidesOfTarget, request.databases.areOne)
    let source = request.databases.source.kind.connectionsBesideLanes
    (besides, ofLane) = isOne ? (target + source, 2) : (max(target, source), 1)
  }

  /// One holds the lock, and one gives the signs of life.
  private static let besidesOfTarget = 2

  /// How many lanes fit.
  var lanes: Int {
    guard let most else { return Settings.laneRange.upperBound }
    return min((most - besides) / ofLane, Settings.laneRange.upperBound)
  }

  /// Refuses a run for which not even one lane fits.
  func require() throws(MigrationError) {
    guard let most, lanes < 1 else { return }
    throw MigrationError(
      .configuration,
      "the run needs \(besides + ofLane) connections to a database, and \(Self.setting) allows \(most)",
      reason: "poolSize", remedy: "set \(Self.setting) to \(besides + ofLane) or more")
  }

  /// What to say if more lanes are asked for than fit.
  func shortage(of asked: Int) -> String? {
    guard let most, asked > lanes else { return nil }
    return "\(Self.setting) allows \(most) connections to a database; "
      + CountText.of(lanes, "lane is", "lanes are") + " used instead of \(asked)"
  }

  private static let setting = SettingKey<Int>.poolSize.name
}

extension RunRequest.Databases {
  /// Whether source and target are one database, whose connections count together.
  fileprivate var areOne: Bool {
    guard let source = source.kind.targetDatabase else { return false }
    return source.host == target.host && source.port == target.port
      && (source.database ?? source.user) == (target.database ?? target.user)
  }
}
