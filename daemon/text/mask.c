#include <string.h>

#include "text/fold.h"
#include "text/mask_inside.h"

enum { ALIAS_GAP_MAX = 9 /* bytes: a comma, a quotation mark, blanks that do not break */ };

/* Particles, titles and kin: alone they name nobody. Folded. */
static const char *const weak[] = {
    "a",      "al",      "au",      "aux",       "ben",    "bin",   "bint", "d",      "da",
    "de",     "del",     "della",   "den",       "der",    "des",   "di",   "do",     "dos",
    "du",     "el",      "en",      "et",        "l",      "la",    "le",   "les",    "ould",
    "st",     "ste",     "saint",   "sainte",    "sur",    "van",   "von",  "y",      "m",
    "mr",     "mme",     "mlle",    "monsieur",  "madame", "mere",  "pere", "parent", "parents",
    "tuteur", "tutrice", "oncle",   "tante",     "frere",  "soeur", "fils", "fille",  "grand",
    "voisin", "voisine", "gardien", "gardienne", "tel",    "dit",   "dite", "epouse", "veuve",
    "rue",    "avenue",  "ne",      "nee",       "alias",
};

/* Between a name and what somebody is called. Folded. */
static const char *const called[] = {"dit",       "dite",   "alias",   "surnomme",
                                     "surnommee", "appele", "appelee", "pseudo"};

static bool is_strong(const char *folded)
{
    if (strlen(folded) < 2 || (folded[0] >= '0' && folded[0] <= '9'))
        return false;
    for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
        if (strcmp(folded, weak[i]) == 0)
            return false;
    return true;
}

static bool is_calling(const char *folded)
{
    for (size_t i = 0; i < sizeof(called) / sizeof(called[0]); i++)
        if (strcmp(called[i], folded) == 0)
            return true;
    return false;
}

void text_mask_init(struct text_mask *mask, struct arena *arena)
{
    *mask = (struct text_mask){.arena = arena};
}

static void word_add(struct text_mask *mask, const char *folded, unsigned name)
{
    /* One written word may fold to several ("№" and the like): it is then no name. */
    if (!*folded || strchr(folded, ' ') || is_calling(folded))
        return;
    if (mask->word_count == TEXT_MASK_WORDS_MAX) {
        mask->full = true;
        return;
    }
    mask->words[mask->word_count++] = (struct text_mask_word){folded, name, is_strong(folded)};
}

static void words_add(struct text_mask *mask, const char *text, unsigned name, bool capitals)
{
    struct mask_tokens *tokens = mask_tokens_of(mask->arena, text);

    if (!tokens)
        mask->full = true;
    for (size_t i = 0; tokens && i < tokens->count; i++)
        if (!capitals || (tokens->list[i].capital && is_strong(tokens->list[i].folded)))
            word_add(mask, tokens->list[i].folded, name);
}

static unsigned label_find(struct text_mask *mask, const char *label)
{
    for (unsigned i = 0; i < mask->name_count; i++)
        if (strcmp(mask->labels[i], label) == 0)
            return i;
    if (mask->name_count == TEXT_MASK_NAMES_MAX) {
        mask->full = true;
        return 0;
    }
    mask->labels[mask->name_count] = label;
    return mask->name_count++;
}

void text_mask_own(struct text_mask *mask, const char *name)
{
    words_add(mask, name, TEXT_MASK_NAMES_MAX, false);
}

void text_mask_add(struct text_mask *mask, const char *name, const char *label)
{
    words_add(mask, name, label_find(mask, label), false);
}

void text_mask_add_free(struct text_mask *mask, const char *text, const char *label)
{
    words_add(mask, text, label_find(mask, label), true);
    text_mask_phone(mask, text, false);
}

static bool is_of(const struct text_mask *mask, const char *folded, unsigned name,
                  bool *ret_strong)
{
    for (unsigned i = 0; i < mask->word_count; i++)
        if (mask->words[i].name == name && strcmp(mask->words[i].folded, folded) == 0) {
            *ret_strong = mask->words[i].strong;
            return true;
        }
    return false;
}

