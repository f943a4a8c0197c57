/*
 * Certificates of erasure (domain.md section 8): what was destroyed, when, by whose order, and
 * until when a backup of the keyring could still open it. Facts: numbers and days only.
 */
#include "domain/check.h"
#include "domain/decide.h"
#include "domain/record.h"

void authorise_erasure_certificate(struct act *act)
{
    const Ctps__ErasureCertificate *in = act->request->erasure_certificate;
    uint64_t situation = in->situation;
    struct resource resource;

    if (!situation && is_given(in->reference)) {
        situation = record_reference_find(act->tables, act->arena, in->reference);
        if (!situation) {
            act_refuse(act, REFUSAL_ABSENT, "situation");
            return;
        }
    }
    if (!check_given(act, !!situation + !!in->saisine + !!in->order == 1, "situation"))
        return;
    if (in->order) {
        act_judge_plain(act, ACTION_ERASURE_CERTIFICATE);
        return;
    }
    if (situation)
        act->situation = record_situation(act->tables, act->arena, situation);
    else
        act->saisine = record_saisine(act->tables, act->arena, in->saisine);
    if (!act->situation && !act->saisine) {
        act_refuse(act, REFUSAL_ABSENT, situation ? "situation" : "saisine");
        return;
    }
    resource = act->situation ? resource_of_situation(act, act->situation)
                              : resource_of_saisine(act, act->saisine);
    act_judge(act, ACTION_ERASURE_CERTIFICATE, &resource);
}

struct certificates {
    struct act *act;
    Ctps__CertificateAnswer *answer;
    uint64_t id;      /* subjects of this id only, 0: all */
    uint64_t part_of; /* or parts of this situation */
};

static const char *reference_of(struct act *act, uint64_t id)
{
    const Ctps__SituationRecord *situation = record_situation(act->tables, act->arena, id);
    const Ctps__SaisineRecord *saisine =
        situation ? NULL : record_saisine(act->tables, act->arena, id);

    if (situation)
        return situation->opened->reference;
    return saisine ? saisine->received->number : "";
}

static Ctps__CertificateSubject *subject_view(struct act *act,
                                              const Ctps__ErasureSubject *subject)
{
    Ctps__CertificateSubject *view = act_alloc(act, sizeof(*view));
    uint64_t about = subject->part_of ? subject->part_of : subject->id;

    ctps__certificate_subject__init(view);
    SET(view, kind, subject->kind);
    SET(view, id, about);
    view->reference = act_text(act, reference_of(act, about));
    SET(view, key_count, (uint32_t)subject->n_slots);
    if (subject->part_of)
        SET(view, part, 1);
    return view;
}

static bool is_wanted(const struct certificates *all, const Ctps__ErasureSubject *subject)
{
    return (!all->id && !all->part_of) || (all->id && subject->id == all->id) ||
           (all->part_of && (subject->part_of == all->part_of || subject->id == all->part_of));
}

static void certificate_add(struct certificates *all, uint64_t seq)
{
    struct act *act = all->act;
    const Ctps__ErasureRecord *row =
        (Ctps__ErasureRecord *)record_get(act->tables, TABLE_ERASURE, table_key_of_u64(seq),
                                          act->arena, &ctps__erasure_record__descriptor);
    Ctps__Certificate *view;

    if (!row || !row->ordered)
        return;
    view = act_alloc(act, sizeof(*view));
    ctps__certificate__init(view);
    view->subjects = act_alloc(act, row->ordered->n_subjects * sizeof(void *) + sizeof(void *));
    if (!view->subjects)
        return;
    SET(view, order, seq);
    SET(view, ordered_day, row->ordered->day);
    SET(view, by_agent, row->ordered->by_agent);
    view->reason = row->ordered->reason;
    SET(view, done, row->done);
    SET_FROM(view, row, done_day);
    SET_FROM(view, row, epoch);
    SET_FROM(view, row, backups_gone_day);
    for (size_t i = 0; i < row->ordered->n_subjects; i++)
        if (is_wanted(all, row->ordered->subjects[i]))
            view->subjects[view->n_subjects++] = subject_view(act, row->ordered->subjects[i]);
    for (size_t i = 0; i < view->n_subjects; i++)
        SET(view, key_count, view->key_count + view->subjects[i]->key_count);
    if (view->n_subjects)
        all->answer->certificates[all->answer->n_certificates++] = view;
}

void answer_erasure_certificate(struct act *act)
{
    const Ctps__ErasureCertificate *in = act->request->erasure_certificate;
    Ctps__CertificateAnswer *answer = act_alloc(act, sizeof(*answer));
    struct certificates all = {act, answer, in->saisine, 0};
    const uint64_t one[] = {in->order};
    const uint64_t *seqs = one;
    size_t count = 1;

    ctps__certificate_answer__init(answer);
    if (act->situation) {
        seqs = act->situation->erasure_seqs;
        count = act->situation->n_erasure_seqs;
        all.part_of = act->situation->merged_into ? act->situation->merged_into
                                                  : act->situation->opened->id;
    } else if (act->saisine) {
        seqs = act->saisine->erasure_seqs;
        count = act->saisine->n_erasure_seqs;
        all.part_of = act->saisine->situation;
    }
    answer->certificates = act_alloc(act, (count + 1) * sizeof(Ctps__Certificate *));
    act->reply->answer_case = CTPS__REPLY__ANSWER_CERTIFICATE_ANSWER;
    act->reply->certificate_answer = answer;
    for (size_t i = 0; answer->certificates && i < count; i++)
        certificate_add(&all, seqs[i]);
    if (!answer->n_certificates)
        act_refuse(act, REFUSAL_ABSENT, "certificate");
}
