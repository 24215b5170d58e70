import CLateLibraries
import FoundationEssentials
import MigrationCore

/// A library that a command needs and can't use: told in the form that the command line asks for.
enum MissingLibrary {
  /// To be called before the first command runs.
  static func isToldLikeAnyFailure() {
    late_tell_missing_by { file, why, package in
      guard let file, let why, let package else { return }
      let early = EarlyOptions(Array(CommandLine.arguments.dropFirst()))
      var console = Console(
        environment: ProcessInfo.processInfo.environment, allowsColor: !early.refusesColor)
      console.isJSON = early.isJSON
      let error = MigrationError(
        .configuration,
        "\(String(cString: file)) is needed for this, and can't be used: \(String(cString: why))",
        remedy: "install it: apt-get install \(String(cString: package))")
      _ = FailureReport(error).tell(console)
    }
  }
}
