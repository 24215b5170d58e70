import CLateLibraries
import FoundationEssentials
import MigrationCore

/// A library that a command needs and can't use, reported in the form that the command line asks for.
enum MissingLibrary {
  /// Call before the first command.
  static func isToldLikeAnyFailure() {
    late_tell_missing_by { file, why, package in
      let early = EarlyOptions(Array(CommandLine.arguments.dropFirst()))
      let error = MigrationError(
        .configuration,
        "\(String(cString: file)) is needed for this, and can't be used: \(String(cString: why))",
        remedy: "install it: apt-get install \(String(cString: package))")
      _ = FailureReport(error).tell(early.console(ProcessInfo.processInfo.environment))
    }
  }
}
