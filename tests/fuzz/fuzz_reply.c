/* fuzz-links: ctps_wire */
/* Any bytes taken as a reply, as a client of another version reads it. */
#include "ctps/answer.pb-c.h"
#include "fuzz_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_message(&ctps__reply__descriptor, bytes_of(data, size), WIRE_STORED);
    return 0;
}
