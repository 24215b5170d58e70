#pragma once

#include <sys/types.h>

/// How a program is to be started.
struct process_request {
  const char *path;
  char *const *arguments;
  char *const *environment;
  /// The folder that it starts in; null keeps the caller's.
  const char *folder;
  /// What become its stdin, stdout and stderr.
  int input, output, errors;
  /// Whom it runs as; 0 keeps the caller's user and group.
  uid_t user;
  gid_t group;
  /// The signal that it gets when the thread that started it ends, for instance by kill -9.
  int death_signal;
};

/// Starts a program in a process group of its own. Returns 0, or the errno of what failed.
int process_start(const struct process_request *start, pid_t *pid);
