/* What plugins tell the daemon to remember: where they are, what they did, what they cannot. */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/feed.h"
#include "domain/notification.h"
#include "domain/page.h"
#include "domain/record.h"
#include "domain/reminder.h"

enum { EFFECT_KEYS_MAX = 64, LETTERS_MAX = 1000 };

void authorise_dead_letter_add(struct act *act)
{
    act_judge_plain(act, ACTION_DEAD_LETTER_ADD);
}

void authorise_dead_letter_manage(struct act *act)
{
    act_judge_plain(act, ACTION_DEAD_LETTER_MANAGE);
}

void authorise_effect_record(struct act *act)
{
    act_judge_plain(act, ACTION_EFFECT_RECORD);
}

/* A plugin looks among its own; people at the list. */
void authorise_effect_find(struct act *act)
{
    const Ctps__EffectFind *in = act->request->effect_find;
    bool own = act->who->kind == PRINCIPAL_KIND_PLUGIN && (in->n_keys || in->waiting);

    act_judge_plain(act, own ? ACTION_EFFECT_RECORD : ACTION_EFFECT_LIST);
}

void authorise_plugin_list(struct act *act)
{
    act_judge_plain(act, ACTION_PLUGIN_LIST);
}

void authorise_plugin_reload(struct act *act)
{
    act_judge_plain(act, ACTION_PLUGIN_RELOAD);
}

static bool is_one_of(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(or_empty(text), words[i]) == 0)
            return true;
    return false;
}

/* --- cursors --- */

void answer_cursor_get(struct act *act)
{
    Ctps__CursorAnswer *answer = act_alloc(act, sizeof(*answer));
    const Ctps__CounterRecord *row = (Ctps__CounterRecord *)record_get(
        act->tables, TABLE_CURSOR,
        table_key_of_texts(or_empty(act->request->cursor_get->audience),
                           audience_consumer(act)),
        act->arena, &ctps__counter_record__descriptor);

    ctps__cursor_answer__init(answer);
    SET(answer, position, row ? row->value : 0);
    act->reply->answer_case = CTPS__REPLY__ANSWER_CURSOR_ANSWER;
    act->reply->cursor_answer = answer;
}

/* --- dead letters --- */

static bool is_configured(const struct settings *settings, const char *plugin)
{
    for (unsigned i = 0; i < settings->grant_count; i++)
        if (strcmp(settings->grants[i].name, plugin) == 0)
            return true;
    return false;
}

static bool one_found(void *arg, struct bytes key, struct bytes value)
{
    (void)key, (void)value;
    *(bool *)arg = true;
    return false;
}

static bool has_letters(const struct act *act, const char *plugin)
{
    struct table_key prefix = {0};
    bool found = false;

    table_key_add_text(&prefix, plugin);
    act->tables->walk(act->tables->ctx, TABLE_DEAD_LETTER, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, one_found, &found);
    return found;
}

/* One whose section is gone may have left letters: those are still to be settled. */
static bool plugin_check(struct act *act, const char *plugin)
{
    const struct settings *settings = act->settings;
    const char *names = NULL;

    if (is_configured(settings, plugin) || has_letters(act, plugin))
        return true;
    for (unsigned i = 0; i < settings->grant_count; i++)
        names = arena_printf(act->arena, "%s%s%s", or_empty(names), names ? ", " : "",
                             settings->grants[i].name);
    act_refuse(act, REFUSAL_PLUGIN_UNKNOWN, names ? names : "–");
    return false;
}

static struct table_key letter_key(const char *plugin, const char *audience, uint64_t number)
{
    struct table_key key = table_key_of_texts(plugin, audience);

    table_key_add_u64(&key, number);
    return key;
}

