/* An import being taken back in parts goes on when whoever asked for it does not: the command
 * was stopped, or the machine. One part with each tick: others are answered meanwhile. */
#include "domain/import.h"
#include "engine/engine_private.h"

enum { UNDO_REST_S = 2 /* who asks for the parts himself is left to it */ };

void engine_undo_note(struct engine *engine)
{
    engine->undo = (struct engine_undo){true, sys_mono_us(engine->sys)};
}

static void part_fill(struct engine *engine, struct act *act, void *arg)
{
    (void)engine;
    *(bool *)arg = import_undo_go_on(act);
}

enum ctps_code engine_undo_tick(struct engine *engine, struct ctps_err *err)
{
    struct engine_undo *undo = &engine->undo;
    int64_t asked_us = undo->asked_us;
    enum ctps_code code;
    bool found = false;

    /* Keys are destroyed for it: not on a day that may be a mistake. */
    if (!undo->wanted || view_state(engine->view)->clock_alarm ||
        sys_mono_us(engine->sys) - asked_us < UNDO_REST_S * INT64_C(1000000))
        return CTPS_OK;
    code = engine_system(engine, part_fill, &found, err);
    *undo = (struct engine_undo){found, asked_us}; /* its own part is nobody's question */
    return code;
}
