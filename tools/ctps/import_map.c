#include "import_map.h"

#include "base/nearest.h"
#include "lang.h"
#include "text/fold.h"

#include <stdio.h>
#include <string.h>

enum {
    SCRATCH_MAX = 4 << 20,
    MAPPING_LINE_MAX = 512,
    IGNORED = -2, /* "header = -" */
};

static const char *const kind_names[IMPORT_KINDS] = {
    "listes",   "territoires",      "agents",   "partenaires",
    "contacts", "tableau-de-suivi", "reunions",
};

static const struct import_field_row rows[] = {
    {IMPORT_LISTS, FIELD_LIST, true, false, "list", "Liste", "list|nomenclature"},
    {IMPORT_LISTS, FIELD_CODE, true, false, "code", "Code", "valeur|value"},
    {IMPORT_LISTS, FIELD_LABEL_FR, true, false, "label_fr", "Libellé",
     "libelle francais|libelle fr|intitule"},
    {IMPORT_LISTS, FIELD_LABEL_EN, false, false, "label_en", "Label",
     "libelle anglais|libelle en|english|english label"},

    {IMPORT_TERRITORIES, FIELD_CODE, true, false, "code", "Code",
     "code territoire|territoire|n territoire"},
    {IMPORT_TERRITORIES, FIELD_NAME, true, false, "name", "Coordination",
     "nom|nom du territoire|libelle|nom de la coordination|name"},
    {IMPORT_TERRITORIES, FIELD_POPULATION, false, false, "population", "Population",
     "habitants|nombre d habitants|nb habitants"},
    {IMPORT_TERRITORIES, FIELD_DISTRICTS, true, false, "districts", "Quartiers",
     "quartier|quartier s|secteurs|liste des quartiers"},

    {IMPORT_AGENTS, FIELD_LAST_NAME, true, false, "last_name", "Nom",
     "nom de famille|nom de l agent|nom agent|last name"},
    {IMPORT_AGENTS, FIELD_FIRST_NAME, true, false, "first_name", "Prénom",
     "prenom de l agent|prenom agent|first name"},
    {IMPORT_AGENTS, FIELD_FUNCTION, true, false, "function", "Fonction",
     "poste|metier|role|function"},
    {IMPORT_AGENTS, FIELD_TERRITORIES, false, false, "territories", "Territoires",
     "territoire|territoire s|secteur|secteurs|coordination"},
    {IMPORT_AGENTS, FIELD_FTE, false, false, "fte", "ETP",
     "equivalent temps plein|quotite|temps de travail|fte"},
    {IMPORT_AGENTS, FIELD_FUNDER, false, false, "funder", "Financeur",
     "financement|finance par|employeur"},
    {IMPORT_AGENTS, FIELD_EMAIL, false, false, "email", "Courriel",
     "mail|email|e mail|adresse mail|adresse electronique|mel"},
    {IMPORT_AGENTS, FIELD_ACT, false, false, "act", "Habilitation",
     "arrete|n arrete|arrete d habilitation|reference habilitation|acte"},
    {IMPORT_AGENTS, FIELD_FROM, false, false, "from", "Du",
     "debut|habilitation du|date de debut|debut habilitation|valable du|a compter du"},
    {IMPORT_AGENTS, FIELD_TO, false, false, "to", "Au",
     "fin|habilitation au|date de fin|fin habilitation|valable au|jusqu au"},

    {IMPORT_PARTNERS, FIELD_NAME, true, false, "name", "Partenaire",
     "nom|structure|organisme|nom du partenaire|nom de la structure"},
    {IMPORT_PARTNERS, FIELD_FAMILY, true, false, "family", "Famille", "categorie|family"},
    {IMPORT_PARTNERS, FIELD_PARTNER_KIND, true, false, "kind", "Type",
     "type de partenaire|type partenaire|nature|domaine"},
    {IMPORT_PARTNERS, FIELD_TERRITORIES, false, false, "territories", "Territoires",
     "territoire|territoire s|secteurs"},

    {IMPORT_CONTACTS, FIELD_PARTNER, true, false, "partner", "Partenaire",
     "structure|organisme|nom du partenaire"},
    {IMPORT_CONTACTS, FIELD_LAST_NAME, true, false, "last_name", "Nom",
     "nom de famille|nom du contact"},
    {IMPORT_CONTACTS, FIELD_FIRST_NAME, true, false, "first_name", "Prénom",
     "prenom du contact"},
    {IMPORT_CONTACTS, FIELD_FUNCTION, false, false, "function", "Fonction", "poste|qualite"},
    {IMPORT_CONTACTS, FIELD_EMAIL, false, false, "email", "Courriel",
     "mail|email|e mail|adresse mail|adresse electronique|mel"},
    {IMPORT_CONTACTS, FIELD_PHONE, false, false, "phone", "Téléphone",
     "tel|telephone fixe|portable|numero de telephone"},
    {IMPORT_CONTACTS, FIELD_CHARTER, false, false, "charter", "Charte version",
     "version de la charte|charte|version charte"},
    {IMPORT_CONTACTS, FIELD_SIGNED, false, false, "signed", "Charte signée le",
     "signature|date de signature|signee le|date signature charte"},
    {IMPORT_CONTACTS, FIELD_NOTIFY, false, false, "notify", "Notification",
     "notifications|choix de notification"},

    {IMPORT_TABLE, FIELD_NUMBER, false, false, "number", "N° fiche",
     "no fiche|n de fiche|numero|numero de fiche|fiche|n|no|ref|reference|n dossier|n de "
     "dossier|no dossier|numero de dossier|dossier"},
    {IMPORT_TABLE, FIELD_RECEIVED, true, false, "received", "Date saisine",
     "date de saisine|date de la saisine|saisine|saisi le|date|date de reception|recu le"},
    {IMPORT_TABLE, FIELD_ORIGIN, true, false, "origin", "Origine",
     "origine de la saisine|origine saisine|type de saisissant"},
    {IMPORT_TABLE, FIELD_REFERRER, false, true, "referrer", "Saisissant",
     "saisi par|partenaire saisissant|auteur de la saisine|signale par"},
    {IMPORT_TABLE, FIELD_CHANNEL, false, false, "channel", "Canal",
     "mode de saisine|moyen|voie"},
    {IMPORT_TABLE, FIELD_TERRITORY, true, false, "territory", "Territoire",
     "coordination|secteur|code territoire"},
    {IMPORT_TABLE, FIELD_DISTRICT, true, false, "district", "Quartier", "quartiers"},
    {IMPORT_TABLE, FIELD_NATURE, true, false, "nature", "Nature",
     "nature de la situation|type de situation|type"},
    {IMPORT_TABLE, FIELD_PERSON_LAST, false, true, "last_name", "Nom",
     "nom de famille|nom de la personne|nom usager|nom personne"},
    {IMPORT_TABLE, FIELD_PERSON_FIRST, false, true, "first_name", "Prénom",
     "prenom de la personne|prenom usager|prenom personne"},
    {IMPORT_TABLE, FIELD_BORN, false, true, "born", "Date de naissance",
     "ne e le|ne le|naissance|ddn|date naissance"},
    {IMPORT_TABLE, FIELD_SEX, false, false, "sex", "Sexe", "genre|sexe f m|m f|f m"},
    {IMPORT_TABLE, FIELD_ADDRESS, false, true, "address", "Adresse",
     "adresse postale|domicile|lieu|adresse ou lieu"},
    {IMPORT_TABLE, FIELD_PERSON_PHONE, false, true, "phone", "Téléphone",
     "tel|telephone|portable"},
    {IMPORT_TABLE, FIELD_REPRESENTATIVES, false, true, "representatives",
     "Représentants légaux", "responsables legaux|parents|responsable legal"},
    {IMPORT_TABLE, FIELD_MOTIVES, true, false, "motives", "Motif(s)",
     "motif|motifs|motif de la saisine|motifs de saisine|problematique|problematiques"},
    {IMPORT_TABLE, FIELD_URGENCY, false, false, "urgency", "Urgence",
     "degre d urgence|niveau d urgence|priorite"},
    {IMPORT_TABLE, FIELD_TERM, false, false, "term", "Terme",
     "echeance du suivi|duree|terme du suivi"},
    {IMPORT_TABLE, FIELD_STATUS, false, false, "status", "État",
     "etat de la situation|statut|etat d avancement|avancement"},
    {IMPORT_TABLE, FIELD_LEAD, false, false, "lead", "Référent",
     "referente|referent e|agent referent|suivi par|agent|intervenant"},
    {IMPORT_TABLE, FIELD_EVOLUTION, false, false, "evolution", "Évolution",
     "evolution de la situation|tendance"},
    {IMPORT_TABLE, FIELD_NEXT_REVIEW, false, false, "next_review", "Prochaine échéance",
     "echeance|prochain point|prochaine revue|date de revue|a revoir le|prochain bilan"},
    {IMPORT_TABLE, FIELD_CLOSED, false, false, "closed", "Date clôture",
     "date de cloture|cloture le|cloture|fin de suivi|date de fin"},
    {IMPORT_TABLE, FIELD_CLOSING_MOTIVE, false, false, "closing_motive", "Motif clôture",
     "motif de cloture|raison de la cloture|issue"},
    {IMPORT_TABLE, FIELD_OBSERVATION, false, true, "observation", "Observations",
     "observation|commentaire|commentaires|remarques|notes"},

    {IMPORT_MEETINGS, FIELD_DATE, true, false, "date", "Date",
     "jour|date de la reunion|date reunion|le"},
    {IMPORT_MEETINGS, FIELD_TIME, true, false, "time", "Heure",
     "heure de debut|debut|horaire|a"},
    {IMPORT_MEETINGS, FIELD_DURATION, false, false, "duration", "Durée", "duree prevue"},
    {IMPORT_MEETINGS, FIELD_INSTANCE, true, false, "instance", "Instance",
     "type de reunion|reunion|groupe|type d instance"},
    {IMPORT_MEETINGS, FIELD_TERRITORY, false, false, "territory", "Territoire",
     "coordination|secteur|code territoire"},
    {IMPORT_MEETINGS, FIELD_PLACE, false, false, "place", "Lieu", "salle|endroit|adresse"},
};

