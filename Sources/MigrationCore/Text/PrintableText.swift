extension String {
  /// The text without control characters: data could move a terminal's cursor or colour it.
  public var printable: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.map(\.printable)))
  }
}

extension Unicode.Scalar {
  var isControl: Bool { properties.generalCategory == .control }
  /// A blank in the place of a control character.
  var printable: Unicode.Scalar { isControl ? " " : self }
}
