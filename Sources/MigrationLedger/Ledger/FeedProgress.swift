/// How far one source of a table is, by its committed chunks.
package struct FeedProgress: Sendable, Hashable {
  package let source: String
  package let chunks: Int
  package let chunksDone: Int
  package let rowEstimate: Int
  package let read: Int
  package let loaded: Int
  package let merged: Int
  package let filtered: Int
  package let quarantined: Int
}
