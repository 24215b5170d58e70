#include "CMongoGuard.h"

#include <errno.h>
#include <libmongoc-1.0/mongoc/mongoc.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "ReplyShape.h"

/* The driver trusts the lengths in a reply, and the kinds of its parts: where they are wrong, it reads and writes beyond them, or
   copies a document that it has not made (seen with 1.23.1). So no reply reaches it that has not the shape of one. It reads each
   into memory of its own, and looks at it when it is whole: that is where the guard says no, as if the connection had broken. */
typedef struct {
  mongoc_stream_t stream; /* first, because the driver knows only this part */
  mongoc_stream_t *inner;
  reply_shape shape;
  bool is_broken;
} guarded_stream;

/* No type of the driver's own streams, the highest of which is 7. */
enum { GUARDED_STREAM = 100 };

static guarded_stream *guarded(mongoc_stream_t *stream) { return (guarded_stream *)stream; }

static void guard_destroy(mongoc_stream_t *stream) {
  mongoc_stream_destroy(guarded(stream)->inner);
  reply_shape_end(&guarded(stream)->shape);
  bson_free(stream);
}

static int guard_close(mongoc_stream_t *stream) { return mongoc_stream_close(guarded(stream)->inner); }

static int guard_flush(mongoc_stream_t *stream) { return mongoc_stream_flush(guarded(stream)->inner); }

static ssize_t guard_writev(mongoc_stream_t *stream, mongoc_iovec_t *parts, size_t count, int32_t timeout) {
  return mongoc_stream_writev(guarded(stream)->inner, parts, count, timeout);
}

/* How long a server that has begun an answer may be silent before it goes on. Where the length of the answer is damaged, it has
   said all, and the driver would wait for the rest as long as a query may take. */
enum { LONGEST_SILENCE = 20 * 1000 };

static int32_t time_left(int64_t end) {
  int64_t left = (end - bson_get_monotonic_time()) / 1000;
  return left < 1 ? 1 : left < LONGEST_SILENCE ? (int32_t)left : LONGEST_SILENCE;
}

/* Reads on in an answer, piece by piece as it comes. */
static ssize_t read_on(mongoc_stream_t *inner, mongoc_iovec_t part, size_t least, int32_t timeout) {
  int64_t end = timeout < 0 ? INT64_MAX : bson_get_monotonic_time() + (int64_t)timeout * 1000;
  size_t count = 0;
  while (count < least) {
    mongoc_iovec_t rest = {.iov_base = (char *)part.iov_base + count, .iov_len = part.iov_len - count};
    ssize_t length = mongoc_stream_readv(inner, &rest, 1, 1, time_left(end));
    if (length <= 0) return length;
    count += (size_t)length;
  }
  return (ssize_t)count;
}

static ssize_t guard_readv(
    mongoc_stream_t *stream, mongoc_iovec_t *parts, size_t count, size_t least, int32_t timeout) {
  guarded_stream *guard = guarded(stream);
  /* The driver reads into one place at a time, by mongoc_stream_read. */
  if (guard->is_broken || count != 1) {
    errno = EPROTO;
    return -1;
  }
  const uint8_t *bytes = parts->iov_base; /* which the call may change */
  ssize_t length = guard->shape.seen > 0 && timeout != 0 ? read_on(guard->inner, *parts, least, timeout)
                                                         : mongoc_stream_readv(guard->inner, parts, count, least, timeout);
  if (length <= 0 || reply_shape_takes(&guard->shape, bytes, (size_t)length)) return length;
  guard->is_broken = true;
  errno = EPROTO;
  return -1;
}

static int guard_setsockopt(mongoc_stream_t *stream, int level, int name, void *value, mongoc_socklen_t length) {
  return mongoc_stream_setsockopt(guarded(stream)->inner, level, name, value, length);
}

static mongoc_stream_t *guard_base(mongoc_stream_t *stream) { return guarded(stream)->inner; }

