import FoundationEssentials
import MigrationCore

extension Scripts {
  /// Reads `scripts.json` from the configuration folder; a folder without one has no scripts.
  static func load(folder: String, environment: [String: String]) throws -> Scripts {
    let configured = environment["MIGRATION_CONFIG_DIR"].flatMap { $0.isEmpty ? nil : $0 }
    let file = (configured ?? "config") + "/scripts.json"
    let path = file.hasPrefix("/") ? file : folder + "/" + file
    guard let bytes = FileManager.default.contents(atPath: path) else {
      return Scripts(file: file, all: [])
    }
    do {
      let members = try JSON5.parse(bytes: Array(bytes), file: file).required("scripts").object()
      return Scripts(file: file, all: try members.map(script))
    } catch let error as ParseError {
      throw MigrationError(.configuration, "the scripts can't be read", place: error.description)
    } catch let error as JSONShapeError {
      throw MigrationError(.configuration, "the scripts can't be used", place: error.description)
    }
  }

  /// A script is a command line, or a list of them.
  private static func script(_ member: JSONNode.Member) throws(JSONShapeError) -> Script {
    let nodes: [JSONNode]
    if case .array(let items) = member.value.content {
      nodes = items
    } else {
      nodes = [member.value]
    }
    var lines: [[String]] = []
    for node in nodes {
      guard let words = try? ShellWords.split(try node.text()), !words.isEmpty else {
        throw JSONShapeError(node, "a command line with an open quote, or an empty one")
      }
      lines.append(words)
    }
    guard !lines.isEmpty else {
      throw JSONShapeError(member.value, "a script without command lines")
    }
    return Script(name: member.key, lines: lines)
  }
}

extension Invocation {
  func scripts() throws -> Scripts {
    try Scripts.load(folder: program.folder, environment: environment)
  }
}
