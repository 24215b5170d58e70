import MigrationPlan

/// The number of a slot.
package typealias Place = Int32

/// A run of entries in one of the program's lists.
package struct Span32: BitwiseCopyable {
  package var first: Int32
  package var count: Int32
}

/// One instruction of a row program: which slots it reads, which it fills, and what it does.
///
/// An instruction is plain memory of a few words. All texts, tables and formats that it needs lie in
/// the program's own memory and are named by number.
enum Op: BitwiseCopyable {
  // Flow
  case jump(to: Int32)
  case jumpIfNotNull(Place, to: Int32)
  case jumpIfFalse(Place, to: Int32)

  // What most rules have, run in the loop itself.
  case copy(Place, into: Place)
  case coalesce(Place, Place, into: Place)
  /// Puts pieces of JSON together.
  case build(Span32, isCanonical: Bool, into: Place)
  case required(Place)

  case value(ValueOp)
  case condition(ConditionOp)
  case text(TextOp)
  case textCheck(TextCheckOp)
  case conversion(ConversionOp)
  case check(CheckOp)
  case rounding(RoundingOp)
}

/// An instruction that makes a value of others.
enum ValueOp: BitwiseCopyable {
  case concatenate(Span32, separator: Place, into: Place)
  /// Follows a path into JSON.
  case part(Place, path: Span32, into: Place)
  /// Takes a document's field whose name has dots or, if there is none, what the name leads to as a
  /// path.
  case field(Place, root: Place, path: Span32, into: Place)
  case identity(Place, namespace: Place, into: Place)
  /// Looks a row of another table up; null if it is not there.
  case lookup(Place, table: Int32, into: Place)
  /// Ends a look-up that found nothing.
  case orphan(Span32, into: Place, FailurePolicy)
}

/// An instruction that makes true or false.
enum ConditionOp: BitwiseCopyable {
  case isNull(Place, into: Place)
  case equalsAny(Place, Span32, into: Place)
  case hasPrefix(Place, prefix: Place, into: Place)
  case atMost(Place, Place, into: Place)
  case not(Place, into: Place)
  case all(Span32, into: Place)
  case any(Span32, into: Place)
}

/// An instruction that changes text; what is no text it leaves alone, or takes as text.
enum TextOp: BitwiseCopyable {
  case trim(Place, into: Place)
  case collapseBlanks(Place, into: Place)
  case emptyToNull(Place, into: Place)
  case changeCase(Place, upper: Bool, into: Place)
  case truncate(Place, Int32, into: Place)
  case hash(Place, into: Place)
  case mask(Place, keepLast: Int32, into: Place)
}

/// An instruction that refuses some texts.
enum TextCheckOp: BitwiseCopyable {
  case phone(Place, into: Place, FailurePolicy)
  case email(Place, into: Place, FailurePolicy)
  case nul(Place, into: Place, NULPolicy)
}

/// An instruction that reads text as something else.
enum ConversionOp: BitwiseCopyable {
  /// Words of a table represent true (1) and false (0).
  case boolean(Place, words: Int32, into: Place, FailurePolicy)
  /// Separators are texts; the one between groups may be empty.
  case number(Place, decimal: Place, grouping: Place, into: Place, FailurePolicy)
  case date(Place, formats: Span32, zone: Int32, into: Place, FailurePolicy)
  /// Words of a table represent constants, counted from a first one.
  case map(Place, words: Int32, values: Place, into: Place, FailurePolicy)
  case mapOrElse(Place, words: Int32, values: Place, otherwise: Place, into: Place)
}

/// An instruction that refuses values beyond a limit.
enum CheckOp: BitwiseCopyable {
  case minimum(Place, Place, into: Place, FailurePolicy)
  case maximum(Place, Place, into: Place, FailurePolicy)
  /// Text must be one of the words of a table.
  case oneOf(Place, words: Int32, into: Place, Reason, FailurePolicy)
}

/// An instruction that makes a value less exact.
enum RoundingOp: BitwiseCopyable {
  /// Rounds numbers to so many decimal places.
  case round(Place, scale: Int32, into: Place)
  /// Drops the time of day.
  case roundToDay(Place, into: Place)
  /// Rounds decimal places of a second.
  case roundSeconds(Place, places: Int32, into: Place)
}

/// A piece of a JSON text: constant bytes, or the value of a slot.
package struct JSONPiece: BitwiseCopyable {
  package var place: Place
  package var literal: UnsafeRawPointer?
  package var count: Int32
}

/// A column of the target, as the encoder sees it.
package struct TargetColumn: BitwiseCopyable {
  package var place: Place
  package var type: TargetType
  package var isNotNull: Bool
}

/// A condition between two columns of a finished row, or a column and a constant.
package struct CompiledCheck: BitwiseCopyable {
  package var left: Int32
  /// -1 if the right side is the constant.
  package var right: Int32
  package var constant: Place
  package var comparison: RowCheck.Comparison
  package var policy: FailurePolicy
}
