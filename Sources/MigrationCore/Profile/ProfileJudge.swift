/// Holds what a source has against what a plan reads.
struct ProfileJudge {
  let plan: Plan

  func findings(_ profile: SourceProfile) -> [ProfileFinding] {
    let paths = ReadPaths(plan, source: profile.name)
    return dropped(profile, paths) + neverThere(profile, paths) + dangling(profile)
  }

  private func dropped(_ profile: SourceProfile, _ paths: ReadPaths) -> [ProfileFinding] {
    var found: [ProfileFinding] = []
    var dropped: [[String]] = []
    for field in profile.fields where field.values > 0 && !field.path.hasSuffix("[]") {
      let parts = field.parts
      if paths.covers(parts) || paths.looksInto(parts) { continue }
      // What stands below a dropped path goes with it.
      if dropped.contains(where: { parts.starts(with: $0) }) { continue }
      dropped.append(parts)
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

  private func neverThere(_ profile: SourceProfile, _ paths: ReadPaths) -> [ProfileFinding] {
    guard profile.examined > 0 else { return [] }
    let known = Set(profile.fields.map(\.parts))
    return paths.uses.filter { !known.contains($0.path) && !isInsideMap($0.path, profile) }
      .map { use in
        let path = use.path.joined(separator: ".")
        let reader = use.column.map { "\(use.table).\($0)" } ?? use.table
        return ProfileFinding(
          kind: .neverThere, severity: use.column == nil ? .error : .warning,
          source: profile.name, path: path,
          what: "\(reader) reads \"\(path)\", which none of \(profile.examined) in "
            + "\(profile.name) have" + suggestion(for: path, in: profile.fields.map(\.path)),
          count: 0, examples: [], place: use.place,
          remedy: "correct the name, or leave it if the field is only not used yet")
      }
  }

  /// Whether a path leads into something that the profile could not look into.
  private func isInsideMap(_ path: [String], _ profile: SourceProfile) -> Bool {
    profile.fields.contains { $0.parts.last == "*" && path.starts(with: $0.parts.dropLast()) }
  }

  private func dangling(_ profile: SourceProfile) -> [ProfileFinding] {
    profile.fields.compactMap { field in
      guard let found = field.oddities[.danglingID] else { return nil }
      return ProfileFinding(
        kind: .dangling, severity: .warning, source: profile.name, path: field.path,
        what: "\(found.count) values of \"\(field.path)\" in \(profile.name) are ids that point "
          + "nowhere",
        count: found.count, examples: found.examples, place: nil,
        remedy: "they become null or are set aside, as \"orphan\" says in the plan")
    }
  }

  private func place(of source: String) -> PlanPlace? {
    plan.tables.lazy.flatMap(\.feeds).first { $0.from == source }?.place
  }

  /// A share in words: `3.1 %`, or a count where a share would round to nothing.
  private func share(_ count: Int, _ profile: SourceProfile) -> String {
    guard profile.examined > 0 else { return "0" }
    let permille = (count * 1000 + profile.examined / 2) / profile.examined
    return permille == 0 ? "\(count)" : "\(permille / 10).\(permille % 10) %"
  }
}
