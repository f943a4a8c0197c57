/* What the journal says of what was acknowledged, of time, of ids and of erasures. */
#include <fcntl.h>

#include "sim.h"

#include "base/civil.h"
#include "journal/journal.h"
#include "vault/keyring.h"
#include "vault/rootkey.h"

enum { AUDIT_IDS_MAX = 8192, AUDIT_ERASURES_MAX = 512 };

static const int64_t window_us = INT64_C(30) * 86400 * 1000000;

struct request_seen {
    uint8_t id[16];
    uint64_t who;
    int64_t time_us;
};

/* A subject on its way to erasure. */
struct erasure {
    uint64_t subject;
    uint64_t announced_seq;
    int32_t announced_day;
    unsigned run_days; /* different days noted since */
    int32_t days[8];
};

struct audit {
    struct sim *sim;
    struct arena arena;
    struct journal *journal;
    int64_t last_us;
    bool alarm;
    size_t id_count;
    uint64_t ids[AUDIT_IDS_MAX];
    size_t slot_count;
    uint64_t slots[AUDIT_IDS_MAX]; /* taken, in order of taking */
    size_t number_count;
    char numbers[AUDIT_IDS_MAX / 8][24];
    size_t request_count;
    struct request_seen requests[SIM_SENT_MAX * 2];
    size_t erasure_count;
    struct erasure erasures[AUDIT_ERASURES_MAX];
    size_t order_count;
    struct {
        uint64_t seq;
        size_t slot_count;
        uint64_t slots[32];
        bool done;
    } orders[AUDIT_ERASURES_MAX];
    unsigned by_rule; /* subjects erased because their term came */
    unsigned acked_seen;
    unsigned acked_expected;
};

static void id_add(struct audit *audit, uint64_t seq, uint64_t id)
{
    if (id >> 8 != seq)
        sim_fail(audit->sim, "entry %llu holds id %llx, which is not of it",
                 (unsigned long long)seq, (unsigned long long)id);
    for (size_t i = 0; i < audit->id_count; i++)
        if (audit->ids[i] == id)
            sim_fail(audit->sim, "id %llx twice", (unsigned long long)id);
    if (audit->id_count < AUDIT_IDS_MAX)
        audit->ids[audit->id_count++] = id;
}

static void slot_add(struct audit *audit, uint64_t slot)
{
    if (!slot)
        return;
    for (size_t i = 0; i < audit->slot_count; i++)
        if (audit->slots[i] == slot)
            sim_fail(audit->sim, "key slot %llu has two owners", (unsigned long long)slot);
    if (audit->slot_count < AUDIT_IDS_MAX)
        audit->slots[audit->slot_count++] = slot;
}

static void number_add(struct audit *audit, const char *number)
{
    char *out;

    for (size_t i = 0; i < audit->number_count; i++)
        if (strcmp(audit->numbers[i], number) == 0)
            sim_fail(audit->sim, "reference %s twice", number);
    if (audit->number_count == sizeof(audit->numbers) / sizeof(audit->numbers[0]))
        return;
    out = audit->numbers[audit->number_count++];
    snprintf(out, sizeof(audit->numbers[0]), "%s", number);
}

static void of_saisine(struct audit *audit, uint64_t seq, const Ctps__SaisineReceived *event)
{
    id_add(audit, seq, event->id);
    number_add(audit, event->number);
    slot_add(audit, event->slot);
    for (size_t i = 0; i < event->n_persons; i++) {
        id_add(audit, seq, event->persons[i]->id);
        if (event->persons[i]->identity)
            slot_add(audit, event->persons[i]->identity->slot);
    }
}

/* --- erasures --- */

static struct erasure *erasure_find(struct audit *audit, uint64_t subject)
{
    for (size_t i = 0; i < audit->erasure_count; i++)
        if (audit->erasures[i].subject == subject)
            return &audit->erasures[i];
    return NULL;
}

