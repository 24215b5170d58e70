/// The numbers of the built-in types, from PostgreSQL's `pg_type.dat`.
enum OID {
  static var bool: UInt32 { 16 }
  static var bytea: UInt32 { 17 }
  static var char: UInt32 { 18 }
  static var name: UInt32 { 19 }
  static var int8: UInt32 { 20 }
  static var int2: UInt32 { 21 }
  static var int4: UInt32 { 23 }
  static var text: UInt32 { 25 }
  static var oid: UInt32 { 26 }
  static var json: UInt32 { 114 }
  static var float4: UInt32 { 700 }
  static var float8: UInt32 { 701 }
  static var bpchar: UInt32 { 1042 }
  static var varchar: UInt32 { 1043 }
  static var date: UInt32 { 1082 }
  static var time: UInt32 { 1083 }
  static var timestamp: UInt32 { 1114 }
  static var timestamptz: UInt32 { 1184 }
  static var numeric: UInt32 { 1700 }
  static var uuid: UInt32 { 2950 }
  static var jsonb: UInt32 { 3802 }
  /// From here on numbers differ from database to database.
  static var firstOfUser: UInt32 { 16_384 }
}
