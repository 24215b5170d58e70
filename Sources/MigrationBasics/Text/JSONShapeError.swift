/// Tells that a JSON value is well written but not what was wanted at its place.
package struct JSONShapeError: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: JSONPath
  package let file: String?
  package let position: TextPosition
  package let message: String

  package init(path: JSONPath, file: String?, position: TextPosition, message: String) {
    self.path = path
    self.file = file
    self.position = position
    self.message = message
  }

  /// Creates the error about a node, for example one that a rule of the caller refuses.
  package init(_ node: JSONNode, _ message: String) {
    self.init(path: node.path, file: node.file, position: node.position, message: message)
  }

  package var description: String {
    let subject = path == .root ? "" : "\(path): "
    let place = file.map { "\($0):\(position)" } ?? "line \(position)"
    return "\(subject)\(message), \(place)"
  }
}
