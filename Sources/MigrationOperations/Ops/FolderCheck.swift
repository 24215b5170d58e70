import Glibc
import MigrationBasics

/// Can the folder be written to that reports, logs or backups go to?
struct FolderCheck {
  let name: String
  let path: String
  /// The setting that chooses the folder.
  let setting: String

  func run() -> Check {
    let place = nearestExisting(path)
    guard let problem = problem(writingTo: place) else {
      let finding = place == path ? "\(path) is writable" : "\(path) will be created"
      return .pass(.files, name, finding)
    }
    return .failure(
      .files, name, "\(path) is not writable: \(problem) (\(place))",
      remedy: "grant this user write access, or set \(setting) to another folder")
  }

  /// Writes a file and removes it: permissions alone do not show whether that works.
  private func problem(writingTo folder: String) -> String? {
    var template = Array((folder + "/.migrate-check-XXXXXX").utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { return errorText(errno) }
    close(descriptor)
    unlink(template)
    return nil
  }

  private func nearestExisting(_ path: String) -> String {
    var place = path
    while access(place, F_OK) != 0, place != "/", place != "." {
      place = DiskSpace.parent(of: place)
    }
    return place
  }
}

/// Can others read the passwords in a settings file?
struct SettingsFileCheck {
  let path: String

  func run() -> Check? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    let name = "permissions of \(path)"
    if status.st_mode & mode_t(S_IROTH) != 0 {
      return .warning(
        .files, name, "every user of this machine can read it", remedy: "chmod 600 \(path)")
    }
    return .pass(.files, name, "not readable by every user")
  }
}
