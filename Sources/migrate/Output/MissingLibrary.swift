import CLateLibraries
import FoundationEssentials
import MigrationCore

/// Reports a library that could not be loaded, as text or JSON like every error.
enum MissingLibrary {
  /// Installs the missing-library handler. Call before the first command.
  static func installHandler() {
    late_tell_missing_by { file, why, package in
      let early = EarlyOptions(Array(CommandLine.arguments.dropFirst()))
      let error = MigrationError(
        .configuration,
        "could not load \(String(cString: file)), which this command needs: \(String(cString: why))",
        remedy: "run apt-get install \(String(cString: package))")
      OutputQueue.finishAll()
      _ = FailureReport(error).tell(early.console(ProcessInfo.processInfo.environment))
    }
  }
}
