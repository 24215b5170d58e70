import MigrationBasics

/// A backup for programs.
extension Backup {
  package var json: JSONValue {
    var object = JSONObject([
      ("name", .text(name)), ("path", .text(path)), ("state", .text(state.word)),
      ("verified", .bool(state == .verified)), ("reason", .optional(state.reason)),
    ])
    if let manifest {
      object["created"] = .text(manifest.created.description)
      object["contents"] = .text(manifest.contents.rawValue)
      object["role"] = .text(manifest.origin.role)
      object["database"] = .text(manifest.origin.database)
      object["server"] = .text("\(manifest.origin.product) \(manifest.origin.version)")
      object["bytes"] = .int(manifest.byteCount)
      object["files"] = .int(manifest.files.count)
      object["rows"] = .int(manifest.holds.rows)
      object["tables"] = .array(manifest.holds.tables.map(\.json))
      object["note"] = .optional(manifest.note)
      object["plan"] = .optional(manifest.plan)
      object["session"] = .optional(manifest.session)
      object["milliseconds"] = [
        "dump": .int(manifest.times.dump), "counting": .int(manifest.times.counting),
        "checksums": .int(manifest.times.checksums),
      ]
    }
    if let verification, state == .verified {
      object["verifiedAt"] = .text(verification.at.description)
    }
    return .object(object)
  }
}

extension BackupVerification.Outcome {
  package var json: JSONValue {
    [
      "backup": .text(name), "path": .text(path), "verified": .bool(isVerified),
      "manifest": .bool(hasManifest), "proved": .array(remarks.map(JSONValue.text)),
      "findings": .array(findings.map(\.json)),
      "tables": .int(manifest?.holds.filledTables.count ?? 0),
      "rows": .int(manifest?.holds.rows ?? 0), "bytes": .int(manifest?.byteCount ?? 0),
      "server": .optional(server),
      "milliseconds": [
        "checksums": .int(checkMilliseconds), "restore": .int(restoreMilliseconds),
        "comparison": .int(compareMilliseconds),
      ],
    ]
  }
}

extension BackupRestore.Outcome {
  package var json: JSONValue {
    [
      "backup": .text(backup), "database": .text(database), "way": .text(way.rawValue),
      "tables": .int(tables), "rows": rows.map(JSONValue.int) ?? .null,
      "equal": .bool(differences.isEmpty), "differences": .array(differences.map(JSONValue.text)),
      "mended": .bool(mended), "proved": .optional(proof),
      "milliseconds": [
        "restore": .int(restoreMilliseconds), "comparison": .int(compareMilliseconds),
      ],
    ]
  }
}
