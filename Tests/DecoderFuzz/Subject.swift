/// Something that turns bytes from outside into values, and so must bear any bytes.
///
/// To put another decoder under test, write a subject and add it to `allSubjects()`.
protocol Subject: AnyObject {
  var name: String { get }

  /// How often the subject's turn comes: one in every so many inputs.
  var share: Int { get }

  /// Makes an input, sound or damaged.
  func input(_ random: inout SeededRandom) -> [UInt8]

  /// Decodes an input.
  ///
  /// - Returns: whether it was accepted. A refusal is a thrown or returned error of the decoder.
  /// - Throws: `BrokenPromise` where the decoder gave something that it must not give.
  func decode(_ input: [UInt8]) throws(BrokenPromise) -> Bool
}

/// What a decoder did against its word.
struct BrokenPromise: Error { let reason: String }

/// Makes every decoder under test.
func allSubjects() -> [any Subject] {
  [
    DocumentSubject(), TextSubject(), FolderSubject(), ArchiveSubject(), DotEnvSubject(),
    JSON5Subject(), RowSubject(), DocumentRowSubject(), PlanSubject(), CheckpointSubject(),
  ]
}
