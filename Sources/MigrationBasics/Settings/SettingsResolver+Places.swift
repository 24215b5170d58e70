import FoundationEssentials

extension SettingsResolver {
  /// Returns the places in the order of their strength.
  mutating func findPlaces(flags: [String: String], plan: [String: String]) -> [SettingPlace] {
    let plain = readFile(".env")
    guard let name else {
      return [
        SettingPlace(flags: flags), SettingPlace(environment: environment, prefix: ""),
        plain.map { SettingPlace(file: $0, prefix: "") } ?? SettingPlace([:]),
        SettingPlace(plan: plan),
      ]
    }
    let failures = problems.count
    let own = readFile(name.fileName)
    let prefixed = SettingPlace(environment: environment, prefix: name.prefix)
    // Never the names without a prefix: they are those of a developer's own machine.
    let shared = plain.map { SettingPlace(file: $0, prefix: name.prefix) } ?? SettingPlace([:])
    let isUnknown = own == nil && prefixed.candidates.isEmpty && shared.candidates.isEmpty
    if isUnknown, problems.count == failures {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      problems.append(name.notFound(in: folder, files: files))
    }
    let ofFile = own.map { file in
      [name.prefix, ""].map { SettingPlace(file: file, prefix: $0) }
    }
    let ofEnvironment = [prefixed, SettingPlace(environment: environment, prefix: "")]
    return [SettingPlace(flags: flags)] + ofEnvironment + (ofFile ?? [])
      + [shared, SettingPlace(plan: plan)]
  }

  /// Reads a file if it is there; what is wrong with it is noted.
  private mutating func readFile(_ fileName: String) -> DotEnvFile? {
    do {
      let content = try SmallFile.read(folder + "/" + fileName)
      let file = try DotEnvFile.parse(bytes: content.bytes, file: fileName)
      warnings += file.warnings
      if content.isReadableByAll, file.holdsSecrets {
        warnings.append(
          "\(fileName) holds passwords and can be read by every user: chmod 600 \(fileName)")
      }
      warnAboutNames(in: file)
      return file
    } catch let problem as FileProblem {
      if problem.code != .missing {
        add(.file, nil, "\(fileName) cannot be read: \(problem.reason)", nil)
      }
    } catch let error as ParseError {
      add(.file, nil, error.description, nil)
    } catch {
      add(.file, nil, "\(fileName) cannot be read", nil)
    }
    return nil
  }

  /// Warns of names that look like ours but are not: a mistyped setting would be lost silently.
  private mutating func warnAboutNames(in file: DotEnvFile) {
    let known = Settings.all.flatMap(\.names)
    for entry in file.entries {
      let prefix = name?.prefix ?? ""
      let bare =
        entry.name.hasPrefix(prefix) ? String(entry.name.dropFirst(prefix.count)) : entry.name
      guard !known.contains(bare), !isOtherEnvironment(bare, known) else { continue }
      let place = "\(file.path) line \(entry.line): \(entry.name)"
      if let near = nearest(to: bare, in: known) {
        warnings.append("\(place): did you mean \(near)?")
      } else if bare.hasPrefix("MIGRATION_") || bare.hasPrefix("DATABASE_") {
        warnings.append("\(place) is not a setting; migrate config lists those there are")
      }
    }
  }

  /// `STAGING_DATABASE_URL` in a file is right, whichever environment is asked for.
  private func isOtherEnvironment(_ name: String, _ known: [String]) -> Bool {
    known.contains { name.hasSuffix("_" + $0) }
  }

  /// Flags and plans are written by programs and people who must hear of a name that is wrong.
  mutating func checkNames(flags: [String: String], plan: [String: String]) {
    let names = Settings.all.flatMap(\.names)
    for name in plan.keys.sorted() where !names.contains(name) {
      let hint = suggestion(for: name, in: names)
      add(.unknown, nil, "the plan sets \(name), which is not a setting\(hint)", nil)
    }
    let flagNames = names + Settings.all.compactMap(\.flag)
    for name in flags.keys.sorted() where !flagNames.contains(name) {
      let hint = suggestion(for: name, in: flagNames)
      add(.unknown, nil, "\(name) is not a setting\(hint)", nil)
    }
  }

  /// Warns of places that are unsafe, or not what was probably meant.
  mutating func warnAboutPlaces(_ drafts: [Draft]) {
    for variable in environment.keys.sorted() { warnAboutVariable(variable) }
    for draft in drafts { warnAboutPlace(of: draft) }
  }

  private mutating func warnAboutVariable(_ variable: String) {
    let known = Settings.all.flatMap(\.names)
    var bare = variable
    if let name, variable.hasPrefix(name.prefix) {
      bare = String(variable.dropFirst(name.prefix.count))
    } else if !variable.hasPrefix("MIGRATION_") {
      return
    }
    guard !known.contains(bare), let near = nearest(to: bare, in: known) else { return }
    warnings.append("environment variable \(variable): did you mean \(near)?")
  }

  private mutating func warnAboutPlace(of draft: Draft) {
    guard case .url(let url) = draft.value else { return }
    let subject = "\(draft.setting.name) (\(draft.origin))"
    warnings += url.cautions.map { "\(subject): \($0)" }
    // The merged password of another setting does not count: it is elsewhere.
    let holdsPassword = url.password != nil && draft.references.isEmpty
    switch draft.origin {
    case .flag where holdsPassword:
      warnings.append("\(subject) holds a password that every user can see in the process list")
    case .plan where holdsPassword:
      warnings.append("\(subject) holds a password; plans are kept in version control")
    case .environment(let variable) where name != nil && variable == draft.setting.name:
      let files = draft.hides.filter { if case .file = $0.origin { $0.isDifferent } else { false } }
      warnings += files.map {
        "\(subject) hides the different value of \($0.origin): unset \(variable) if that is meant"
      }
    default: break
    }
  }
}

extension DotEnvFile {
  /// Returns whether any value is a secret, also of other programs that use the file.
  var holdsSecrets: Bool {
    let words = ["PASSWORD", "SECRET", "TOKEN", "API_KEY", "PRIVATE_KEY", "HASH_KEY"]
    return entries.contains { entry in
      guard !entry.value.isEmpty, !entry.value.hasPrefix("file:"), !entry.value.hasPrefix("env:")
      else { return false }
      let name = entry.name.uppercased()
      return words.contains { name.hasSuffix($0) }
        || Redactor().scrub(entry.value) != entry.value
    }
  }
}