static void of_announced(struct audit *audit, uint64_t seq, const Ctps__ErasureAnnounced *event)
{
    if (audit->alarm)
        sim_fail(audit->sim, "an erasure announced during a clock alarm");
    if (erasure_find(audit, event->subject) || audit->erasure_count == AUDIT_ERASURES_MAX)
        return;
    audit->erasures[audit->erasure_count++] = (struct erasure){
        .subject = event->subject,
        .announced_seq = seq,
        .announced_day = event->day,
    };
}

static void run_day_add(struct erasure *erasure, int32_t day)
{
    const unsigned room = sizeof(erasure->days) / sizeof(erasure->days[0]);

    for (unsigned i = 0; i < erasure->run_days && i < room; i++)
        if (erasure->days[i] == day)
            return;
    if (erasure->run_days < room)
        erasure->days[erasure->run_days++] = day;
}

static void of_day_run(struct audit *audit, int32_t day)
{
    for (size_t i = 0; i < audit->erasure_count; i++)
        if (day != audit->erasures[i].announced_day)
            run_day_add(&audit->erasures[i], day);
}

/* True time between two entries; INT64_MAX when one was not heard of, or when the clock was so
 * wrong that days by the wall, which is what the rules count, are not true ones. */
static int64_t time_between(const struct sim *sim, uint64_t from_seq, uint64_t to_seq)
{
    int64_t from = 0;
    int64_t to = 0;

    for (unsigned i = 0; i < sim->moment_count; i++) {
        if (sim->moments[i].seq == from_seq)
            from = sim->moments[i].true_us;
        if (sim->moments[i].seq == to_seq)
            to = sim->moments[i].true_us;
    }
    return from && to && !sim->clock_was_wrong ? to - from : INT64_MAX;
}

/* Nobody asked for it: the law of domain.md section 8 must hold. */
static void rule_check(struct audit *audit, uint64_t seq, const Ctps__ErasureOrdered *event,
                       uint64_t subject)
{
    const struct settings *settings = &audit->sim->town.options.settings;
    const struct erasure *erasure = erasure_find(audit, subject);
    unsigned long long id = subject;

    if (audit->alarm)
        sim_fail(audit->sim, "%llx: erasure ordered by rule during a clock alarm", id);
    if (!erasure)
        sim_fail(audit->sim, "%llx: erasure ordered and never announced", id);
    else if (event->day - erasure->announced_day < settings->announce_days)
        sim_fail(audit->sim, "%llx: erasure ordered %d days after its announcement", id,
                 (int)(event->day - erasure->announced_day));
    else if (time_between(audit->sim, erasure->announced_seq, seq) < 13 * TOWN_US_PER_DAY)
        sim_fail(audit->sim, "%llx: erasure truly ordered %lld h after its announcement", id,
                 (long long)(time_between(audit->sim, erasure->announced_seq, seq) /
                             INT64_C(3600000000)));
    else if (erasure->run_days < (unsigned)settings->announce_run_days)
        sim_fail(audit->sim, "%llx: only %u days run since the announcement", id,
                 erasure->run_days);
}

static void gone_mark(struct sim *sim, uint64_t id)
{
    struct sim_thing *thing = sim_thing_find(&sim->situations, id);

    if (thing)
        thing->gone = true;
    for (unsigned i = 0; i < sim->saisines.count; i++)
        if (sim->saisines.at[i].id == id || sim->saisines.at[i].situation == id)
            sim->saisines.at[i].gone = true;
}

