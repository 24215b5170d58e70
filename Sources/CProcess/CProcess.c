#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// posix_spawn can neither change the user nor let the child end with its parent, and Swift can't call fork.

static void leave(int report) {
  int code = errno;
  if (write(report, &code, sizeof code) < 0) { /* nobody is left to tell */ }
  _exit(127);
}

/// What a new process does before it becomes the program: only calls that are safe after fork.
static void become(const struct process_request *start, pid_t parent, int report) {
  sigset_t none;
  sigemptyset(&none);
  // Blocked and ignored signals would be inherited, and the program could not be ended.
  sigprocmask(SIG_SETMASK, &none, NULL);
  signal(SIGPIPE, SIG_DFL);
  setpgid(0, 0);
  // What it writes may hold everybody's data.
  umask(077);
  if (dup2(start->input, 0) < 0 || dup2(start->output, 1) < 0 || dup2(start->errors, 2) < 0) leave(report);
  if (start->user != 0 || start->group != 0) {
    if (setgroups(1, &start->group) || setgid(start->group) || setuid(start->user)) leave(report);
  }
  if (start->folder && chdir(start->folder)) leave(report);
  // A change of user clears the death signal, so it comes last; the parent may be gone by then.
  if (prctl(PR_SET_PDEATHSIG, start->death_signal)) leave(report);
  if (getppid() != parent) _exit(127);
  execve(start->path, start->arguments, start->environment);
  leave(report);
}

int process_start(const struct process_request *start, pid_t *pid) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC)) return errno;
  pid_t parent = getpid();
  pid_t child = fork();
  if (child == 0) become(start, parent, ends[1]);
  int code = child < 0 ? errno : 0;
  close(ends[1]);
  if (child > 0) {
    ssize_t count;
    do count = read(ends[0], &code, sizeof code);
    while (count < 0 && errno == EINTR);
    if (count == sizeof code) waitpid(child, NULL, 0);
    else code = 0;
  }
  close(ends[0]);
  *pid = child;
  return code;
}
