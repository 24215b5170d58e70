import Mongo

/// Chooses the documents of a feed that are compared: spread over their ids, and always the first,
/// the last and the widest.
struct DocumentSampling {
  let feed: CollectionFeed
  let client: MongoClient
  let count: Int

  /// Returns the filter that finds the chosen documents.
  func filter() throws -> BSONDocument {
    let total = Int(try client.count(feed.namespace, filter: feed.filter))
    guard total > count else { return feed.filter }
    return DocumentFilter.ids(try spread(total) + widest())
  }

  /// Goes through all ids in order, which the server takes from its index, and keeps some.
  private func spread(_ total: Int) throws -> [BSONValue] {
    var options = FindOptions(batchSize: 50_000, sort: ["_id": 1])
    options.projection = ["_id": 1]
    let cursor = try client.find(feed.namespace, filter: feed.filter, options: options)
    let step = max(1, total / count)
    var chosen: [BSONValue] = []
    var number = 0
    var last: BSONValue?
    while try cursor.advance() {
      if number % step == 0 || number + 1 >= total {
        last = try cursor.withDocument { try $0.copy() }?["_id"]
        if let last, number % step == 0 { chosen.append(last) }
      }
      number += 1
    }
    return chosen + [last].compactMap { $0 }
  }

  private func widest() throws -> [BSONValue] {
    let pipeline: [BSONDocument] = [
      ["$match": .document(feed.filter)], ["$project": ["size": ["$bsonSize": "$$ROOT"]]],
      ["$sort": ["size": -1]], ["$limit": 1],
    ]
    let cursor = try client.aggregate(feed.namespace, pipeline: pipeline)
    guard try cursor.advance() else { return [] }
    return [try cursor.withDocument { try $0.copy() }?["_id"]].compactMap { $0 }
  }
}
