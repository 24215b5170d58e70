import Foundation
import Testing

@testable import MigrationBasics
@testable import MigrationPlan

/// The schema for editors says what the reader reads.
@Suite struct PlanSchemaTests {
  private static func schema() throws -> JSONValue {
    let file = planPackageRoot.appending(path: "config/plan.schema.json")
    return try JSONValue.parse(String(decoding: try Data(contentsOf: file), as: UTF8.self))
  }

  private static let objects: [(String, [String])] = [
    ("plan", PlanWords.plan), ("source", PlanWords.source), ("target", PlanWords.target),
    ("limits", PlanWords.limits), ("thresholds", PlanWords.thresholds),
    ("triggers", PlanWords.triggers), ("settings", PlanWords.settings),
    ("table", PlanWords.table), ("feed", PlanWords.feed),
    ("loading", PlanWords.loading), ("businessRule", PlanWords.businessRule),
    ("timedQuery", PlanWords.timedQuery), ("check", PlanWords.check),
    ("ruleObject", PlanWords.rule),
    ("condition", PlanWords.condition), ("booleanStep", PlanWords.booleanStep),
    ("numberStep", PlanWords.numberStep), ("dateStep", PlanWords.dateStep),
    ("boundStep", PlanWords.boundStep), ("listStep", PlanWords.listStep),
  ]

  @Test func knowsTheSameKeysAsTheReader() throws {
    let definitions = try #require(try Self.schema()["$defs"])
    for (name, words) in Self.objects {
      let definition = try #require(definitions[name])
      guard case .object(let properties)? = definition["properties"] else {
        Issue.record("\(name) has no properties")
        continue
      }
      #expect(Set(properties.members.map(\.key)) == Set(words), "\(name)")
      #expect(definition["additionalProperties"] == false, "\(name)")
      for property in properties.members {
        let text = property.value["description"] ?? property.value["$ref"]
        #expect(text != nil, "\(name).\(property.key) is not described")
      }
    }
  }

  @Test func theShippedPlanIsValid() throws {
    let schema = try Self.schema()
    let file = planPackageRoot.appending(path: "config/nxt/plan.json5")
    let plan = try JSON5.parse(bytes: Array(try Data(contentsOf: file))).value
    #expect(SchemaValidator(root: schema).problems(plan, schema) == [])
  }

  /// What the reader refuses, the schema refuses too, as far as schemas can say it.
  @Test(arguments: [
    #"{ from: "a", value: 1 }"#, #"{ from: "a", requird: true }"#, "true", "[]", "{}",
    #"{ from: "a", phone: "kep" }"#, #"{ from: "a", separator: "x" }"#,
    #"{ from: "a", truncate: 0 }"#, #"{ from: "a", default: null }"#,
    #"{ from: "a", unmapped: "keep" }"#, #"{ reference: "t" }"#,
    #"{ when: { from: "a" }, then: "b" }"#, #"{ when: { from: "a", is: 1 } }"#,
    #"{ runTime: false }"#, #"{ concat: [] }"#, #"{ from: "a", map: {} }"#,
  ]) func refusesWhatTheReaderRefuses(_ rule: String) throws {
    let text = planText(rule: rule)
    #expect(!planFaults(text).isEmpty)
    let schema = try Self.schema()
    let value = try JSON5.parse(text).value
    #expect(SchemaValidator(root: schema).problems(value, schema) != [])
  }
}

/// As much of JSON Schema 2020-12 as `config/plan.schema.json` uses.
struct SchemaValidator {
  let root: JSONValue

  func problems(_ value: JSONValue, _ schema: JSONValue, at path: String = "$") -> [String] {
    guard case .object(let keywords) = schema else { return schema == false ? [path] : [] }
    return keywords.members.flatMap { keyword in
      problems(value, keyword.key, keyword.value, schema, path)
    }
  }