void decide_dead_letter_add(struct act *act)
{
    static const char *const reasons[] = {"poison", "tries"};
    const Ctps__DeadLetterAdd *in = act->request->dead_letter_add;
    Ctps__DeadLetter *out;

    if (!check_given(act, *act->who->name != '\0', "principal.name") ||
        !check_given(act, is_given(in->audience), "audience") ||
        !check_given(act, in->number != 0, "number"))
        return;
    if (!is_one_of(in->reason, reasons, sizeof(reasons) / sizeof(reasons[0]))) {
        act_refuse(act, REFUSAL_FIELD_RANGE, "reason");
        return;
    }
    out = emit_dead_letter_added(act);
    out->plugin = act_text(act, act->who->name);
    out->audience = in->audience;
    SET_FROM(out, in, number);
    out->reason = in->reason;
    SET(out, added_us, act->now_us);
}

void decide_dead_letter_settle(struct act *act)
{
    const Ctps__DeadLetterSettle *in = act->request->dead_letter_settle;
    Ctps__DeadLetterSettled *out;

    if (!plugin_check(act, or_empty(in->plugin)))
        return;
    if (!record_exists(act->tables, TABLE_DEAD_LETTER,
                       letter_key(or_empty(in->plugin), or_empty(in->audience), in->number))) {
        act_refuse(act, REFUSAL_ABSENT, "number");
        return;
    }
    out = emit_dead_letter_settled(act);
    out->plugin = in->plugin;
    out->audience = in->audience;
    SET_FROM(out, in, number);
    SET_FROM(out, in, replay);
    SET(out, by_agent, act->who->kind == PRINCIPAL_KIND_AGENT ? act->who->id : 0);
}

static bool letter_add(void *arg, struct bytes key, struct bytes value)
{
    struct act *act = arg;
    Ctps__DeadLetterAnswer *answer = act->reply->dead_letter_answer;

    (void)key;
    answer->letters[answer->n_letters] =
        (Ctps__DeadLetter *)record_unpack(act->arena, &ctps__dead_letter__descriptor, value);
    if (answer->letters[answer->n_letters])
        answer->n_letters++;
    return answer->n_letters < LETTERS_MAX;
}

void answer_dead_letter_list(struct act *act)
{
    const char *plugin = or_empty(act->request->dead_letter_list->plugin);
    Ctps__DeadLetterAnswer *answer = act_alloc(act, sizeof(*answer));
    Ctps__DeadLetter **letters = arena_alloc(act->arena, LETTERS_MAX * sizeof(void *));
    struct table_key prefix = {0};

    if (*plugin && !plugin_check(act, plugin))
        return;
    ctps__dead_letter_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_DEAD_LETTER_ANSWER;
    act->reply->dead_letter_answer = answer;
    answer->letters = letters;
    if (!letters) {
        act->exhausted = true;
        return;
    }
    if (*plugin)
        table_key_add_text(&prefix, plugin);
    act->tables->walk(act->tables->ctx, TABLE_DEAD_LETTER, table_key_bytes(&prefix),
                      bytes_of(NULL, 0), false, letter_add, act);
}

/* --- effects --- */

static Ctps__Effect *effect_get(struct act *act, uint64_t id)
{
    return (Ctps__Effect *)record_get(act->tables, TABLE_EFFECT, table_key_of_u64(id),
                                      act->arena, &ctps__effect__descriptor);
}

/* NULL when the asking plugin recorded nothing under the key. */
static Ctps__Effect *effect_find(struct act *act, const char *key)
{
    const Ctps__IdRecord *row = (Ctps__IdRecord *)record_get(
        act->tables, TABLE_EFFECT_KEY, table_key_of_texts(act->who->name, key), act->arena,
        &ctps__id_record__descriptor);

    return row ? effect_get(act, row->id) : NULL;
}

static void effect_fill(struct act *act, const Ctps__EffectRecord *in, Ctps__Effect *out)
{
    SET(out, id, act_new_id(act));
    out->plugin = act_text(act, act->who->name);
    out->key = in->key;
    SET_FROM(out, in, source);
    SET_FROM(out, in, object_kind);
    SET_FROM(out, in, object);
    SET_FROM(out, in, agent);
    SET_FROM(out, in, contact);
    SET_FROM(out, in, day);
    out->code = in->code;
    out->about = in->about;
    if (strcmp(or_empty(in->kind), NOTIFICATION_QUEUED) == 0)
        SET(out, queued_us, act->now_us);
}

