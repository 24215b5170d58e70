extension String {
  /// The text without control characters: data could move a terminal's cursor or colour it.
  package var printable: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.map(\.printable)))
  }

  /// The text with its control characters as `\u{1B}`, where people look for what is in it.
  package var withVisibleControls: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    return unicodeScalars.reduce(into: "") { text, scalar in
      if scalar.isControl {
        text += "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
  }
}

extension Unicode.Scalar {
  /// Whether a terminal obeys the character instead of showing it: it moves, ends the line, or turns the
  /// direction of what follows.
  var isControl: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    case .format: properties.isBidiControl
    default: false
    }
  }

  /// A blank in the place of a control character.
  package var printable: Unicode.Scalar { isControl ? " " : self }
}
