// Each function's stand-in jumps to the address in its place. At first that is the address of a few lines that load the
// library, which fills all its places, and then call the function that was asked for, with the arguments as they were.

.macro place name
  .data
  .balign 8
  .globl late_place_\name
  .hidden late_place_\name
late_place_\name:
  .quad late_first_\name
.endm

#if defined(__x86_64__)

.macro standin name, library
  .text
  .globl \name
  .hidden \name
  .type \name, @function
\name:
  jmp *late_place_\name(%rip)
late_first_\name:
  leaq late_place_\name(%rip), %r11
  leaq late_load_\library(%rip), %r10
  jmp late_load_and_call
  .size \name, . - \name

  place \name
.endm

  .text
late_load_and_call:
  pushq %rdi
  pushq %rsi
  pushq %rdx
  pushq %rcx
  pushq %r8
  pushq %r9
  pushq %rax
  pushq %r11
  subq $136, %rsp
  movups %xmm0, (%rsp)
  movups %xmm1, 16(%rsp)
  movups %xmm2, 32(%rsp)
  movups %xmm3, 48(%rsp)
  movups %xmm4, 64(%rsp)
  movups %xmm5, 80(%rsp)
  movups %xmm6, 96(%rsp)
  movups %xmm7, 112(%rsp)
  call *%r10
  movups (%rsp), %xmm0
  movups 16(%rsp), %xmm1
  movups 32(%rsp), %xmm2
  movups 48(%rsp), %xmm3
  movups 64(%rsp), %xmm4
  movups 80(%rsp), %xmm5
  movups 96(%rsp), %xmm6
  movups 112(%rsp), %xmm7
  addq $136, %rsp
  popq %r11
  popq %rax
  popq %r9
  popq %r8
  popq %rcx
  popq %rdx
  popq %rsi
  popq %rdi
  jmp *(%r11)

#elif defined(__aarch64__)

.macro standin name, library
  .text
  .balign 4
  .globl \name
  .hidden \name
  .type \name, %function
\name:
  adrp x16, late_place_\name
  ldr x16, [x16, :lo12:late_place_\name]
  br x16
late_first_\name:
  adrp x16, late_place_\name
  add x16, x16, :lo12:late_place_\name
  adrp x17, late_load_\library
  add x17, x17, :lo12:late_load_\library
  b late_load_and_call
  .size \name, . - \name

  place \name
.endm

  .text
  .balign 4
late_load_and_call:
  stp x29, x30, [sp, #-224]!
  stp x0, x1, [sp, #16]
  stp x2, x3, [sp, #32]
  stp x4, x5, [sp, #48]
  stp x6, x7, [sp, #64]
  stp x8, x16, [sp, #80]
  stp q0, q1, [sp, #96]
  stp q2, q3, [sp, #128]
  stp q4, q5, [sp, #160]
  stp q6, q7, [sp, #192]
  blr x17
  ldp q6, q7, [sp, #192]
  ldp q4, q5, [sp, #160]
  ldp q2, q3, [sp, #128]
  ldp q0, q1, [sp, #96]
  ldp x8, x16, [sp, #80]
  ldp x6, x7, [sp, #64]
  ldp x4, x5, [sp, #48]
  ldp x2, x3, [sp, #32]
  ldp x0, x1, [sp, #16]
  ldp x29, x30, [sp], #224
  ldr x16, [x16]
  br x16

#else
#error "libraries can't be loaded late on this processor yet: write its stand-in"
#endif

#define LATE(name) standin name, libcurl
#include "functions/libcurl.h"
#undef LATE
#define LATE(name) standin name, libmongoc
#include "functions/libmongoc.h"
#undef LATE
#define LATE(name) standin name, libpq
#include "functions/libpq.h"
#undef LATE

  .section .note.GNU-stack, "", %progbits
