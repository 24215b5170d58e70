/// Paths as people give them.
package enum PathText {
  /// A path in a folder, unless it is absolute; without steps that lead nowhere (`./`, `//`).
  package static func absolute(_ given: String, in folder: String) -> String {
    let path = given.hasPrefix("/") ? given : folder + "/" + given
    return "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
  }
}