const char *import_kind_name(enum import_kind kind)
{
    return kind_names[kind];
}

bool import_kind_find(const char *name, enum import_kind *ret_kind)
{
    for (int i = 0; i < IMPORT_KINDS; i++)
        if (strcmp(kind_names[i], name) == 0) {
            *ret_kind = (enum import_kind)i;
            return true;
        }
    return false;
}

const struct import_field_row *import_field_row(enum import_kind kind, enum import_field field)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].kind == kind && rows[i].field == field)
            return &rows[i];
    return NULL;
}

const char *import_cell(const struct import_map *map, const struct import_record *record,
                        enum import_field field)
{
    int column = map->columns[field];

    return column >= 0 && (size_t)column < record->cell_count ? record->cells[column] : "";
}

static bool list_has(const char *words, const char *word)
{
    size_t len = strlen(word);

    while (words) {
        if (strncmp(words, word, len) == 0 && (words[len] == '|' || !words[len]))
            return true;
        words = strchr(words, '|');
        if (words)
            words++;
    }
    return false;
}

/* `key` is a folded header. */
static const struct import_field_row *find_field(struct arena *scratch, enum import_kind kind,
                                                 const char *key)
{
    const char *title;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].kind != kind)
            continue;
        title = text_fold_name(scratch, rows[i].title);
        if ((title && strcmp(title, key) == 0) || list_has(rows[i].synonyms, key))
            return &rows[i];
    }
    return NULL;
}

