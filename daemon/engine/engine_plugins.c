/*
 * Plugins as those who run the service see them. A reload is answered once it is over: who
 * asked is remembered meanwhile, and for a while afterwards, since an answer may be lost on its
 * way and the same request come again.
 */
#include "engine/engine_private.h"

/* "example, reminders" */
static const char *plugins_named(struct arena *arena, const Ctps__PluginAnswer *all)
{
    const char *names = NULL;

    for (size_t i = 0; all && i < all->n_plugins; i++)
        names = names ? arena_printf(arena, "%s, %s", names, all->plugins[i]->name)
                      : all->plugins[i]->name;
    return names ? names : "–";
}

static Ctps__PluginAnswer *plugins_find(const struct engine *engine, struct arena *arena,
                                        const char *name)
{
    return engine->out.plugins ? engine->out.plugins(engine->out.ctx, arena, name) : NULL;
}

/* The larger one, of a plugin that follows both audiences; none before it said where it is. */
static void lag_fill(struct engine *engine, Ctps__PluginView *view)
{
    for (size_t i = 0; i < view->n_audiences; i++) {
        bool audit = strcmp(view->audiences[i], AUDIENCE_AUDIT) == 0;
        const Ctps__CounterRecord *row = (Ctps__CounterRecord *)record_get(
            view_tables(engine->view), TABLE_CURSOR,
            table_key_of_texts(view->audiences[i], view->name), &engine->arena,
            &ctps__counter_record__descriptor);
        uint64_t lag = row ? engine_lag(engine, audit, row->value) : 0;

        if (row && lag >= view->lag)
            SET(view, lag, lag);
    }
}

/* In a transaction. The views of one, or of all when `name` is empty; refused when there is
 * none of that name. */
static void views_answer(struct engine *engine, struct pending *pending, const char *name,
                         Ctps__ReplyStatus status)
{
    struct arena *arena = &engine->arena;
    Ctps__PluginAnswer *found = plugins_find(engine, arena, name);
    Ctps__Reply *reply;

    if (is_given(name) && (!found || !found->n_plugins)) {
        engine_reply_refuse(engine, pending, REFUSAL_PLUGIN_UNKNOWN,
                            plugins_named(arena, plugins_find(engine, arena, NULL)));
        return;
    }
    for (size_t i = 0; found && i < found->n_plugins; i++)
        lag_fill(engine, found->plugins[i]);
    reply = engine_reply_new(engine, pending->request, status);
    if (reply && found) {
        reply->answer_case = CTPS__REPLY__ANSWER_PLUGIN_ANSWER;
        reply->plugin_answer = found;
    }
    engine_reply_set(engine, pending, reply);
}

void engine_plugins_answer(struct engine *engine, struct pending *pending)
{
    views_answer(engine, pending, pending->request->plugin_list->name,
                 CTPS__REPLY_STATUS__REPLY_ANSWERED);
}

/* --- reload --- */

static struct engine_reload *reload_find(struct engine *engine, const struct pending *pending)
{
    struct bytes id = bytes_of(pending->request->id.data, pending->request->id.len);
    const char *name = pending->request->plugin_reload->name;

    for (unsigned i = 0; i < ENGINE_RELOADS_MAX; i++) {
        struct engine_reload *reload = &engine->reloads[i];

        if (bytes_equal(id, bytes_of(reload->id, sizeof(reload->id))) &&
            memcmp(reload->peer.public_key, pending->from->peer.public_key, ENGINE_KEY_LEN) ==
                0 &&
            strcmp(reload->name, name) == 0)
            return reload;
    }
    return NULL;
}

/* The oldest that was answered; NULL: all wait. */
static struct engine_reload *reload_room(struct engine *engine)
{
    for (unsigned i = 0; i < ENGINE_RELOADS_MAX; i++) {
        unsigned at = engine->reload_next++ % ENGINE_RELOADS_MAX;

        if (!engine->reloads[at].waits)
            return &engine->reloads[at];
    }
    return NULL;
}

static void reload_begin(struct engine *engine, struct pending *pending, const char *name)
{
    struct engine_reload *reload = reload_room(engine);

    if (!reload) {
        engine_reply_refuse(engine, pending, REFUSAL_UNAVAILABLE, "plugin_reload");
        return;
    }
    if (!engine->out.plugin_reload || !engine->out.plugin_reload(engine->out.ctx, name)) {
        views_answer(engine, pending, name, CTPS__REPLY_STATUS__REPLY_DONE);
        return;
    }
    *reload = (struct engine_reload){.waits = true, .peer = pending->from->peer};
    memcpy(reload->id, pending->request->id.data, sizeof(reload->id));
    memcpy(reload->name, name, strnlen(name, sizeof(reload->name) - 1));
    pending->held = true;
    engine->reloads_waiting++;
}

/* Asked again, perhaps over another connection: that one is answered. */
static void reload_wait_here(struct engine *engine, struct engine_reload *reload,
                             struct pending *pending)
{
    engine->out.reply(engine->out.ctx, &reload->peer, bytes_of(NULL, 0));
    reload->peer = pending->from->peer;
    pending->held = true;
}

void engine_plugin_reload_answer(struct engine *engine, struct pending *pending)
{
    const char *name = pending->request->plugin_reload->name;
    struct engine_reload *known;

    if (!is_given(name)) {
        engine_reply_refuse(engine, pending, REFUSAL_FIELD_MISSING, "name");
        return;
    }
    known = reload_find(engine, pending);
    if (known && known->waits)
        reload_wait_here(engine, known, pending);
    else if (known)
        views_answer(engine, pending, name, CTPS__REPLY_STATUS__REPLY_DONE);
    else
        reload_begin(engine, pending, name);
}

static void reload_tell(struct engine *engine, struct engine_reload *reload)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    struct pending pending = {.request = &request};

    request.has_id = 1;
    request.id = (ProtobufCBinaryData){sizeof(reload->id), reload->id};
    if (view_begin(engine->view, false, NULL) != CTPS_OK)
        return; /* with the next turn */
    views_answer(engine, &pending, reload->name, CTPS__REPLY_STATUS__REPLY_DONE);
    view_abort(engine->view);
    engine->out.reply(engine->out.ctx, &reload->peer, pending.reply);
    reload->waits = false;
    engine->reloads_waiting--;
    engine_scratch_release(engine);
}

void engine_plugins_tell(struct engine *engine)
{
    for (unsigned i = 0; engine->reloads_waiting && i < ENGINE_RELOADS_MAX; i++) {
        struct engine_reload *reload = &engine->reloads[i];

        if (reload->waits && engine->out.plugin_is_settled(engine->out.ctx, reload->name))
            reload_tell(engine, reload);
    }
}
