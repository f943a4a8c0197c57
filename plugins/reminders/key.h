/* key: under which a reminder is recorded, once for ever. */
#ifndef REMINDERS_KEY_H
#define REMINDERS_KEY_H

#include "rules.h"

/* Fills due->key from what, which object, its civil day (and the minute, `with_minute`), lead
 * and recipient. */
void key_write(struct due *due, bool with_minute);

#endif