/* The field a mapping file names: by its code or as a header. */
static const struct import_field_row *named_field(struct arena *scratch, enum import_kind kind,
                                                  const char *name)
{
    const char *key;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].kind == kind && strcmp(rows[i].code, name) == 0)
            return &rows[i];
    key = text_fold_name(scratch, name);
    return key && *key ? find_field(scratch, kind, key) : NULL;
}

static int find_column(struct arena *scratch, const struct import_record *header,
                       const char *name)
{
    const char *wanted = text_fold_name(scratch, name);

    for (size_t i = 0; wanted && i < header->cell_count; i++) {
        const char *has = text_fold_name(scratch, header->cells[i]);

        if (has && strcmp(has, wanted) == 0)
            return (int)i;
    }
    return -1;
}

static char *strip(char *text)
{
    size_t len;

    text += strspn(text, " \t");
    len = strlen(text);
    while (len > 0 && strchr(" \t\r", text[len - 1]))
        len--;
    text[len] = '\0';
    return text;
}

/* One "header = field" line; taken[column] tells what the column became. */
static enum ctps_code map_line(struct arena *scratch, const struct import_record *header,
                               char *line, size_t number, struct import_map *map, int *taken,
                               struct ctps_err *err)
{
    char *equals = strrchr(line, '=');
    const struct import_field_row *row;
    int column;
    char *name;

    if (!equals)
        return err_set(err, CTPS_INVALID, _("mapping, line %zu: \"header = field\" expected"),
                       number);
    *equals = '\0';
    name = strip(equals + 1);
    column = find_column(scratch, header, strip(line));
    if (column < 0)
        return err_set(err, CTPS_INVALID,
                       _("mapping, line %zu: no column \"%.60s\" in the file"), number,
                       strip(line));
    if (strcmp(name, "-") == 0) {
        taken[column] = IGNORED;
        return CTPS_OK;
    }
    row = named_field(scratch, map->kind, name);
    if (!row)
        return err_set(err, CTPS_INVALID, _("mapping, line %zu: no field \"%.60s\" in %s"),
                       number, name, kind_names[map->kind]);
    taken[column] = (int)row->field;
    map->columns[row->field] = column;
    return CTPS_OK;
}

