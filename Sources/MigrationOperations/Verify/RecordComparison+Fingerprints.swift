import Postgres

extension RecordComparison {
  /// Enters the fingerprint of each row that was sent, made of what the server has stored of it.
  func hash(_ hashed: HashedFields) throws {
    let list = try hashed.columns.map { column in
      columns.contains(column.name) ? try column.selected() : "NULL"
    }
    let rows = try connection.copyOut(
      "COPY (SELECT \((["ctid::text"] + list).joined(separator: ", ")) FROM \(temporary)) "
        + "TO STDOUT (FORMAT binary)")
    var (places, fingerprints): ([String], [String]) = ([], [])
    while try rows.next({ row in
      var reader = BinaryRowReader(row)
      guard let place = reader.next() else { return }
      // Behind the number of fields, and the length and text of the place.
      let fields = UnsafeRawBufferPointer(rebasing: row.dropFirst(6 + place.bytes.count))
      places.append(String(decoding: place.bytes, as: UTF8.self))
      fingerprints.append(hashed.key.hash(fields).hexadecimal)
    }) {}
    try connection.query(
      """
      UPDATE \(temporary) s SET \(try SQL.identifier(Self.fingerprintColumn)) = decode(f.hash, 'hex')
      FROM unnest($1::text[], $2::text[]) f(place, hash) WHERE s.ctid = f.place::tid
      """, [places, fingerprints])
  }
}
