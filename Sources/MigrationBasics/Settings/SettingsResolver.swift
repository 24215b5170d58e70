/// Where settings are looked for, but for the plan.
struct SettingsSearch {
  let environment: [String: String]
  let folder: String
  let name: EnvironmentName?
  /// Values by the name of the flag or of the setting.
  let flags: [String: String]

  func settings(plan: [String: String]) throws(SettingsError) -> Settings {
    var resolver = SettingsResolver(self)
    return try resolver.resolve(plan: plan)
  }
}

/// Finds the value of every setting and collects all that is wrong on the way.
struct SettingsResolver {
  let search: SettingsSearch
  var problems: [SettingsProblem] = []
  var warnings: [String] = []
  var redactor = Redactor()

  /// A setting on its way to its value.
  struct Draft {
    let setting: Setting
    var value: SettingValue?
    var origin = SettingOrigin.standard
    /// The place among the places: the lower, the stronger.
    var rank = Int.max
    var references: [String] = []
    var hides: [ResolvedSetting.Hidden] = []
  }

  init(_ search: SettingsSearch) { self.search = search }

  var environment: [String: String] { search.environment }
  var folder: String { search.folder }
  var name: EnvironmentName? { search.name }

  mutating func resolve(plan: [String: String]) throws(SettingsError) -> Settings {
    checkNames(flags: search.flags, plan: plan)
    let places = findPlaces(flags: search.flags, plan: plan)
    var drafts = Settings.all.map { draft(of: $0, in: places) }
    mergePasswords(into: &drafts)
    warnAboutPlaces(drafts)
    guard problems.isEmpty else { throw SettingsError(problems: problems) }
    let entries = drafts.map {
      ResolvedSetting(
        setting: $0.setting, value: $0.value, origin: $0.origin, references: $0.references,
        hides: $0.hides)
    }
    return Settings(search, entries: entries, warnings: warnings, redactor: redactor)
  }

  private mutating func draft(of setting: Setting, in places: [SettingPlace]) -> Draft {
    var draft = Draft(setting: setting)
    let found = places.enumerated().map { ($0, $1.candidates(for: setting)) }
      .filter { !$0.1.isEmpty }
    for candidate in found.flatMap(\.1) { hideSecrets(of: candidate, setting) }
    guard let (rank, candidates) = found.first, let chosen = candidates.first else {
      draft.value = setting.defaultText.flatMap { try? setting.kind.parse($0) }
      return draft
    }
    checkConflict(candidates, setting)
    draft.rank = rank
    draft.origin = chosen.origin
    draft.hides = (candidates.dropFirst() + found.dropFirst().flatMap(\.1)).map {
      ResolvedSetting.Hidden(origin: $0.origin, isDifferent: $0.text != chosen.text)
    }
    read(chosen, into: &draft)
    return draft
  }

  private mutating func read(_ candidate: SettingCandidate, into draft: inout Draft) {
    let setting = draft.setting
    do {
      let references = SettingReference(environment: environment, folder: folder)
      let resolved = try references.resolve(candidate.text)
      draft.references = resolved.steps
      warnings += resolved.warnings
      if setting.isSecret { redactor.add(resolved.text) }
      let value = try setting.kind.parse(resolved.text)
      if case .url(let url) = value { redactor.add(url) }
      draft.value = value
    } catch let failure as SettingReference.Failure {
      add(
        .reference, setting, "\(setting.name) (\(candidate.origin)): \(failure.message)",
        failure.remedy)
    } catch let error as SettingValueError {
      addWrongValue(candidate, draft, error)
    } catch {
      add(.wrongValue, setting, "\(setting.name) (\(candidate.origin)) cannot be read", nil)
    }
  }

  private mutating func addWrongValue(
    _ candidate: SettingCandidate, _ draft: Draft, _ error: SettingValueError
  ) {
    let setting = draft.setting
    if let detail = error.detail {
      let message = "\(setting.name) (\(candidate.origin)): \(detail.message)"
      add(.wrongValue, setting, message, detail.remedy)
      return
    }
    // What a file held is not shown: the reference may point to the wrong file.
    let isShown = !setting.isSecret && !setting.isURL && draft.references.isEmpty
    let shown = isShown ? " is \"\(Redactor().scrub(String(candidate.text.prefix(80))))\"" : ""
    var hint = ""
    if case .choice(let words) = setting.kind { hint = suggestion(for: candidate.text, in: words) }
    let message = "\(setting.name)\(shown) (\(candidate.origin)): expected \(error.expected)\(hint)"
    add(.wrongValue, setting, message, nil)
  }

  /// Two names of one setting in one place must agree: which one was meant cannot be known.
  private mutating func checkConflict(_ candidates: [SettingCandidate], _ setting: Setting) {
    guard let first = candidates.first,
      let other = candidates.first(where: { $0.text.trimmed != first.text.trimmed })
    else { return }
    add(
      .conflict, setting,
      "\(first.origin) and \(other.origin) set the same thing to different values"
        + " (\(first.origin.variable ?? setting.name), \(other.origin.variable ?? setting.name))",
      "remove one of them")
  }

  private mutating func hideSecrets(of candidate: SettingCandidate, _ setting: Setting) {
    if setting.isURL, let url = try? DatabaseURL(candidate.text) { redactor.add(url) }
    let isReference = ["env:", "file:"].contains { candidate.text.trimmed.hasPrefix($0) }
    if setting.isSecret, !isReference { redactor.add(candidate.text) }
  }

  mutating func add(
    _ code: SettingsProblem.Code, _ setting: Setting?, _ message: String, _ remedy: String?
  ) {
    problems.append(
      SettingsProblem(code: code, setting: setting?.name, message: message, remedy: remedy))
  }
}
