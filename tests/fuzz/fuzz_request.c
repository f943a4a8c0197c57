/* fuzz-links: ctps_wire */
/* Any bytes taken as a request. Built with PLANT_BUG it writes past four bytes when the purpose
 * text of a request the decoder accepted begins with four letters (control.sh). */
#include "ctps/command.pb-c.h"
#include "fuzz_message.h"

#ifdef PLANT_BUG
/* One comparison each, so that every letter found shows in the coverage. */
static bool begins_with_oops(const char *text)
{
    return text[0] == 'o' && text[1] == 'o' && text[2] == 'p' && text[3] == 's';
}

__attribute__((noinline)) static void look_at(const Ctps__Request *request)
{
    volatile char *four = malloc(4); /* volatile: else the optimiser sees no use in it */
    size_t len = 0;

    fuzz_require(four != NULL);
    if (request->purpose_text && begins_with_oops(request->purpose_text))
        for (; request->purpose_text[len]; len++)
            four[len] = request->purpose_text[len];
    free((void *)four);
}

static void plant(struct bytes data)
{
    struct arena arena;
    ProtobufCMessage *message;

    arena_init(&arena, FUZZ_ARENA_CAP);
    message = fuzz_unpack(&arena, &ctps__request__descriptor, data, WIRE_STRICT);
    if (message)
        look_at((const Ctps__Request *)message);
    arena_done(&arena);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = bytes_of(data, size);

#ifdef PLANT_BUG
    plant(bytes);
    return 0;
#endif
    fuzz_message(&ctps__request__descriptor, bytes, WIRE_STRICT);
    /* Whatever clients may send, a stored message may hold. */
    fuzz_require(wire_check(&ctps__request__descriptor, bytes, WIRE_STRICT, NULL) != CTPS_OK ||
                 wire_check(&ctps__request__descriptor, bytes, WIRE_STORED, NULL) == CTPS_OK);
    return 0;
}
