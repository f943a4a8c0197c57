/* Any bytes as a line of a recording: refused with a reason, or a frame that is written as a
 * line and read again to the same frame. */
/* fuzz-links: ctps_host */
#include "fuzz_message.h"
#include "host/record.h"

static void round_trip(struct arena *arena, const Ctps__LinkFrame *frame)
{
    json_t *line = record_line(frame);
    json_t *again;
    Ctps__LinkFrame *read = NULL;

    fuzz_require(json_is_object(line));
    /* A verdict is a word in a line, which only the other end says. */
    if (frame->body_case != CTPS__LINK_FRAME__BODY_VERDICT &&
        record_frame(arena, line, &read, NULL) == CTPS_OK) {
        again = record_line(read);
        fuzz_require(again != NULL);
        json_decref(again);
    }
    json_decref(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ctps_err err = {.text = ""};
    Ctps__LinkFrame *frame = NULL;
    struct arena arena;
    json_t *line = json_loadb((const char *)data, size, 0, NULL);

    arena_init(&arena, FUZZ_ARENA_CAP);
    if (json_is_object(line) && json_object_size(line) == 1) {
        if (record_frame(&arena, line, &frame, &err) == CTPS_OK)
            round_trip(&arena, frame);
        else
            fuzz_require(err.text[0] != '\0');
    }
    json_decref(line);
    arena_done(&arena);
    return 0;
}