static enum ctps_code map_explicitly(struct arena *scratch, const struct import_record *header,
                                     const char *mapping, struct import_map *map, int *taken,
                                     struct ctps_err *err)
{
    char line[MAPPING_LINE_MAX];
    enum ctps_code code = CTPS_OK;

    for (size_t number = 1; *mapping && !code; number++) {
        size_t len = strcspn(mapping, "\n");
        const char *first = mapping + strspn(mapping, " \t\r");

        if (len >= sizeof line)
            return err_set(err, CTPS_LIMIT, _("mapping, line %zu: too long"), number);
        memcpy(line, mapping, len);
        line[len] = '\0';
        if (*first != '#' && *first != '\n' && *first)
            code = map_line(scratch, header, line, number, map, taken, err);
        mapping += len + (mapping[len] == '\n');
    }
    return code;
}

static enum ctps_code map_by_synonyms(struct arena *scratch, const struct import_record *header,
                                      struct import_map *map, const int *taken,
                                      struct ctps_err *err)
{
    for (size_t i = 0; i < header->cell_count; i++) {
        const char *key = text_fold_name(scratch, header->cells[i]);
        const struct import_field_row *row;

        if (taken[i] != -1 || !key || !*key)
            continue;
        row = find_field(scratch, map->kind, key);
        if (!row) {
            map->unknown[map->unknown_count++] = header->cells[i];
            continue;
        }
        if (map->columns[row->field] >= 0)
            return err_set(err, CTPS_INVALID,
                           _("two columns for \"%s\": \"%.40s\" and \"%.40s\"; name one in a "
                             "mapping file"),
                           row->title, header->cells[map->columns[row->field]],
                           header->cells[i]);
        map->columns[row->field] = (int)i;
    }
    return CTPS_OK;
}

static enum ctps_code check_required(const struct import_map *map, struct ctps_err *err)
{
    char missing[200] = "";
    size_t len = 0;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].kind == map->kind && rows[i].required && map->columns[rows[i].field] < 0 &&
            len < sizeof missing)
            len += (size_t)snprintf(missing + len, sizeof missing - len, "%s\"%s\"",
                                    len ? ", " : "", rows[i].title);
    if (len == 0)
        return CTPS_OK;
    return err_set(err, CTPS_INVALID, _("missing columns: %s; name them in a mapping file"),
                   missing);
}

enum ctps_code import_map_headers(enum import_kind kind, const struct import_record *header,
                                  const char *mapping, struct import_map *ret_map,
                                  struct ctps_err *err)
{
    struct import_map map = {.kind = kind};
    int taken[IMPORT_COLUMNS_MAX];
    struct arena scratch;
    enum ctps_code code = CTPS_OK;

    for (size_t i = 0; i < FIELD_COUNT; i++)
        map.columns[i] = -1;
    for (size_t i = 0; i < IMPORT_COLUMNS_MAX; i++)
        taken[i] = -1;
    arena_init(&scratch, SCRATCH_MAX);
    if (mapping)
        code = map_explicitly(&scratch, header, mapping, &map, taken, err);
    if (!code)
        code = map_by_synonyms(&scratch, header, &map, taken, err);
    if (!code)
        code = check_required(&map, err);
    arena_done(&scratch);
    if (!code)
        *ret_map = map;
    return code;
}

static bool kind_by_name(struct arena *scratch, const char *path, enum import_kind *ret_kind)
{
    const char *slash = strrchr(path, '/');
    const char *stem = text_fold_name(scratch, slash ? slash + 1 : path);

    for (int i = 0; stem && i < IMPORT_KINDS; i++) {
        const char *name = text_fold_name(scratch, kind_names[i]);
        size_t len = name ? strlen(name) : 0;

        if (len > 0 && strncmp(stem, name, len) == 0 && (stem[len] == ' ' || !stem[len])) {
            *ret_kind = (enum import_kind)i;
            return true;
        }
    }
    return false;
}

bool import_kind_recognise(const char *path, const struct import_record *header,
                           enum import_kind *ret_kind)
{
    struct import_map map;
    struct arena scratch;
    size_t best = 0;
    bool named;

    arena_init(&scratch, SCRATCH_MAX);
    named = kind_by_name(&scratch, path, ret_kind);
    arena_done(&scratch);
    for (int i = 0; !named && i < IMPORT_KINDS; i++) {
        size_t known = 0;

        if (import_map_headers((enum import_kind)i, header, NULL, &map, NULL))
            continue;
        for (size_t f = 0; f < FIELD_COUNT; f++)
            known += map.columns[f] >= 0;
        if (known > best) {
            best = known;
            *ret_kind = (enum import_kind)i;
        }
    }
    return named || best > 0;
}
