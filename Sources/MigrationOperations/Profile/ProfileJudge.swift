import MigrationBasics
import MigrationPlan

/// Holds what a source has against what a plan reads.
struct ProfileJudge {
  let plan: Plan

  func findings(_ profile: SourceProfile) -> [ProfileFinding] {
    let paths = ReadPaths(plan, source: profile.name)
    return dropped(profile, paths) + stray(profile, paths) + neverThere(profile, paths)
      + dangling(profile)
  }

  private func dropped(_ profile: SourceProfile, _ paths: ReadPaths) -> [ProfileFinding] {
    var found: [ProfileFinding] = []
    var dropped: [[FieldProfile.Step]] = []
    for field in profile.fields where field.values > 0 && field.steps.last != .elements {
      if paths.covers(field) || paths.looksInto(field) { continue }
      // What is below a dropped path goes with it.
      if dropped.contains(where: { field.steps.starts(with: $0) }) { continue }
      dropped.append(field.steps)
      found.append(
        ProfileFinding(
          kind: .dropped, severity: .error, source: profile.name, path: field.path,
          what: "\(share(field.values, profile)) of \(profile.name) have \"\(field.path)\", "
            + "which the plan drops",
          count: field.values, examples: [], place: place(of: profile.name),
          remedy: "give it a column, or name it under \"ignore\""))
    }
    return found
  }

  /// Finds values on the way to elements that are rows, which have no elements in them.
  private func stray(_ profile: SourceProfile, _ paths: ReadPaths) -> [ProfileFinding] {
    profile.fields.filter(paths.leadsThrough).compactMap { field in
      let types = field.types.filter { !["object", "array"].contains($0.type) }
      let count = types.reduce(0) { $0 + $1.count }
      guard count > 0 else { return nil }
      return ProfileFinding(
        kind: .dropped, severity: .error, source: profile.name, path: field.path,
        what:
          "\(CountText.of(count, "value is", "values are")) not documents in \"\(field.path)\" of "
          + "\(profile.name), and the plan only reads fields of documents there",
        count: count, examples: [], place: place(of: profile.name),
        remedy: "correct them in the source, or give the field a column")
    }
  }

  private func neverThere(_ profile: SourceProfile, _ paths: ReadPaths) -> [ProfileFinding] {
    guard profile.examined > 0 else { return [] }
    return paths.uses.filter { use in !use.paths.contains { isThere($0, profile) } }
      .map { use in
        let path = use.text
        let reader = use.column.map { "\(use.table).\($0)" } ?? use.table
        return ProfileFinding(
          kind: .neverThere, severity: use.column == nil ? .error : .warning,
          source: profile.name, path: path,
          what: "\(reader) reads \"\(path)\", which \(profile.name) does not have "
            + "(checked: \(GroupedNumber.text(profile.examined)))"
            + suggestion(for: path, in: profile.fields.compactMap(\.notation)),
          count: 0, examples: [], place: use.place,
          remedy: "correct the name; or nothing, if the field is not used yet")
      }
  }

  /// Whether some row has a value under a path, or may have it if the profile could not look.
  private func isThere(_ path: [String], _ profile: SourceProfile) -> Bool {
    profile.fields.contains { field in
      guard field.steps.last == .name("*") else { return field.isReached(by: path) == .exactly }
      let map = FieldProfile(
        Array(field.steps.dropLast()), holders: 0, present: 0, nulls: 0, types: [])
      return map.isReached(by: path) == .below
    }
  }

  private func dangling(_ profile: SourceProfile) -> [ProfileFinding] {
    profile.fields.compactMap { field in
      guard let found = field.oddities[.danglingID] else { return nil }
      return ProfileFinding(
        kind: .dangling, severity: .warning, source: profile.name, path: field.path,
        what:
          "\(CountText.of(found.count, "orphan")) in \(profile.name): the id in \"\(field.path)\" "
          + "matches no document",
        count: found.count, examples: found.examples, place: nil,
        remedy: "\"orphan\" in the plan decides: null, or the rows are quarantined")
    }
  }

  private func place(of source: String) -> PlanPlace? {
    plan.tables.lazy.flatMap(\.feeds).first { $0.from == source }?.place
  }

  /// A share in words: `3.1 %`, or a count if a share would round to nothing.
  private func share(_ count: Int, _ profile: SourceProfile) -> String {
    guard profile.examined > 0 else { return "0" }
    let permille = (count * 1000 + profile.examined / 2) / profile.examined
    return permille == 0 ? "\(count)" : "\(permille / 10).\(permille % 10)%"
  }
}
