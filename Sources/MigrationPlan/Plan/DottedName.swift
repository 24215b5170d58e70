/// The name of a document's field with dots in it: a path, unless a field of that very name is there.
package enum DottedName {
  /// Returns the keys that a name represents; nil for one that can be no path.
  package static func path(_ name: String) -> [String]? {
    let keys = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    return keys.count > 1 && keys.allSatisfy { !$0.isEmpty } ? keys : nil
  }
}