static bool guard_is_closed(mongoc_stream_t *stream) {
  return guarded(stream)->is_broken || mongoc_stream_check_closed(guarded(stream)->inner);
}

static bool guard_timed_out(mongoc_stream_t *stream) {
  return !guarded(stream)->is_broken && mongoc_stream_timed_out(guarded(stream)->inner);
}

static bool guard_should_retry(mongoc_stream_t *stream) {
  return !guarded(stream)->is_broken && mongoc_stream_should_retry(guarded(stream)->inner);
}

static mongoc_stream_t *guard_new(mongoc_stream_t *inner, const mongoc_uri_t *uri) {
  guarded_stream *guard = bson_malloc0(sizeof *guard);
  guard->inner = inner;
  guard->shape.allows_compressed = !bson_empty(mongoc_uri_get_compressors(uri));
  guard->stream = (mongoc_stream_t){
      .type = GUARDED_STREAM,
      .destroy = guard_destroy,
      .failed = guard_destroy,
      .close = guard_close,
      .flush = guard_flush,
      .writev = guard_writev,
      .readv = guard_readv,
      .setsockopt = guard_setsockopt,
      .get_base_stream = guard_base,
      .check_closed = guard_is_closed,
      .timed_out = guard_timed_out,
      .should_retry = guard_should_retry,
  };
  return &guard->stream;
}

/* Begins to connect. The driver waits for the outcome itself, for all its servers at once, as it does for its own sockets. */
static mongoc_socket_t *begin_connect(const struct addrinfo *address) {
  mongoc_socket_t *socket = mongoc_socket_new(address->ai_family, address->ai_socktype, address->ai_protocol);
  /* Of several addresses all but the last have to answer soon. */
  int64_t deadline = address->ai_next ? bson_get_monotonic_time() + 1000 * 1000 : 0;
  if (!socket) return NULL;
  if (mongoc_socket_connect(socket, address->ai_addr, address->ai_addrlen, deadline) == 0 || !address->ai_next) return socket;
  mongoc_socket_destroy(socket);
  return NULL;
}

static mongoc_socket_t *connect_tcp(const mongoc_host_list_t *host, bson_error_t *error) {
  char port[8];
  struct addrinfo hints = {.ai_family = host->family, .ai_socktype = SOCK_STREAM}, *addresses;
  snprintf(port, sizeof port, "%hu", host->port);
  if (getaddrinfo(host->host, port, &hints, &addresses) != 0) {
    bson_set_error(
        error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_NAME_RESOLUTION, "Failed to resolve '%s'", host->host);
    return NULL;
  }
  mongoc_socket_t *socket = NULL;
  for (struct addrinfo *each = addresses; each && !socket; each = each->ai_next) socket = begin_connect(each);
  freeaddrinfo(addresses);
  if (!socket) bson_set_error(error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET, "Failed to create socket");
  return socket;
}

static mongoc_socket_t *connect_unix(const mongoc_host_list_t *host, bson_error_t *error) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  mongoc_socket_t *socket = NULL;
  if (strlen(host->host) < sizeof address.sun_path) {
    strcpy(address.sun_path, host->host);
    socket = mongoc_socket_new(AF_UNIX, SOCK_STREAM, 0);
  }
  if (socket && mongoc_socket_connect(socket, (struct sockaddr *)&address, sizeof address, -1) == 0) return socket;
  if (socket) mongoc_socket_destroy(socket);
  bson_set_error(
      error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_CONNECT, "Failed to connect to UNIX domain socket");
  return NULL;
}

static mongoc_stream_t *open_guarded(
    const mongoc_uri_t *uri, const mongoc_host_list_t *host, void *context, bson_error_t *error) {
  (void)context;
  mongoc_socket_t *socket = host->family == AF_UNIX ? connect_unix(host, error) : connect_tcp(host, error);
  return socket ? guard_new(mongoc_stream_socket_new(socket), uri) : NULL;
}

void cmongo_guard_replies(mongoc_client_t *client) { mongoc_client_set_stream_initiator(client, open_guarded, NULL); }
