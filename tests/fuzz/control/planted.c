/* The control of the fuzz targets: a bug behind four bytes. Whoever runs it must find it. */
/* fuzz-links: ctps_base */
#include <stdlib.h>

#include "../fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size >= 4 && data[0] == 'b' && data[1] == 'u' && data[2] == 'g' && data[3] == '!')
        exit(1);
    return 0;
}
