/*
 * invite: a meeting as a calendar message (RFC 5545, 5546: iTIP; sent by mail, RFC 6047: iMIP).
 * One recipient each: nobody learns from it who else was invited.
 */
#ifndef NOTIFY_INVITE_H
#define NOTIFY_INVITE_H

#include <stdbool.h>
#include <stdint.h>

enum invite_method { INVITE_REQUEST, INVITE_CANCEL };

/* Strings are borrowed. Days are civil, of `zone`; minutes of those days. */
struct invite {
    enum invite_method method;
    const char *uid;
    uint32_t sequence;
    const char *zone; /* IANA */
    int32_t start_day, end_day;
    uint32_t start_minute, end_minute, duration_min;
    int64_t start_us; /* the same instant */
    int64_t now_us;
    const char *summary, *description, *place;
    const char *organizer, *organizer_name; /* address; name of the service */
    const char *attendee, *attendee_name;   /* address; name as in the directory */
};

/* Zones are read here once: call in `start`, before the sandbox closes. */
void invite_prepare(void);
/* The calendar as text with CRLF. Own: free(). NULL when libical does not know the zone, finds
 * a restriction of RFC 5546 broken, or without memory. */
char *invite_write(const struct invite *invite);
/* "REQUEST", "CANCEL": what the MIME parameter must say too. */
const char *invite_method_name(enum invite_method method);

/* The wall clock of a zone at an instant; false when the zone is not known. */
bool invite_wall_clock(const char *zone, int64_t us, int32_t *ret_day, uint32_t *ret_minute);

#endif
