/* fuzz: what a fuzz target defines (libFuzzer's interface, the same in a plain test). */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Must return 0 and leave no state that changes what a later input does. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
