import MigrationPlan

/// Whether each collection of a plan can be read, by trying it.
package enum SourceReadability {
  /// Returns what there is to be known of each view that the plan reads.
  package static func views(_ plan: Plan, _ place: SourcePlace) throws -> [String] {
    let views = try place.views()
    return Set(plan.tables.flatMap(\.feeds).map(\.from)).sorted().compactMap { name in
      views[name].map { stages in
        "\(name) is a view (\(stages.joined(separator: ", "))): documents and fields that it omits are not migrated"
      }
    }
  }

  /// Returns what can't be read, with the reason.
  package static func failures(_ plan: Plan, _ place: SourcePlace) throws -> [String] {
    let source = try place.source()
    defer { source.release() }
    let reader = try source.open(timeout: nil)
    var failures: [String] = []
    var tried: Set<String> = []
    for feed in plan.tables.flatMap(\.feeds) where tried.insert(feed.from).inserted {
      do {
        // Any document will do: those of the plan's condition may be few and far between.
        let found = try reader.find(
          feed.filtered(by: nil), schema: plan.source.schema, condition: nil)
        try reader.documents(of: found, idsOnly: true, limit: 1) { _ in }
      } catch {
        failures.append("reading \(feed.from): \(error)")
      }
    }
    return failures
  }
}
