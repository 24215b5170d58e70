#pragma once

#include <stddef.h>

/// What is to be sent.
struct webhook_request {
  const char *url;
  const char *agent;
  const char *body;
  size_t length;
  /// Milliseconds for the connection, and for all of it.
  long connect_limit, limit;
  /// Where another thread may say that nobody waits any more; see webhook_abandon.
  const int *abandoned;
};

/// What came of it.
struct webhook_answer {
  /// The status of HTTP; 0 where there was no answer.
  long status;
  /// Whether it can be sent at all: 0 for an address or protocol that is not allowed, or without libcurl.
  int possible;
  /// What went wrong; empty where nothing did.
  char failure[256];
};

/// Posts a body of JSON and takes the answer's status.
void webhook_post(const struct webhook_request *request, struct webhook_answer *answer);

/// Ends the sending of those who look at the flag.
void webhook_abandon(int *abandoned);
int webhook_is_abandoned(const int *abandoned);
