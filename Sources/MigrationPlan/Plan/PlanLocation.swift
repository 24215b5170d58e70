import FoundationEssentials
import MigrationBasics

/// Where a plan and what belongs to it are below the configuration folder.
public struct PlanLocation: Sendable, Hashable {
  /// The name of the plan's folder, such as `nxt`.
  public let name: String
  public let folder: String

  public var planFile: String { folder + "/plan.json5" }
  /// The numbered SQL files of the target's schema.
  public var schemaFolder: String { folder + "/schema" }

  /// Finds the plan that a name means; without a name, the only one that there is.
  ///
  /// - Parameter name: a folder in the configuration folder, or the path of a plan's file or folder.
  public static func find(
    _ name: String?, configFolder: String
  ) throws(MigrationError) -> PlanLocation {
    let known = all(in: configFolder)
    guard let name else {
      if known.count == 1 { return known[0] }
      let names = known.map(\.name).joined(separator: ", ")
      throw MigrationError(
        .configuration, known.isEmpty ? "no plan in \(configFolder)" : "no plan selected",
        remedy: known.isEmpty
          ? "set MIGRATION_CONFIG_DIR to the folder that holds the plans"
          : "pass --plan or set MIGRATION_PLAN (\(names))")
    }
    if let found = known.first(where: { $0.name == name }) { return found }
    let path = name.hasSuffix("/plan.json5") ? String(name.dropLast("/plan.json5".count)) : name
    let given = PlanLocation(name: String(path.split(separator: "/").last ?? ""), folder: path)
    if FileManager.default.fileExists(atPath: given.planFile) { return given }
    throw MigrationError(
      .configuration,
      "there is no plan \(name)\(suggestion(for: name, in: known.map(\.name)))",
      place: "\(configFolder)/\(name)/plan.json5",
      remedy: "plans: \(known.map(\.name).joined(separator: ", "))")
  }

  /// Lists the plans of a configuration folder.
  public static func all(in configFolder: String) -> [PlanLocation] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: configFolder)) ?? []
    return names.sorted().map { PlanLocation(name: $0, folder: configFolder + "/" + $0) }
      .filter { FileManager.default.fileExists(atPath: $0.planFile) }
  }
}
