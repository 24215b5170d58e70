/// The words that sample data is made of.
enum SampleWords {
  static let firstNames = [
    "Anna", "Ben", "Clara", "David", "Élise", "Finn", "Greta", "Hugo", "Ida", "Jan", "Kateřina",
    "Liam",
    "María", "Noah", "Olga", "Paul", "Quinn", "Rosa", "Søren", "Tereza", "Uwe", "Vera", "Walter",
    "Zoë",
  ]
  static let lastNames = [
    "Andersen", "Becker", "Costa", "Dvořák", "Evans", "Fischer", "García", "Hansen", "Ivanova",
    "Jones",
    "Kowalski", "Lindqvist", "Müller", "Novák", "O'Brien", "Petrov", "Quiroga", "Rossi", "Schmidt",
    "Taylor", "Ünal", "Varga", "Weber", "Yamada", "Zimmer",
  ]
  /// The same names as they are in addresses of mail.
  static let mailNames = [
    "andersen", "becker", "costa", "dvorak", "evans", "fischer", "garcia", "hansen", "ivanova",
    "jones",
    "kowalski", "lindqvist", "mueller", "novak", "obrien", "petrov", "quiroga", "rossi", "schmidt",
    "taylor", "unal", "varga", "weber", "yamada", "zimmer",
  ]
  static let companyNames = [
    "Acorn", "Baltic", "Cobalt", "Delta", "Evergreen", "Falcon", "Granite", "Harbor", "Iris",
    "Juniper",
    "Keystone", "Lakeside", "Meridian", "Northwind", "Orchid", "Pioneer", "Quartz", "Ridge",
    "Summit",
    "Timber", "Union", "Vertex", "Willow", "Zenith",
  ]
  static let trades = [
    "Foods", "Tools", "Textiles", "Logistics", "Machines", "Paper", "Plastics", "Optics",
    "Chemicals",
    "Furniture", "Electronics", "Steel", "Glass", "Medical", "Packaging", "Lighting",
  ]
  static let companyForms = ["Ltd", "GmbH", "s.r.o.", "Inc.", "AB", "S.A.", "LLC", "& Sons"]
  static let streets = [
    "Main Street", "High Street", "Station Road", "Mill Lane", "Lindenallee", "Rue du Port",
    "Dlouhá",
    "Harbour Way", "Church Road", "Kungsgatan", "Via Roma", "Elm Avenue", "Park Lane", "Nádražní",
  ]
  static let places: [(city: String, state: String, country: String)] = [
    ("Prague", "Prague", "CZ"), ("Brno", "South Moravia", "CZ"), ("Berlin", "Berlin", "DE"),
    ("München", "Bavaria", "DE"), ("Lyon", "Auvergne-Rhône-Alpes", "FR"), ("Porto", "Norte", "PT"),
    ("Springfield", "Illinois", "US"), ("Portland", "Oregon", "US"), ("Austin", "Texas", "US"),
    ("Leeds", "West Yorkshire", "GB"), ("Malmö", "Skåne", "SE"), ("Torino", "Piemonte", "IT"),
    ("Kraków", "Lesser Poland", "PL"), ("Gent", "East Flanders", "BE"), ("Graz", "Styria", "AT"),
  ]
  static let mailHosts = ["example.com", "example.org", "mail.example.net"]
  static let phoneForms: [(prefix: String, separator: String)] = [
    ("+420 ", " "), ("+49 (0)", "-"), ("001-", "-"), ("", " "), ("+1.", "."),
  ]
  static let taxCountries = ["CZ", "DE", "US", "SE"]
  static let supplierTypes = ["supplier", "manufacturer", "distributor"]
  static let stockStatuses: [String?] = ["in_stock", "low_stock", "out_of_stock", nil]
  static let tiers = ["retail", "wholesale", "gold", "silver", "bronze", "government"]
  static let paymentTerms = ["net 30", "net 14", "net 60", "prepaid", "2/10 net 30"]
  static let statuses = ["active", "active", "active", "dormant", "blocked", "prospect"]
  static let colours = ["red", "blue", "green", "black", "white", "grey", "oak", "silver"]
  static let goods = [
    "Drill", "Desk", "Lamp", "Pump", "Valve", "Chair", "Shelf", "Motor", "Cable", "Filter",
    "Sensor",
    "Bracket", "Panel", "Gasket", "Tray", "Handle",
  ]
  static let currencies = ["USD", "EUR", "CZK", "GBP", "SEK", "PLN", "CHF"]
  static let fileTypes = ["csv", "xlsx", "xml", "json"]
  static let notEmails = [
    "no at sign.example", "two@@example.com", "nobody@", "@example.com", "a b@example.com",
  ]
  static let notPhones = ["call after 5 pm", "123", "n/a", "+", "00000000000000000000"]
  static let notNumbers = ["n/a", "1 2 3 4 x", "12..50", "on request", "--5"]
  static let notCurrencies = ["ZZZ", "QQQ", "US$", "XX1"]
  static let long = String(repeating: "long words ", count: 30)
}
