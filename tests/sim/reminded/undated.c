/* For the control of R8: a key that does not say of which day. */
#include "key.h"

void __real_key_write(struct due *due, bool with_minute);
void __wrap_key_write(struct due *due, bool with_minute);

void __wrap_key_write(struct due *due, bool with_minute)
{
    int32_t day = due->day;

    (void)with_minute;
    due->day = 0;
    __real_key_write(due, false);
    due->day = day;
}
