/// What is wrong with a sample document, and the expected result.
package struct CRMFault: Sendable, Hashable {
  package enum Kind: String, Sendable, CaseIterable {
    case missing, nul, duplicate, notANumber, fraction, outOfRange, notABoolean, notADate
    case unknownLabel, orphan, orphanInArray, nullInArray
  }

  package enum Effect: String, Sendable, CaseIterable {
    /// The document is quarantined.
    case quarantined
    /// The document is loaded with a null and a warning.
    case warned
    /// The document is loaded; a pair of one of its arrays is quarantined.
    case pairQuarantined
  }

  package let field: String
  package let kind: Kind
  package let effect: Effect

  /// The name of the fault in the manifest, such as `email.duplicate`.
  package var name: String { "\(field).\(kind.rawValue)" }

  /// The faults of a collection, in the order in which they take turns.
  package static func all(of collection: CRMCollection) -> [CRMFault] {
    var seen: Set<Kind> = []
    return collection.fields.flatMap { field -> [CRMFault] in
      // What is the same for every field of a kind need not be there for each of them.
      kinds(of: field).filter { kind in
        switch kind {
        case .nul, .notANumber, .fraction, .notADate: seen.insert(kind).inserted
        default: true
        }
      }.map { CRMFault(field: field.name, kind: $0, effect: effect($0, field)) }
    }
  }

  private static func kinds(of field: CRMField) -> [Kind] {
    let missing: [Kind] = field.presence == .required ? [.missing] : []
    switch field.kind {
    case .words(.ownEmail): return missing + [.duplicate]
    case .words, .anything: return missing + [.nul]
    case .int: return missing + [.notANumber, .fraction, .outOfRange]
    case .bool: return missing + [.notABoolean]
    case .moment: return missing + [.notADate]
    case .label: return missing + [.unknownLabel]
    case .reference: return missing + [.orphan]
    case .pairs: return [.orphanInArray, .nullInArray]
    case .version, .oneOf, .id, .texts, .ids: return missing
    }
  }

  private static func effect(_ kind: Kind, _ field: CRMField) -> Effect {
    switch kind {
    case .orphanInArray, .nullInArray: .pairQuarantined
    case .orphan where field.presence != .required: .warned
    default: .quarantined
    }
  }
}
