#include "ReplyShape.h"

#include <bson/bson.h>
#include <string.h>

#include "ReplyDocument.h"

/* https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
enum {
  OP_REPLY = 1,
  OP_COMPRESSED = 2012,
  OP_MSG = 2013,
  HEADER = 16,
  MESSAGE_START = HEADER + 4 + 1, /* flags, and the kind of the only section */
  REPLY_START = HEADER + 20,      /* flags, cursor, position, count */
  COMPRESSED_START = HEADER + 9,  /* opcode, size, compressor */
  LARGEST_REPLY = 64 << 20,
  SNAPPY = 1,
  ZSTD = 3,
};

static uint32_t number_at(const reply_shape *shape, uint32_t place) {
  uint32_t number;
  memcpy(&number, shape->head + place, sizeof number);
  return BSON_UINT32_FROM_LE(number);
}

/* What is compressed can't be looked into. */
static bool is_compressed(const reply_shape *shape) {
  uint8_t compressor = shape->head[COMPRESSED_START - 1];
  return shape->allows_compressed && number_at(shape, HEADER) == OP_MSG &&
         number_at(shape, HEADER + 4) <= LARGEST_REPLY && compressor >= SNAPPY && compressor <= ZSTD;
}

/* Where the one document begins that takes all the rest of the reply; 0 where there can't be one. */
static uint32_t document_start(const reply_shape *shape) {
  switch (number_at(shape, 12)) {
  case OP_MSG:
    return shape->head[MESSAGE_START - 1] == 0 ? MESSAGE_START : 0;
  case OP_REPLY:
    return number_at(shape, REPLY_START - 4) == 1 ? REPLY_START : 0;
  default:
    return 0;
  }
}

static uint32_t least(size_t left, size_t right) { return (uint32_t)(left < right ? left : right); }

/* Takes bytes that end with the reply, or before it. */
static void take(reply_shape *shape, const uint8_t *bytes, uint32_t count) {
  if (shape->seen < REPLY_HEAD) memcpy(shape->head + shape->seen, bytes, least(count, REPLY_HEAD - shape->seen));
  /* Behind its length a reply is read at once, and looked at where it lies. Only greetings, which are short, come in pieces. */
  bool is_piece = shape->seen >= 4 && shape->seen + count < shape->length;
  if (shape->copy || is_piece) {
    bool is_first = !shape->copy;
    shape->copy = bson_realloc(shape->copy, shape->seen + count);
    if (is_first) memcpy(shape->copy, shape->head, 4);
    memcpy(shape->copy + shape->seen, bytes, count);
  }
  shape->seen += count;
}

/* Looks at a reply whose last bytes are these. */
static bool is_sound(reply_shape *shape, const uint8_t *bytes, uint32_t count) {
  if (number_at(shape, 12) == OP_COMPRESSED) return is_compressed(shape);
  uint32_t start = document_start(shape);
  if (start == 0 || shape->length <= start) return false;
  uint32_t length = shape->length - start;
  if (shape->copy) return reply_document_is_sound(shape->copy + start, length);
  return length <= count && reply_document_is_sound(bytes + count - length, length);
}

bool reply_shape_takes(reply_shape *shape, const uint8_t *bytes, size_t count) {
  while (count > 0) {
    uint32_t end = shape->seen < 4 ? 4 : shape->length;
    uint32_t taken = least(count, end - shape->seen);
    take(shape, bytes, taken);
    if (shape->seen == 4) {
      shape->length = number_at(shape, 0);
      if (shape->length <= HEADER || shape->length > LARGEST_REPLY) return false;
    } else if (shape->seen > 4 && shape->seen == shape->length) {
      if (!is_sound(shape, bytes, taken)) return false;
      reply_shape_end(shape);
    }
    bytes += taken;
    count -= taken;
  }
  return true;
}

void reply_shape_end(reply_shape *shape) {
  bson_free(shape->copy);
  *shape = (reply_shape){.allows_compressed = shape->allows_compressed};
}
