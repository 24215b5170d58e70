/// Goes through the documents of one collection of a dump, one by one, and may rest in between.
public final class DumpCursor {
  private let stream: DumpStream
  private let options: DumpReadOptions
  private var archive: ArchiveState?
  private var block: ArchiveBlock?
  private var isOver: Bool
  /// Where the last document ended, after decompression: the same for every cursor of a collection.
  public private(set) var offset: Int64

  /// Is positioned before a collection's first document.
  ///
  /// - Parameter offset: where to begin, only for a collection that allows ranges: 0, or the offset
  ///   of a cursor of the same collection.
  public init(
    _ dump: any DumpSource, _ collection: DumpedCollection, from offset: Int64 = 0,
    options: DumpReadOptions = DumpReadOptions()
  ) throws(DumpError) {
    self.options = options
    isOver = collection.file == nil
    if dump is DumpArchive {
      stream = try DumpStream(dump.path)
      archive = try ArchiveState(ArchivePrelude(stream), wanted: collection)
    } else {
      stream = try DumpStream(collection.file ?? dump.path, from: offset)
    }
    self.offset = offset
  }

  /// Lends the next document, until the next call; nil at the end.
  ///
  /// - Throws: what is damaged, and at which byte; at an archive's end also what is missing of it.
  public func next() throws(DumpError) -> DumpedDocument? {
    guard !isOver else { return nil }
    let document = archive == nil ? try nextInFile() : try nextInArchive()
    if document == nil { isOver = true } else { offset = stream.offset }
    return document
  }

  private func nextInFile() throws(DumpError) -> DumpedDocument? {
    try stream.isFinished() ? nil : try stream.nextChecked(options)
  }

  private func nextInArchive() throws(DumpError) -> DumpedDocument? {
    while true {
      guard let block else {
        if archive?.isWantedOver == true { return nil }
        if try stream.isFinished() {
          try archive?.finish(stream)
          return nil
        }
        self.block = try archive?.open(stream)
        continue
      }
      if try stream.takeTerminator() {
        self.block = nil
      } else if let document = try document(of: block) {
        return document
      }
    }
  }

  /// Takes the next document of a block; nil for one of another collection.
  private func document(of block: ArchiveBlock) throws(DumpError) -> DumpedDocument? {
    guard !block.isEnd else {
      throw stream.failure(.badArchive, "documents after the end of \(block.namespace)")
    }
    guard archive?.collection(of: block) != nil else {
      _ = try stream.nextDocument()
      return nil
    }
    let document = try stream.nextChecked(options)
    archive?.add(document.view.bytes, to: block)
    return document
  }
}
