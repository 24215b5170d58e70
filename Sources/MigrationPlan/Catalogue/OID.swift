/// The numbers of the built-in types, from PostgreSQL's `pg_type.dat`.
package enum OID {
  package static var bool: UInt32 { 16 }
  package static var bytea: UInt32 { 17 }
  package static var char: UInt32 { 18 }
  package static var name: UInt32 { 19 }
  package static var int8: UInt32 { 20 }
  package static var int2: UInt32 { 21 }
  package static var int4: UInt32 { 23 }
  package static var text: UInt32 { 25 }
  package static var oid: UInt32 { 26 }
  package static var json: UInt32 { 114 }
  package static var float4: UInt32 { 700 }
  package static var float8: UInt32 { 701 }
  package static var money: UInt32 { 790 }
  package static var bpchar: UInt32 { 1042 }
  package static var varchar: UInt32 { 1043 }
  package static var date: UInt32 { 1082 }
  package static var time: UInt32 { 1083 }
  package static var timestamp: UInt32 { 1114 }
  package static var timestamptz: UInt32 { 1184 }
  package static var numeric: UInt32 { 1700 }
  package static var uuid: UInt32 { 2950 }
  package static var jsonb: UInt32 { 3802 }
  /// From here on numbers differ from database to database.
  package static var firstOfUser: UInt32 { 16_384 }
}
