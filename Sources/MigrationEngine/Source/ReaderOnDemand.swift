/// A way to read from a source that is opened when it is needed, and not before.
package final class ReaderOnDemand {
  private let source: any RowSource
  private var opened: (any RowReader)?

  init(_ source: any RowSource) { self.source = source }

  package func reader() throws -> any RowReader {
    if let opened { return opened }
    let reader = try source.open(timeout: nil)
    opened = reader
    return reader
  }
}
