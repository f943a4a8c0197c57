/* fuzz-links: ctps_wire */
/* Any bytes taken as a stored entry: unknown fields kept, nothing else trusted. */
#include "ctps/event.pb-c.h"
#include "fuzz_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_message(&ctps__entry__descriptor, bytes_of(data, size), WIRE_STORED);
    return 0;
}