static void of_ordered(struct audit *audit, uint64_t seq, const Ctps__ErasureOrdered *event)
{
    size_t at = audit->order_count;

    if (at == AUDIT_ERASURES_MAX)
        return;
    audit->order_count++;
    audit->orders[at].seq = seq;
    for (size_t i = 0; i < event->n_subjects; i++) {
        const Ctps__ErasureSubject *subject = event->subjects[i];

        for (size_t j = 0; j < subject->n_slots && audit->orders[at].slot_count < 32; j++)
            audit->orders[at].slots[audit->orders[at].slot_count++] = subject->slots[j];
        if (subject->kind == CTPS__OBJECT_KIND__OBJECT_KEY)
            continue;
        audit->by_rule += !event->by_agent;
        if (!event->by_agent)
            rule_check(audit, seq, event, subject->id);
        gone_mark(audit->sim, subject->id);
    }
}

static void of_done(struct audit *audit, const Ctps__ErasureDone *event)
{
    bool found = false;

    if (audit->alarm)
        sim_fail(audit->sim, "keys destroyed during a clock alarm");
    for (size_t i = 0; i < audit->order_count; i++) {
        if (audit->orders[i].seq != event->ordered_seq)
            continue;
        if (audit->orders[i].done)
            sim_fail(audit->sim, "order %llu done twice",
                     (unsigned long long)event->ordered_seq);
        audit->orders[i].done = true;
        found = true;
    }
    if (!found)
        sim_fail(audit->sim, "erasure done that was not ordered");
}

/* --- entries --- */

static void event_audit(struct audit *audit, uint64_t seq, const Ctps__Event *event)
{
    switch (event->body_case) {
    case CTPS__EVENT__BODY_SAISINE_RECEIVED:
        of_saisine(audit, seq, event->saisine_received);
        break;
    case CTPS__EVENT__BODY_SITUATION_OPENED:
        id_add(audit, seq, event->situation_opened->id);
        number_add(audit, event->situation_opened->reference);
        slot_add(audit, event->situation_opened->slot);
        break;
    case CTPS__EVENT__BODY_SITUATION_ENTRY_ADDED:
        id_add(audit, seq, event->situation_entry_added->id);
        break;
    case CTPS__EVENT__BODY_AUDIT_KEY_SET:
        slot_add(audit, event->audit_key_set->slot);
        break;
    case CTPS__EVENT__BODY_DIGEST_KEY_SET:
        slot_add(audit, event->digest_key_set->slot);
        break;
    case CTPS__EVENT__BODY_CLOCK_ALARM_RAISED:
        audit->alarm = true;
        break;
    case CTPS__EVENT__BODY_CLOCK_ALARM_CONFIRMED:
        audit->alarm = false;
        break;
    case CTPS__EVENT__BODY_DAY_RUN:
        of_day_run(audit, event->day_run->day);
        break;
    case CTPS__EVENT__BODY_ERASURE_ANNOUNCED:
        of_announced(audit, seq, event->erasure_announced);
        break;
    case CTPS__EVENT__BODY_ERASURE_ORDERED:
        of_ordered(audit, seq, event->erasure_ordered);
        break;
    case CTPS__EVENT__BODY_ERASURE_DONE:
        of_done(audit, event->erasure_done);
        break;
    default:
        break;
    }
}

/* A request is done once, within the time it is remembered. */
static void request_audit(struct audit *audit, const struct journal_frame *frame,
                          const Ctps__Entry *entry)
{
    struct request_seen seen = {.time_us = entry->time_us};
    size_t room = sizeof(audit->requests) / sizeof(audit->requests[0]);

    if (!entry->has_request_id || entry->request_id.len != sizeof(seen.id))
        return;
    memcpy(seen.id, entry->request_id.data, sizeof(seen.id));
    seen.who = entry->principal ? entry->principal->id : 0;
    for (size_t i = 0; i < audit->request_count; i++)
        if (memcmp(audit->requests[i].id, seen.id, sizeof(seen.id)) == 0 &&
            audit->requests[i].who == seen.who &&
            seen.time_us - audit->requests[i].time_us < window_us)
            sim_fail(audit->sim, "entry %llu does a request again",
                     (unsigned long long)frame->seq);
    if (audit->request_count < room)
        audit->requests[audit->request_count++] = seen;
}