/* `known`: what went before under the same key; NULL: nothing. */
static void effect_emit(struct act *act, const Ctps__EffectRecord *in,
                        const Ctps__Effect *known, Ctps__Effect *out)
{
    if (known)
        *out = *known;
    else
        effect_fill(act, in, out);
    out->kind = in->kind;
    out->outcome = in->outcome;
    out->cause = in->cause;
    SET_FROM(out, in, tries);
    SET(out, done_us, act->now_us);
    out->lead = in->lead;
    out->instance = in->instance;
    SET_FROM(out, in, due_day);
    SET_FROM(out, in, due_minute);
    SET_FROM(out, in, minute);
    SET_FROM(out, in, escalated);
    act_made(act, CTPS__OBJECT_KIND__OBJECT_NONE, out->id, NULL);
}

/* What was queued goes on: another try, or its end. All else is said once. */
static bool effect_goes_on(const Ctps__Effect *known, const Ctps__EffectRecord *in)
{
    static const char *const next[] = {NOTIFICATION_QUEUED, "notification.sent",
                                       "notification.failed", "notification.skipped"};
    bool again = strcmp(or_empty(in->kind), NOTIFICATION_QUEUED) == 0;

    return strcmp(or_empty(known->kind), NOTIFICATION_QUEUED) == 0 &&
           is_one_of(in->kind, next, sizeof(next) / sizeof(next[0])) &&
           (!again || in->tries > known->tries);
}

/* J-7, H-2, O-3, J, J+7: it is published, and nothing else is. */
static bool is_lead(const char *lead)
{
    size_t at = 1;

    if (!strchr("JOH", lead[0]))
        return false;
    if (lead[at] == '+' || lead[at] == '-')
        at++;
    return strspn(lead + at, "0123456789") == strlen(lead + at);
}

/* What would go to somebody who may not be told any more is recorded all the same: it was due,
 * and shows. */
static void reminder_judge(struct act *act, const Ctps__EffectRecord *in, Ctps__Effect *out)
{
    static const char *const outcomes[] = {REMINDER_ON_TIME, REMINDER_LATE, REMINDER_MISSED,
                                           REMINDER_BEGUN};

    if (is_given(in->outcome) &&
        !is_one_of(in->outcome, outcomes, sizeof(outcomes) / sizeof(outcomes[0])))
        act_refuse(act, REFUSAL_FIELD_RANGE, "outcome");
    else if (is_given(in->lead) && !is_lead(in->lead))
        act_refuse(act, REFUSAL_FIELD_RANGE, "lead");
    else if ((in->agent || in->contact) &&
             strcmp(or_empty(in->outcome), REMINDER_MISSED) != 0 &&
             !reminder_is_entitled(act, in))
        out->outcome = act_text(act, REMINDER_WITHHELD);
}

void decide_effect_record(struct act *act)
{
    static const struct {
        const char *kind;
        Ctps__Effect *(*emit)(struct act *act);
    } kinds[] = {
        {"reminder.due", emit_reminder_due},
        {NOTIFICATION_QUEUED, emit_notification_queued},
        {"notification.sent", emit_notification_sent},
        {"notification.failed", emit_notification_failed},
        {"notification.skipped", emit_notification_skipped},
    };
    const Ctps__EffectRecord *in = act->request->effect_record;
    Ctps__Effect *known;

    if (!check_given(act, *act->who->name != '\0', "principal.name") ||
        !check_given(act, is_given(in->key), "key"))
        return;
    known = effect_find(act, in->key);
    if (known && !effect_goes_on(known, in)) {
        act_made(act, CTPS__OBJECT_KIND__OBJECT_NONE, known->id, NULL);
        return;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(or_empty(in->kind), kinds[i].kind) == 0) {
            Ctps__Effect *out = kinds[i].emit(act);

            effect_emit(act, in, known, out);
            if (kinds[i].emit == emit_reminder_due)
                reminder_judge(act, in, out);
            return;
        }
    act_refuse(act, REFUSAL_FIELD_RANGE, "kind");
}

