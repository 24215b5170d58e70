import FoundationEssentials
import MigrationCore

extension Scripts {
  /// Reads `scripts.json` from the configuration folder; a folder without one has no scripts.
  static func load(folder: String, environment: [String: String]) throws -> Scripts {
    let file = configFolder(environment) + "/scripts.json"
    let path = PathText.absolute(file, in: folder)
    let bytes: [UInt8]
    do throws(FileProblem) { bytes = try InputFile.read(path) } catch {
      if error.code == .missing { return Scripts(file: file, all: []) }
      throw MigrationError(
        .configuration, "the scripts can't be read: \(error.reason)", place: path)
    }
    do {
      let members = try JSON5.parse(bytes: bytes, file: file).required("scripts").object()
      return Scripts(file: file, all: try members.map(script))
    } catch let error as ParseError {
      throw MigrationError(.configuration, "the scripts can't be read", place: error.description)
    } catch let error as JSONShapeError {
      throw MigrationError(.configuration, "the scripts can't be used", place: error.description)
    }
  }

  private static func configFolder(_ environment: [String: String]) -> String {
    environment["MIGRATION_CONFIG_DIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "config"
  }

  /// Makes a script of each table of each plan that can be read: `price-lists` is `run price_lists`.
  ///
  /// A plan with faults has no tables here; the command that reads it reports them.
  static func tables(folder: String, environment: [String: String]) -> [Script] {
    let config = configFolder(environment)
    let path = PathText.absolute(config, in: folder)
    var found: [Script] = []
    for location in PlanLocation.all(in: path) {
      guard let plan = try? PlanReader.read(file: location.planFile) else { continue }
      for table in plan.tables where !found.contains(where: { $0.name == table.command }) {
        found.append(Script(name: table.command, lines: [["run", table.name]]))
      }
    }
    return found
  }

  /// A script is a command line, a list of them, or an object with them as `run` and options of its own.
  private static func script(_ member: JSONNode.Member) throws(JSONShapeError) -> Script {
    guard case .object = member.value.content else {
      return Script(name: member.key, lines: try lines(member.value))
    }
    let run = try member.value.required("run")
    let lines = try lines(run)
    var options: [ScriptOption] = []
    if let node = member.value["options"] {
      for option in try node.object() { options.append(try self.option(option)) }
    }
    try requireMatch(lines, options, run)
    return Script(name: member.key, lines: lines, options: options)
  }

  /// An option says what it is if it is not given, and may list words with what they represent.
  private static func option(_ member: JSONNode.Member) throws(JSONShapeError) -> ScriptOption {
    var words: [(word: String, value: String)] = []
    if let node = member.value["values"] {
      for value in try node.object() { words.append((value.key, try value.value.text())) }
    }
    return ScriptOption(
      name: member.key, otherwise: try member.value.required("default").text(), words: words)
  }

  /// Each option has its place in the command lines, and each place its option.
  private static func requireMatch(
    _ lines: [[String]], _ options: [ScriptOption], _ node: JSONNode
  ) throws(JSONShapeError) {
    let words = lines.joined().joined(separator: " ")
    for option in options where !words.contains("{\(option.name)}") {
      throw JSONShapeError(node, "no command line has a place {\(option.name)} for the option")
    }
    for place in words.split(separator: "{").dropFirst() {
      let name = place.prefix { $0 != "}" }
      guard options.contains(where: { $0.name == name }) else {
        throw JSONShapeError(node, "{\(name)} is no option of the script")
      }
    }
  }

  private static func lines(_ value: JSONNode) throws(JSONShapeError) -> [[String]] {
    let nodes: [JSONNode]
    if case .array(let items) = value.content { nodes = items } else { nodes = [value] }
    var lines: [[String]] = []
    for node in nodes {
      guard let words = try? ShellWords.split(try node.text()), !words.isEmpty else {
        throw JSONShapeError(node, "a command line with an open quote, or an empty one")
      }
      // There is no shell: a sign of one would reach the first command as a word.
      if let sign = words.first(where: ["&&", "||", ";", "|"].contains) {
        throw JSONShapeError(node, "a list of command lines in place of \(sign)")
      }
      lines.append(words)
    }
    guard !lines.isEmpty else {
      throw JSONShapeError(value, "a script without command lines")
    }
    return lines
  }
}

extension Invocation {
  func scripts() throws -> Scripts {
    try Scripts.load(folder: program.folder, environment: environment)
  }
}
