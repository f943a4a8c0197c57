/*
 * publication: what a PUB socket sends for one event, as one frame: the topic, to subscribe by,
 * a NUL, the packed EventRecord. Header only: whoever hears the bus reads it with this, too.
 */
#ifndef CTPS_BUS_PUBLICATION_H
#define CTPS_BUS_PUBLICATION_H

#include "base/bytes.h"

/* Topic and record (both borrow from `frame`); false when there is no NUL. The record is not
 * looked into. */
static inline bool publication_split(struct bytes frame, struct bytes *ret_topic,
                                     struct bytes *ret_record)
{
    const uint8_t *end = frame.len ? memchr(frame.data, '\0', frame.len) : NULL;
    size_t topic_len;

    if (!end)
        return false;
    topic_len = (size_t)(end - frame.data);
    *ret_topic = bytes_of(frame.data, topic_len);
    *ret_record = bytes_of(end + 1, frame.len - topic_len - 1);
    return true;
}

#endif