static void acked_audit(struct audit *audit, uint64_t seq, const Ctps__Entry *entry)
{
    struct sim *sim = audit->sim;

    for (unsigned i = 0; i < sim->sent_count; i++) {
        struct sim_sent *sent = &sim->sent[i];

        if (!sent->acked || sent->seq != seq)
            continue;
        audit->acked_seen++;
        sent->entry_us = entry->time_us;
        if (entry->kind == CTPS__ENTRY_KIND__ENTRY_READ)
            continue;
        if (entry->kind != CTPS__ENTRY_KIND__ENTRY_COMMAND || !entry->has_request_id ||
            memcmp(entry->request_id.data, sent->id, sizeof(sent->id)) != 0)
            sim_fail(sim, "entry %llu is not what was acknowledged as it",
                     (unsigned long long)seq);
    }
}

static enum ctps_code frame_audit(void *arg, const struct journal_frame *frame)
{
    struct audit *audit = arg;
    const Ctps__Entry *entry;

    arena_reset(&audit->arena);
    entry = (Ctps__Entry *)record_unpack(&audit->arena, &ctps__entry__descriptor, frame->body);
    audit->sim->counts.entries++;
    if (!entry)
        return CTPS_DAMAGED;
    if (entry->time_us < audit->last_us)
        sim_fail(audit->sim, "time goes back at entry %llu", (unsigned long long)frame->seq);
    audit->last_us = entry->time_us;
    for (size_t i = 0; i < entry->n_events; i++)
        event_audit(audit, frame->seq, entry->events[i]);
    request_audit(audit, frame, entry);
    acked_audit(audit, frame->seq, entry);
    return CTPS_OK;
}

static void audit_run(struct audit *audit, struct sim_disk *copy, struct ctps_err *err)
{
    struct sim *sim = audit->sim;
    char dir[SPLIT_PATH_LEN + 16];
    struct seal_key *key = seal_key_new();
    struct journal_options options = {
        .dir = dir,
        .sys = sim_disk_sys(copy),
        .key = key,
        .segment_len = TOWN_SEGMENT_LEN,
        .read_only = true,
    };
    enum ctps_code code;

    snprintf(dir, sizeof(dir), "%s/journal", sim->town.split.dir);
    rootkey_derive(key, sim->town.root, ROOTKEY_STORE);
    code = journal_open(&audit->journal, &options, err);
    if (code == CTPS_OK)
        code = journal_scan(audit->journal, 1, frame_audit, audit, err);
    if (code != CTPS_OK)
        sim_fail(sim, "the journal cannot be read: %s", err->text);
    journal_close(&audit->journal);
    seal_key_free(&key);
}

static struct audit *audit_new(struct sim *sim)
{
    struct audit *audit = calloc(1, sizeof(*audit));

    if (!audit)
        abort();
    audit->sim = sim;
    arena_init(&audit->arena, 8 << 20);
    for (unsigned i = 0; i < sim->sent_count; i++)
        if (sim->sent[i].acked && sim->sent[i].seq)
            audit->acked_expected++;
    return audit;
}

static struct audit *audit_make(struct sim *sim)
{
    struct audit *audit = audit_new(sim);
    struct sim_disk *copy = sim_disk_clone(sim->town.disk);
    struct ctps_err err = {0};

    sim->counts.audits++;
    audit_run(audit, copy, &err);
    if (audit->acked_seen != audit->acked_expected)
        sim_fail(sim, "%u requests were acknowledged, the journal holds %u of them",
                 audit->acked_expected, audit->acked_seen);
    sim_hear_number(sim, (uint64_t)audit->last_us);
    sim_disk_free(&copy);
    return audit;
}

static void audit_free(struct audit *audit)
{
    arena_done(&audit->arena);
    free(audit);
}

void sim_audit(struct sim *sim)
{
    audit_free(audit_make(sim));
}