  private func problems(
    _ value: JSONValue, _ key: String, _ argument: JSONValue, _ schema: JSONValue, _ path: String
  ) -> [String] {
    let wrong = ["\(path): \(key)"]
    switch key {
    case "$schema", "$defs", "title", "description", "default": return []
    case "$ref": return problems(value, definition(argument), at: path)
    case "type": return matches(value, types: argument) ? [] : wrong
    case "enum": return elements(argument).contains(value) ? [] : wrong
    case "const": return argument == value ? [] : wrong
    case "not": return problems(value, argument).isEmpty ? wrong : []
    case "anyOf":
      let all = elements(argument).map { problems(value, $0, at: path) }
      return all.contains([]) ? [] : wrong + all.flatMap { $0 }
    case "oneOf":
      return elements(argument).filter { problems(value, $0).isEmpty }.count == 1 ? [] : wrong
    default: return structure(value, key, argument, schema, path)
    }
  }

  private func structure(
    _ value: JSONValue, _ key: String, _ argument: JSONValue, _ schema: JSONValue, _ path: String
  ) -> [String] {
    let wrong = ["\(path): \(key)"]
    switch (key, value) {
    case ("items", .array(let items)):
      return items.enumerated().flatMap {
        problems($0.element, argument, at: "\(path)[\($0.offset)]")
      }
    case ("minItems", .array(let items)): return items.count >= number(argument) ? [] : wrong
    case ("properties", .object(let object)):
      return object.members.flatMap { member in
        argument[member.key].map { problems(member.value, $0, at: "\(path).\(member.key)") } ?? []
      }
    case ("additionalProperties", .object(let object)):
      return object.members.filter { schema["properties"]?[$0.key] == nil }.flatMap {
        problems($0.value, argument, at: "\(path).\($0.key)")
      }
    case ("propertyNames", .object(let object)):
      return object.members.flatMap { problems(.text($0.key), argument, at: path) }
    case ("required", .object(let object)):
      return elements(argument).allSatisfy { has(object, $0) } ? [] : wrong
    case ("dependentRequired", .object(let object)):
      guard case .object(let needs) = argument else { return wrong }
      let isMet = needs.members.allSatisfy { need in
        object[need.key] == nil || elements(need.value).allSatisfy { has(object, $0) }
      }
      return isMet ? [] : wrong
    case ("minProperties", .object(let object)):
      return object.members.count >= number(argument) ? [] : wrong
    case ("minLength", .text(let text)): return text.count >= number(argument) ? [] : wrong
    case ("maxLength", .text(let text)): return text.count <= number(argument) ? [] : wrong
    case ("minimum", .int(let int)): return int >= number(argument) ? [] : wrong
    case ("maximum", .int(let int)): return int <= number(argument) ? [] : wrong
    case ("pattern", .text(let text)):
      guard case .text(let pattern) = argument else { return wrong }
      return text.range(of: pattern, options: .regularExpression) == nil ? wrong : []
    case ("items", _), ("minItems", _), ("properties", _), ("additionalProperties", _),
      ("propertyNames", _), ("required", _), ("dependentRequired", _), ("minProperties", _),
      ("minLength", _), ("maxLength", _), ("minimum", _), ("maximum", _), ("pattern", _):
      return []
    default: return ["\(path): the test does not know \(key)"]
    }
  }

  private func definition(_ reference: JSONValue) -> JSONValue {
    guard case .text(let text) = reference, let name = text.split(separator: "/").last else {
      return false
    }
    return root["$defs"]?[String(name)] ?? false
  }

  private func elements(_ value: JSONValue) -> [JSONValue] {
    if case .array(let elements) = value { elements } else { [value] }
  }

  private func number(_ value: JSONValue) -> Int {
    if case .int(let int) = value { int } else { 0 }
  }

  private func has(_ object: JSONObject, _ key: JSONValue) -> Bool {
    guard case .text(let key) = key else { return false }
    return object[key] != nil
  }

  private func matches(_ value: JSONValue, types: JSONValue) -> Bool {
    let name =
      switch value {
      case .null: "null"
      case .bool: "boolean"
      case .int: "integer"
      case .double, .numeral: "number"
      case .text: "string"
      case .array: "array"
      case .object: "object"
      }
    let names = elements(types)
    return names.contains(.text(name)) || (name == "integer" && names.contains("number"))
  }
}
