/* How far the signed log of the plugin audit is behind the journal. The plugin says with each
 * question how many entries it has signed for; what it signed for covers everything up to the
 * last moment when the journal had no more than that. Nothing of it is kept: after a start the
 * clock begins anew. */
#include "domain/check.h"
#include "engine/engine_private.h"

#define AUDIT_PLUGIN "audit"

static bool is_configured(const struct engine *engine)
{
    for (unsigned i = 0; i < engine->settings.grant_count; i++) {
        const struct settings_grant *grant = &engine->settings.grants[i];

        if (strcmp(grant->name, AUDIT_PLUGIN) == 0 && grant->actions[ACTION_AUDIT_HASHES])
            return true;
    }
    return false;
}

void engine_signed_start(struct engine *engine)
{
    engine->signed_log.covered_us = sys_mono_us(engine->sys);
}

void engine_signed_note(struct engine *engine, const struct principal *who,
                        uint64_t signed_count)
{
    struct signed_log *log = &engine->signed_log;
    uint64_t head = view_head(engine->view)->seq;
    int64_t now = sys_mono_us(engine->sys);

    if (who->kind != PRINCIPAL_KIND_PLUGIN || strcmp(who->name, AUDIT_PLUGIN) != 0 ||
        signed_count > head)
        return;
    log->known = true;
    log->count = signed_count;
    if (log->mark_us && signed_count >= log->mark_seq) {
        log->covered_us = log->mark_us;
        log->mark_us = 0;
    }
    if (signed_count == head)
        log->covered_us = now;
    if (!log->mark_us) {
        log->mark_us = now;
        log->mark_seq = head;
    }
}

int64_t engine_signed_behind_us(const struct engine *engine)
{
    int64_t behind = sys_mono_us(engine->sys) - engine->signed_log.covered_us;

    return behind > 0 ? behind : 0;
}

void engine_signed_state(const struct engine *engine, struct engine_signed_state *ret_state)
{
    const struct settings *settings = &engine->settings;
    uint64_t head = view_head(engine->view)->seq;
    uint64_t count = engine->signed_log.count;

    *ret_state = (struct engine_signed_state){
        .is_configured = is_configured(engine),
        .count = count,
        .lag = engine->signed_log.known && head > count ? head - count : 0,
        .behind_us = engine_signed_behind_us(engine),
    };
    ret_state->alarm =
        ret_state->is_configured && (ret_state->behind_us >= settings->audit_alarm_us ||
                                     ret_state->lag >= settings->lag_alarm_entries);
    ret_state->reads_refused =
        !check_audit_is_near(settings->audit_reads_refused_us, ret_state->behind_us);
}

enum { LOG_ALARMS_MAX = 8 };

struct alarms {
    struct engine *engine;
    struct act *act;
};

static void alarm_add(struct alarms *alarms, const char *code)
{
    struct act *act = alarms->act;
    const char *kept = arena_strdup(&alarms->engine->arena, code);

    if (kept && act->log_alarms && act->log_alarm_count < LOG_ALARMS_MAX)
        act->log_alarms[act->log_alarm_count++] = kept;
}

static void figure_look(void *arg, const char *name, const char *value, const char *unit,
                        bool alarm)
{
    static const char mark[] = "plugin." AUDIT_PLUGIN ".";

    (void)value;
    (void)unit;
    if (alarm && strncmp(name, mark, strlen(mark)) == 0)
        alarm_add(arg, name + strlen(mark));
}

void engine_signed_alarms(struct engine *engine, struct act *act)
{
    struct alarms alarms = {engine, act};
    struct engine_signed_state state;

    act->log_alarms = arena_alloc(&engine->arena, LOG_ALARMS_MAX * sizeof(char *));
    engine_signed_state(engine, &state);
    if (state.alarm)
        alarm_add(&alarms, "log_behind");
    if (state.is_configured && engine->out.figures)
        engine->out.figures(engine->out.ctx, figure_look, &alarms);
}

void engine_signed_tick(struct engine *engine)
{
    struct engine_signed_state state;

    engine_signed_state(engine, &state);
    if (state.alarm != engine->signed_log.alarmed) {
        if (state.alarm)
            log_warning(engine->log,
                        "alarm: the audit log is behind: %llu entries, for %lld s; see "
                        "ctps plugin show audit",
                        (unsigned long long)state.lag, (long long)(state.behind_us / 1000000));
        else
            log_info(engine->log, "the audit log has caught up");
    }
    if (state.reads_refused && !engine->signed_log.refusing)
        log_warning(engine->log, "alarm: nothing nominative is read until the audit log has "
                                 "caught up (audit.refuse_reads_after)");
    engine->signed_log.alarmed = state.alarm;
    engine->signed_log.refusing = state.reads_refused;
}
