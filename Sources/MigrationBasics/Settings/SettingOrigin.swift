/// Where a value of a setting comes from.
package enum SettingOrigin: Hashable, Sendable, CustomStringConvertible {
  /// An option on the command line, with its dashes.
  case flag(String)
  /// A variable of the real environment.
  case environment(variable: String)
  /// A line of a `.env` file.
  case file(path: String, line: Int, variable: String)
  case plan(variable: String)
  case standard

  package var description: String {
    switch self {
    case .flag(let flag): "flag \(flag)"
    case .environment(let variable): "environment variable \(variable)"
    case .file(let path, let line, _): "file \(path) line \(line)"
    case .plan: "plan"
    case .standard: "default"
    }
  }

  /// The name under which the value is there.
  package var variable: String? {
    switch self {
    case .flag(let flag): flag
    case .environment(let variable), .file(_, _, let variable), .plan(let variable): variable
    case .standard: nil
    }
  }
}