/* "notification.sent" is a kind, "notification." all that begin so. */
static bool is_of_kind(const char *wanted, const char *kind)
{
    size_t len = strlen(wanted);

    return len == 0 || strcmp(wanted, kind) == 0 ||
           (wanted[len - 1] == '.' && strncmp(wanted, kind, len) == 0);
}

static bool is_text_wanted(const char *wanted, const char *text)
{
    return !is_given(wanted) || strcmp(wanted, or_empty(text)) == 0;
}

static bool is_day_wanted(const Ctps__EffectFind *in, const Ctps__Effect *effect)
{
    return (!in->has_from_day || (effect->has_due_day && effect->due_day >= in->from_day)) &&
           (!in->has_to_day || (effect->has_due_day && effect->due_day <= in->to_day));
}

static bool is_wanted(const Ctps__EffectFind *in, const Ctps__Effect *effect)
{
    return is_text_wanted(in->code, effect->code) &&
           is_text_wanted(in->outcome, effect->outcome) && is_day_wanted(in, effect) &&
           is_of_kind(or_empty(in->kind), or_empty(effect->kind)) &&
           (!in->agent || in->agent == effect->agent) &&
           (!in->contact || in->contact == effect->contact);
}

struct effects {
    struct act *act;
    Ctps__EffectAnswer *answer;
    uint32_t limit;
};

static bool effect_take(struct effects *effects, Ctps__Effect *effect)
{
    if (!effect || !is_wanted(effects->act->request->effect_find, effect))
        return true;
    if (effects->answer->n_effects == effects->limit) {
        SET(effects->answer, more, true);
        return false;
    }
    effects->answer->effects[effects->answer->n_effects++] = effect;
    return true;
}

static bool effect_add(void *arg, struct bytes key, struct bytes value)
{
    struct effects *effects = arg;
    Ctps__Effect *effect =
        (Ctps__Effect *)record_unpack(effects->act->arena, &ctps__effect__descriptor, value);

    (void)key;
    return effect_take(effects, effect);
}

static bool waiting_add(void *arg, struct bytes key, struct bytes value)
{
    struct effects *effects = arg;
    const struct principal *who = effects->act->who;
    Ctps__Effect *effect;

    (void)value;
    if (key.len < sizeof(uint64_t))
        return true;
    effect = effect_get(effects->act, be64_get(key.data + key.len - sizeof(uint64_t)));
    if (effect && who->kind == PRINCIPAL_KIND_PLUGIN && strcmp(effect->plugin, who->name) != 0)
        return true;
    return effect_take(effects, effect);
}

void answer_effect_find(struct act *act)
{
    const Ctps__EffectFind *in = act->request->effect_find;
    struct effects effects = {.act = act, .limit = page_limit(in->has_limit, in->limit)};
    struct table_key before = table_key_of_u64(in->before);
    Ctps__EffectAnswer *answer = act_alloc(act, sizeof(*answer));

    ctps__effect_answer__init(answer);
    act->reply->answer_case = CTPS__REPLY__ANSWER_EFFECT_ANSWER;
    act->reply->effect_answer = effects.answer = answer;
    answer->effects = arena_alloc(act->arena, (PAGE_MAX + EFFECT_KEYS_MAX) * sizeof(void *));
    if (!answer->effects) {
        act->exhausted = true;
        return;
    }
    for (size_t i = 0; i < in->n_keys; i++) {
        Ctps__Effect *effect = effect_find(act, in->keys[i]);

        if (effect)
            answer->effects[answer->n_effects++] = effect;
    }
    if (in->n_keys)
        return;
    if (in->waiting) {
        struct table_key prefix = table_key_of_text(NOTIFICATION_WAITING);
        struct table_key from = notification_key(NOTIFICATION_WAITING, in->before);

        act->tables->walk(act->tables->ctx, TABLE_NOTIFICATION, table_key_bytes(&prefix),
                          in->before ? table_key_bytes(&from) : bytes_of(NULL, 0), true,
                          waiting_add, &effects);
        return;
    }
    act->tables->walk(act->tables->ctx, TABLE_EFFECT, bytes_of(NULL, 0),
                      in->before ? table_key_bytes(&before) : bytes_of(NULL, 0), true,
                      effect_add, &effects);
}
