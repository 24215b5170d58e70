/// Keys of some rows as examples of what happened to many.
package enum ExampleKeys {
  /// The most that are kept.
  package static let most = 5
}
