#include "ReplyDocument.h"

#include <bson/bson.h>
#include <string.h>

/* As deep as the server lets documents be, and some more for what is around them. */
enum { DEEPEST = 250 };

/* bson_validate steps over a document within another whose length is wrong, on which the driver then ends the program. */
static bool is_sound(const uint8_t *document, uint32_t length, int depth) {
  bson_iter_t iterator;
  if (depth > DEEPEST || !bson_iter_init_from_data(&iterator, document, length)) return false;
  uint32_t end = 4;
  while (bson_iter_next(&iterator)) {
    const uint8_t *inner;
    uint32_t inner_length;
    end = iterator.next_off;
    if (BSON_ITER_HOLDS_DOCUMENT(&iterator)) {
      if (depth == 0 && strcmp(bson_iter_key(&iterator), "cursor") == 0) continue;
      bson_iter_document(&iterator, &inner_length, &inner);
    } else if (BSON_ITER_HOLDS_ARRAY(&iterator)) {
      bson_iter_array(&iterator, &inner_length, &inner);
    } else {
      continue;
    }
    if (!inner || !is_sound(inner, inner_length, depth + 1)) return false;
  }
  /* The iterator also stops, without an error, at a terminator that comes too early. */
  return iterator.err_off == 0 && end + 1 == length;
}

bool reply_document_is_sound(const uint8_t *document, uint32_t length) { return is_sound(document, length, 0); }
