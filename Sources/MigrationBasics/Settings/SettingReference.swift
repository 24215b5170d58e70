/// Follows values that are elsewhere: `file:/path` (its first line) and `env:NAME`.
package struct SettingReference {
  package let environment: [String: String]
  /// The folder that relative paths start from.
  package let folder: String

  /// What a reference led to.
  package struct Resolved {
    package var text: String
    /// The references on the way; empty for a value that is where it is.
    package var steps: [String] = []
    package var warnings: [String] = []
  }

  package struct Failure: Error {
    package let message: String
    package let remedy: String

    package init(message: String, remedy: String) {
      self.message = message
      self.remedy = remedy
    }

  }

  /// A chain longer than this is a circle or a mistake.
  private static let maximumSteps = 5

  package func resolve(_ text: String) throws(Failure) -> Resolved {
    var resolved = Resolved(text: text)
    while let (scheme, target) = Self.split(resolved.text) {
      guard resolved.steps.count < Self.maximumSteps else {
        throw Failure(
          message: "\(resolved.steps.joined(separator: " → ")) goes round in a circle",
          remedy: "let the last reference of the chain hold a value")
      }
      resolved.steps.append("\(scheme):\(target)")
      if scheme == "file" {
        // What a file holds is taken as it is, so that any password can be given there.
        resolved.text = try firstLine(target, &resolved)
        return resolved
      }
      resolved.text = try variable(target)
    }
    return resolved
  }

  private static func split(_ text: String) -> (scheme: String, target: String)? {
    for scheme in ["env", "file"] where text.trimmed.hasPrefix(scheme + ":") {
      return (scheme, String(text.trimmed.dropFirst(scheme.count + 1)))
    }
    return nil
  }

  private func variable(_ name: String) throws(Failure) -> String {
    guard let value = environment[name], !value.trimmed.isEmpty else {
      throw Failure(
        message: "env:\(name) points to an environment variable that is not set",
        remedy: "export \(name), or give the value itself")
    }
    return value
  }

  private func firstLine(_ target: String, _ resolved: inout Resolved) throws(Failure) -> String {
    let path = target.hasPrefix("///") ? String(target.dropFirst(2)) : target
    let file: SmallFile
    do {
      file = try SmallFile.read(path.hasPrefix("/") ? path : folder + "/" + path)
    } catch {
      throw Failure(
        message: "file:\(target) cannot be read: \(error.reason)",
        remedy: "create the file with the value on its first line, readable by you alone")
    }
    if file.isReadableByAll {
      resolved.warnings.append(
        "\(path) holds a value of the settings and can be read by every user: chmod 600 \(path)")
    }
    guard let line = Self.line(of: file), !line.trimmed.isEmpty else {
      throw Failure(
        message: "the first line of file:\(target) is empty or not UTF-8 text",
        remedy: "write the value on the first line")
    }
    return line
  }

  private static func line(of file: SmallFile) -> String? {
    let bytes = file.bytes.prefix { !$0.isLineEnd }
    return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
  }
}
