import Mongo

/// Values that are texts, or are mostly shown as such.
extension DocumentTypeCases {
  static let texts: [(name: String, cases: [TypeCase])] = [
    (
      "string",
      [
        .init("boolean", "yes", "true"), .init("boolean", "perhaps", "!notBoolean"),
        .init("int4", "12", "12"), .init("int4", "twelve", "!notANumber"),
        .init("float8", "1.5", "1.5"), .init("numeric", "1.50", "1.50"),
        .init("text", "ok", "ok"), .init("varchar(8)", "123456789", "!tooLong"),
        .init("enum", "ok", "ok"), .init("enum", "bad", "!notInList"),
        .init("text", "a\0b", "!nulByte"), .init("jsonb", "a\0b", "!nulByte"),
        .init(
          "uuid", "65a1b2c3-d4e5-8f60-8718-293a4b000000", "65a1b2c3-d4e5-8f60-8718-293a4b000000"),
        .init("uuid", "65a1b2c3d4e5f60718293a4b", "!notAUUID"),
        .init("bytea", "\\x01ff", "\\x01ff"),
        .init("date", "2024-05-01", "2024-05-01"), .init("time", "12:30:00", "12:30:00"),
        .init("timestamp", "2024-05-01T12:30:00", "2024-05-01 12:30:00"),
        .init("timestamptz", "2024-05-01T12:30:00+02:00", "2024-05-01 10:30:00+00"),
        .init("jsonb", "{\"a\":1}", "\"{\\\"a\\\":1}\""),
      ]
    ),
    (
      "javascript",
      [.init("text", .javascript("f()"), "f()"), .init("jsonb", .javascript("f()"), "\"f()\"")]
    ),
    ("symbol", [.init("text", .symbol("s"), "s"), .init("jsonb", .symbol("s"), "\"s\"")]),
    (
      "binData 3, 4",
      [3, 4].flatMap { (subtype: UInt8) -> [TypeCase] in
        let value = BSONValue.binary(BSONBinary(subtype: subtype, bytes: uuidBytes))
        let text = "00010203-0405-0607-0809-0a0b0c0d0e0f"
        return [
          .init("uuid", value, text), .init("text", value, text),
          .init("jsonb", value, "\"\(text)\""),
          .init("bytea", value, "\\x000102030405060708090a0b0c0d0e0f"),
        ]
      }
    ),
    (
      "binData, others",
      [
        .init("bytea", .binary(BSONBinary(bytes: [1, 255])), "\\x01ff"),
        .init("bytea", .binary(BSONBinary(subtype: 2, bytes: [1, 255])), "\\x01ff"),
        .init("text", .binary(BSONBinary(subtype: 128, bytes: [1])), "\\x01"),
        .init(
          "uuid", .binary(BSONBinary(bytes: uuidBytes)), "00010203-0405-0607-0809-0a0b0c0d0e0f"),
        .init("uuid", .binary(BSONBinary(bytes: [1])), "!notAUUID"),
        .init("jsonb", .binary(BSONBinary(bytes: [1])), "\"\\\\x01\""),
      ]
    ),
    (
      "objectId",
      [
        .init("uuid", .objectID(id), "65a1b2c3-d4e5-8f60-8718-293a4b000000"),
        .init("text", .objectID(id), "65a1b2c3d4e5f60718293a4b"),
        .init("varchar(8)", .objectID(id), "!tooLong"),
        .init("bytea", .objectID(id), "\\x65a1b2c3d4e5f60718293a4b"),
        .init("jsonb", .objectID(id), "\"65a1b2c3d4e5f60718293a4b\""),
      ]
    ),
    (
      "date",
      [
        .init("timestamp(3)", .date(1_714_566_600_123), "2024-05-01 12:30:00.123"),
        .init("timestamptz", .date(-1), "1969-12-31 23:59:59.999+00"),
        .init("timestamp", .date(.max), "!outOfRange"),
        .init("timestamp", .date(.min), "!outOfRange"),
        .init("date", .date(86_400_000), "1970-01-02"),
        .init("date", .date(1), "!losesTime"), .init("date", .date(.max), "!outOfRange"),
        .init("text", .date(0), "1970-01-01 00:00:00+00"),
        .init("jsonb", .date(500), "\"1970-01-01T00:00:00.5Z\""),
        .init("jsonb", .date(.max), "{\"$date\":{\"$numberLong\":\"9223372036854775807\"}}"),
      ]
    ),
  ]
}