static bool is_destroyed(const struct audit *audit, uint64_t slot)
{
    for (size_t i = 0; i < audit->order_count; i++)
        for (size_t j = 0; audit->orders[i].done && j < audit->orders[i].slot_count; j++)
            if (audit->orders[i].slots[j] == slot)
                return true;
    return false;
}

static bool is_ordered(const struct audit *audit, uint64_t slot)
{
    for (size_t i = 0; i < audit->order_count; i++)
        for (size_t j = 0; j < audit->orders[i].slot_count; j++)
            if (audit->orders[i].slots[j] == slot)
                return true;
    return false;
}

void sim_audit_keys(struct sim *sim)
{
    struct audit *audit = audit_make(sim);
    char dir[SPLIT_PATH_LEN + 16];
    struct keyring_options options = {.dir = dir, .sys = sys_real(), .root = sim->town.root};
    struct keyring *keyring = NULL;
    struct seal_key *key = seal_key_new();
    struct ctps_err err = {0};

    snprintf(dir, sizeof(dir), "%s/keyring", sim->town.split.dir);
    if (keyring_open(&keyring, &options, &err) != CTPS_OK)
        sim_fail(sim, "the keyring cannot be opened: %s", err.text);
    for (size_t i = 0; keyring && i < audit->slot_count; i++) {
        enum ctps_code code = keyring_key_get(keyring, audit->slots[i], key);

        if (is_destroyed(audit, audit->slots[i]) && code != CTPS_ABSENT)
            sim_fail(sim, "key slot %llu outlived its erasure",
                     (unsigned long long)audit->slots[i]);
        if (!is_ordered(audit, audit->slots[i]) && code != CTPS_OK)
            sim_fail(sim, "key slot %llu is lost: %s", (unsigned long long)audit->slots[i],
                     err_code_name(code));
    }
    sim->counts.subjects_by_rule += audit->by_rule;
    keyring_close(&keyring);
    seal_key_free(&key);
    audit_free(audit);
}

/* --- files --- */

struct search {
    struct sim *sim;
    char dir[2 * SPLIT_PATH_LEN];
};

static int real_search(void *arg, const char *name)
{
    const struct search *search = arg;
    char path[4 * SPLIT_PATH_LEN];
    const struct sys *real = sys_real();
    struct buf content;
    int64_t len;
    size_t after;
    int fd;

    snprintf(path, sizeof(path), "%s/%s", search->dir, name);
    buf_init(&content);
    fd = real->open(real->ctx, path, O_RDONLY, 0);
    len = fd < 0 ? 0 : real->size(real->ctx, fd);
    if (len > 0 && buf_extend(&content, (size_t)len) &&
        sys_read_all(real, fd, content.data, (size_t)len, 0) == 0 &&
        sim_canary_find(buf_bytes(&content), &after))
        sim_fail(search->sim, "a name in file %s", name);
    if (fd >= 0)
        real->close(real->ctx, fd);
    buf_done(&content);
    return 0;
}

static int sim_search(void *arg, const char *name)
{
    const struct search *search = arg;
    char path[4 * SPLIT_PATH_LEN];
    size_t after;

    snprintf(path, sizeof(path), "%s/%s", search->dir, name);
    if (sim_canary_find(sim_disk_peek(search->sim->town.disk, path), &after))
        sim_fail(search->sim, "a name in file %s", name);
    return 0;
}

void sim_audit_files(struct sim *sim)
{
    static const char *const folders[] = {"journal", "ledger", "views", "keyring"};
    struct search search = {.sim = sim};

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        snprintf(search.dir, sizeof(search.dir), "%s/%s", sim->town.split.dir, folders[i]);
        if (i < 2)
            sim_disk_sys(sim->town.disk)
                ->list_dir(sim->town.disk, search.dir, sim_search, &search);
        else
            sys_real()->list_dir(sys_real()->ctx, search.dir, real_search, &search);
    }
}
