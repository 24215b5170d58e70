import FoundationEssentials
import Glibc
import MigrationCore

/// A `package.json` whose scripts call this program, by the names of the runbooks: `npm run migration:status`.
struct PackageFile {
  typealias Entry = (name: String, command: String)

  let path: String
  private(set) var added: [String] = []
  /// Scripts of these names that call something else, and stay.
  private(set) var kept: [Entry] = []
  private var document: JSONObject

  /// Reads the file if there is one, and adds the scripts that it lacks.
  init(_ path: String, _ entries: [Entry]) throws {
    self.path = path
    document = try Self.read(path) ?? JSONObject([("private", .bool(true))])
    var scripts = try Self.scripts(document, path)
    for entry in entries {
      guard let present = scripts[entry.name] else {
        scripts[entry.name] = .text(entry.command)
        added.append(entry.name)
        continue
      }
      guard present != .text(entry.command) else { continue }
      if case .text(let command) = present {
        kept.append((entry.name, command))
      } else {
        throw Self.unusable(path, "the script \(entry.name) is no text")
      }
    }
    document["scripts"] = .object(scripts)
  }

  /// Writes the file if something was added; who may read it stays as it is.
  func write() throws {
    guard !added.isEmpty else { return }
    var status = stat()
    let mode = stat(path, &status) == 0 ? status.st_mode & 0o777 : 0o644
    try AtomicFile.write(path) { append in try append(JSONValue.object(document).pretty + "\n") }
    chmod(path, mode)
  }

  private static func read(_ path: String) throws -> JSONObject? {
    do {
      let node = try JSON5.parse(bytes: try InputFile.read(path), file: path, dialect: .json)
      guard case .object(let object) = node.value else {
        throw JSONShapeError(node, "expected an object")
      }
      return object
    } catch let error as FileProblem where error.code == .missing {
      return nil
    } catch let error as FileProblem {
      throw unusable(path, error.reason)
    } catch { throw unusable(path, "\(error)") }
  }

  private static func scripts(_ document: JSONObject, _ path: String) throws -> JSONObject {
    switch document["scripts"] {
    case nil: return JSONObject([])
    case .object(let scripts)?: return scripts
    default: throw unusable(path, "its scripts are no object")
    }
  }

  private static func unusable(_ path: String, _ reason: String) -> MigrationError {
    MigrationError(
      .configuration, "the scripts could not be added: \(reason)", place: path,
      remedy: "correct the file, or move it away")
  }
}

extension PackageFile {
  /// The names of the runbooks, each with the words that it stands for.
  static func names(
    _ pages: [CommandPage], _ scripts: Scripts, tables: [Script]
  ) -> [(name: String, words: String)] {
    var names: [(name: String, words: String)] = []
    func add(_ name: String, _ words: String) {
      if !names.contains(where: { $0.name == name }) { names.append((name, words)) }
    }
    for page in pages {
      let name = page.words.joined(separator: ":")
      add(page.words[0] == "db" ? name : "migration:" + name, page.name)
    }
    for script in scripts.all {
      add(script.name.contains(":") ? script.name : "migration:" + script.name, script.name)
      // `pnpm migrate:mongo-to-postgres` moves all of a plan.
      if script.lines.contains(where: { $0.first == "run" && $0.contains("--plan") }) {
        add("migrate:" + script.name, script.name)
      }
    }
    for table in tables { add("migration:" + table.name, table.name) }
    return names
  }

  /// How a script calls this program: by its name if the shell finds it, by its path otherwise.
  static func program(_ environment: [String: String]) -> String {
    guard let own = realpath("/proc/self/exe", nil) else { return "migrate" }
    defer { free(own) }
    let path = String(cString: own)
    for folder in (environment["PATH"] ?? "").split(separator: ":") {
      guard let found = realpath("\(folder)/migrate", nil) else { continue }
      defer { free(found) }
      // The first one is the one that the shell takes.
      return strcmp(found, own) == 0 ? "migrate" : quoted(path)
    }
    return quoted(path)
  }

  private static func quoted(_ path: String) -> String {
    let isPlain = path.allSatisfy {
      $0.isASCII && ($0.isLetter || $0.isNumber) || "/._-+".contains($0)
    }
    return isPlain ? path : "'" + path.replacing("'", with: "'\\''") + "'"
  }
}