/* How many tokens from `at` are words of `name`; 0 unless one of them is enough to know the
 * third party by, and is not also the person's own. */
static size_t run_of(const struct text_mask *mask, const char *in,
                     const struct mask_tokens *tokens, size_t at, unsigned name)
{
    size_t count = 0;
    bool known = false;
    bool strong;

    while (at + count < tokens->count &&
           (count == 0 || mask_is_beside(in, &tokens->list[at + count - 1],
                                         &tokens->list[at + count], MASK_GAP_MAX)) &&
           is_of(mask, tokens->list[at + count].folded, name, &strong)) {
        bool own;

        known |=
            strong && !is_of(mask, tokens->list[at + count].folded, TEXT_MASK_NAMES_MAX, &own);
        count++;
    }
    return known ? count : 0;
}

static size_t longest_run(const struct text_mask *mask, const char *in,
                          const struct mask_tokens *tokens, size_t at, unsigned *ret_name)
{
    size_t longest = 0;

    for (unsigned name = 0; name < mask->name_count; name++) {
        size_t run = run_of(mask, in, tokens, at, name);

        if (run > longest) {
            longest = run;
            *ret_name = name;
        }
    }
    return longest;
}

/* The words with a capital right behind "dit", from `at` on. */
static void alias_learn(struct text_mask *mask, const char *in,
                        const struct mask_tokens *tokens, size_t at, unsigned name)
{
    for (size_t i = at; i < tokens->count && tokens->list[i].capital &&
                        mask_is_beside(in, &tokens->list[i - 1], &tokens->list[i],
                                       i == at ? ALIAS_GAP_MAX : MASK_GAP_MAX);
         i++)
        word_add(mask, tokens->list[i].folded, name);
}

void text_mask_learn(struct text_mask *mask, const char *text)
{
    const struct mask_tokens *tokens = mask_tokens_of(mask->arena, text);

    if (!tokens)
        mask->full = true;
    for (size_t i = 0; tokens && i < tokens->count; i++) {
        unsigned name = 0;
        size_t end = i + longest_run(mask, text, tokens, i, &name);

        if (end == i)
            continue;
        if (end < tokens->count && is_calling(tokens->list[end].folded) &&
            mask_is_beside(text, &tokens->list[end - 1], &tokens->list[end], ALIAS_GAP_MAX))
            alias_learn(mask, text, tokens, end + 1, name);
        i = end - 1;
    }
}

static const char *mask_names(struct text_mask *mask, const char *in, unsigned *count)
{
    const struct mask_tokens *tokens = mask_tokens_of(mask->arena, in);
    struct mask_copy copy = {.arena = mask->arena, .in = in};

    if (!tokens)
        return NULL;
    for (size_t i = 0; i < tokens->count;) {
        unsigned name = 0;
        size_t run = longest_run(mask, in, tokens, i, &name);

        if (run) {
            mask_copy_span(&copy, tokens->list[i].from, tokens->list[i + run - 1].to,
                           mask->labels[name]);
            (*count)++;
        }
        i += run ? run : 1;
    }
    return mask_copy_end(&copy);
}

const char *text_mask_apply(struct text_mask *mask, const char *in,
                            unsigned counts[TEXT_MASK_KIND_COUNT])
{
    /* Names last: an e-mail address or a street may hold one, and is masked whole. */
    static const struct {
        enum text_mask_kind kind;
        const char *(*apply)(struct text_mask *mask, const char *in, unsigned *count);
    } steps[] = {{TEXT_MASK_EMAIL, mask_emails},
                 {TEXT_MASK_PHONE, mask_phones},
                 {TEXT_MASK_ADDRESS, mask_addresses},
                 {TEXT_MASK_NAME, mask_names}};
    unsigned met[TEXT_MASK_KIND_COUNT] = {0};

    if (mask->full)
        return NULL;
    for (size_t i = 0; in && i < sizeof(steps) / sizeof(steps[0]); i++)
        in = steps[i].apply(mask, in, &met[steps[i].kind]);
    for (size_t i = 0; counts && i < TEXT_MASK_KIND_COUNT; i++)
        counts[i] += met[i];
    return in;
}
