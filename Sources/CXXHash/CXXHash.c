// The hash of rows: xxHash's own header, compiled in, so that no library is needed when the program runs.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "CXXHash.h"

_Static_assert(cxxhash_secret_size == XXH3_SECRET_DEFAULT_SIZE, "the secret has the size that xxHash mixes best with");

void cxxhash_make_secret(const void *key, size_t key_size, void *secret) {
  XXH3_generateSecret(secret, cxxhash_secret_size, key, key_size);
}

cxxhash_value cxxhash_of(const void *bytes, size_t size, const void *secret) {
  XXH128_hash_t hash = XXH3_128bits_withSecret(bytes, size, secret, cxxhash_secret_size);
  return (cxxhash_value){.high = hash.high64, .low = hash.low64};
}
