/* ctps situation certificate: what was destroyed, as a page to print. */
#include "command.h"
#include "lang.h"
#include "page.h"
#include "paper.h"
#include "request.h"

#include <sysexits.h>

static const char *digits(struct cli *cli, uint64_t value)
{
    const char *text = arena_printf(&cli->arena, "%llu", (unsigned long long)value);

    return text ? text : "";
}

static void subjects_write(struct cli *cli, struct page *page,
                           const Ctps__Certificate *certificate)
{
    static const char *const titles[] = {"Référence", "Identifiant", "Étendue",
                                         "Clés détruites"};

    page_table_start(page, titles, 4);
    for (size_t i = 0; i < certificate->n_subjects; i++) {
        const Ctps__CertificateSubject *subject = certificate->subjects[i];
        const char *cells[] = {subject->reference, digits(cli, subject->id),
                               subject->part ? "une partie ; le reste est conservé"
                                             : "toutes les données nominatives",
                               digits(cli, subject->key_count)};

        page_table_row(page, cells);
    }
    page_table_end(page);
}

static void certificate_write(struct cli *cli, struct page *page,
                              const Ctps__Certificate *certificate)
{
    page_heading(page, certificate->done ? "Effacement effectué" : "Effacement ordonné",
                 certificate->done ? "Erased" : "Erasure ordered, not carried out yet");
    subjects_write(cli, page, certificate);
    page_fact(page, "Ordonné le", "Ordered on",
              paper_day(cli, certificate->has_ordered_day, certificate->ordered_day));
    page_fact(page, "Ordonné par", "Ordered by",
              certificate->by_agent ? paper_agent(cli, certificate->by_agent)
                                    : "règle de conservation");
    page_fact(page, "Raison", "Reason", paper_label(cli, "finalite", certificate->reason));
    page_fact(page, "Effectué le", "Done on",
              paper_day(cli, certificate->has_done_day, certificate->done_day));
    page_fact(page,
              certificate->done ? "Nombre de clés détruites" : "Nombre de clés à détruire",
              certificate->done ? "Keys destroyed" : "Keys to destroy",
              digits(cli, certificate->key_count));
    if (certificate->done)
        page_fact(page, "Trousseau sans ces clés", "Keyring epoch",
                  digits(cli, certificate->epoch));
    page_fact(page, "Dernière sauvegarde de clés détruite le", "Last keyring backup expires",
              paper_day(cli, certificate->has_backups_gone_day, certificate->backups_gone_day));
    page_fact(page, "Écriture du journal", "Journal entry", digits(cli, certificate->order));
}

/* Whether each of the orders was carried out. */
static bool is_all_done(const Ctps__CertificateAnswer *answer)
{
    for (size_t i = 0; i < answer->n_certificates; i++)
        if (!answer->certificates[i]->done)
            return false;
    return true;
}

static void page_fill(struct cli *cli, struct page *page, const Ctps__CertificateAnswer *answer)
{
    page_start(page, page_town(cli), "Certificat d’effacement", "Certificate of erasure");
    if (is_all_done(answer))
        page_paragraph(
            page,
            "Les textes et les identités étaient chiffrés sous des clés propres à cette "
            "situation. Ces clés ont été détruites : plus personne ne peut les lire. "
            "Jusqu’à la date indiquée, une ancienne sauvegarde des clés existe encore.",
            "Texts and identities were encrypted under keys of their own. These keys "
            "were destroyed. Until the date given an older backup of the keys exists.");
    else
        page_paragraph(
            page,
            "Les textes et les identités sont chiffrés sous des clés propres à cette "
            "situation. Leur lecture est déjà refusée ; ces clés seront détruites dans la "
            "journée. Imprimez de nouveau ce certificat ensuite.",
            "Texts and identities are encrypted under keys of their own. They are no longer "
            "read by anybody; these keys will be destroyed within the day. Print this "
            "certificate again then.");
    for (size_t i = 0; i < answer->n_certificates; i++)
        certificate_write(cli, page, answer->certificates[i]);
    page_signature(page, "Le responsable du traitement");
}

int command_certificate_run(struct cli *cli, const struct command *command,
                            const struct args *args)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    const char *path = args_get(args, "output");
    const ProtobufCMessage *answer;
    Ctps__Reply *reply;
    struct page page;
    int status = command_fill(cli, command, args, &request.base);

    if (!status)
        status = request_run(cli, &request, &reply);
    if (status)
        return status;
    if (reply->answer_case != CTPS__REPLY__ANSWER_CERTIFICATE_ANSWER)
        return EX_PROTOCOL;
    answer = &reply->certificate_answer->base;
    if (cli->json)
        return view_write_json_line(cli, answer);
    if (!path)
        path = "certificat.html";
    page_fill(cli, &page, reply->certificate_answer);
    return page_write(cli, &page, path);
}
