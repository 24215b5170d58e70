import Testing

@testable import MigrationBasics
@testable import MigrationRows

@Suite struct TransformDigestTests {
  private func hex(_ count: Int, _ fill: (UnsafeMutableRawPointer) -> Void) -> String {
    let space = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 8)
    defer { space.deallocate() }
    fill(space)
    return UnsafeRawBufferPointer(start: space, count: count)
      .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func sha1(_ text: String, cut: Int = 1000) -> String {
    hex(20) { place in
      var digest = SHA1()
      feed(text, cut) { digest.update($0, $1) }
      digest.finish(to: place)
    }
  }

  private func sha256(_ text: String, cut: Int = 1000) -> String {
    hex(32) { place in
      var digest = SHA256()
      feed(text, cut) { digest.update($0, $1) }
      digest.finish(to: place)
    }
  }

  private func feed(_ text: String, _ cut: Int, _ update: (UnsafeRawPointer, Int) -> Void) {
    (Array(text.utf8) + [0]).withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count - 1 {
        let part = min(cut, bytes.count - 1 - offset)
        if let start = bytes.baseAddress { update(start + offset, part) }
        offset += part
      }
    }
  }

  // The vectors of FIPS 180-4 and its examples.
  @Test func knownDigestsOfSHA1() {
    #expect(sha1("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    #expect(sha1("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(
      sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
    #expect(
      sha1(String(repeating: "a", count: 1_000_000))
        == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
  }

  @Test func knownDigestsOfSHA256() {
    #expect(sha256("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(sha256("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
  }

  @Test func cuttingTheMessageChangesNothing() {
    let text = String((0..<300).map { Character(Unicode.Scalar(UInt8(97 + $0 % 26))) })
    for cut in 1..<130 {
      #expect(sha1(text, cut: cut) == sha1(text))
      #expect(sha256(text, cut: cut) == sha256(text))
    }
  }

  @Test func longKeysOfHMACAreDigestedFirst() {
    // RFC 4231, test case 6.
    let mac = HMACSHA256(key: [UInt8](repeating: 0xAA, count: 131))
    let text = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
    let digest = hex(32) { place in
      text.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress { mac.digest(start, bytes.count, to: place) }
      }
    }
    #expect(digest == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }

  @Test func uuidsOfNamesAreThoseOfTheStandard() {
    // RFC 9562's own example: www.example.com in the namespace of DNS names.
    var arena = Arena()
    defer { arena.free() }
    let dns: [UInt8] = [0x6B, 0xA7, 0xB8, 0x10] + EntityIdentity.urlNamespace.dropFirst(4)
    let uuid = Array("www.example.com".utf8).withUnsafeBytes { name in
      dns.withUnsafeBytes { space in
        hex(16) { place in
          let made = UUIDText.versionFive(
            namespace: space.baseAddress.unsafelyUnwrapped, name.baseAddress.unsafelyUnwrapped,
            name.count, in: &arena)
          place.copyMemory(from: made, byteCount: 16)
        }
      }
    }
    #expect(uuid == "2ed6657de927568b95e12665a8aea6a2")
  }
}
