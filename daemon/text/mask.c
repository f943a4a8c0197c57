#include "text/mask.h"

#include <string.h>
#include <utf8proc.h>

#include "text/fold.h"

enum { TOKENS_MAX = 4096, GAP_MAX = 3 /* bytes between two words of one name, ", " at most */ };

/* A word of a text: where it stands, and how it folds. */
struct token {
    size_t from;
    size_t to;
    const char *folded;
    bool capital;
};

struct tokens {
    size_t count;
    struct token list[TOKENS_MAX];
};

/* Particles, titles and kin: alone they name nobody. Folded. */
static const char *const weak[] = {
    "a",      "al",      "au",      "aux",       "ben",    "bin",   "bint", "d",      "da",
    "de",     "del",     "della",   "den",       "der",    "des",   "di",   "do",     "dos",
    "du",     "el",      "en",      "et",        "l",      "la",    "le",   "les",    "ould",
    "st",     "ste",     "saint",   "sainte",    "sur",    "van",   "von",  "y",      "m",
    "mr",     "mme",     "mlle",    "monsieur",  "madame", "mere",  "pere", "parent", "parents",
    "tuteur", "tutrice", "oncle",   "tante",     "frere",  "soeur", "fils", "fille",  "grand",
    "voisin", "voisine", "gardien", "gardienne", "tel",    "dit",   "dite", "epouse", "veuve",
    "rue",    "avenue",  "ne",      "nee",
};

static bool is_strong(const char *folded)
{
    if (strlen(folded) < 2 || (folded[0] >= '0' && folded[0] <= '9'))
        return false;
    for (size_t i = 0; i < sizeof(weak) / sizeof(weak[0]); i++)
        if (strcmp(folded, weak[i]) == 0)
            return false;
    return true;
}

/* As fold.c tells words apart; marks belong to the letter before them. */
static bool is_in_word(utf8proc_int32_t point, bool in_word)
{
    utf8proc_category_t category = utf8proc_category(point);

    if (point >= 0x02b9 && point <= 0x02cf)
        return false;
    if (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC ||
        category == UTF8PROC_CATEGORY_ME)
        return in_word;
    return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
           category == UTF8PROC_CATEGORY_ND || category == UTF8PROC_CATEGORY_NL ||
           category == UTF8PROC_CATEGORY_NO;
}

static bool token_add(struct arena *arena, struct tokens *tokens, const char *in, size_t from,
                      size_t to)
{
    struct token *token = &tokens->list[tokens->count];
    utf8proc_int32_t first;
    char *word;

    if (tokens->count == TOKENS_MAX)
        return false;
    word = arena_copy(arena, in + from, to - from + 1);
    if (!word)
        return false;
    word[to - from] = '\0';
    utf8proc_iterate((const utf8proc_uint8_t *)word, -1, &first);
    *token = (struct token){from, to, text_fold_name(arena, word),
                            utf8proc_category(first) == UTF8PROC_CATEGORY_LU};
    tokens->count++;
    return token->folded != NULL;
}

/* NULL when not UTF-8, without memory, or of too many words. */
static struct tokens *tokens_of(struct arena *arena, const char *in)
{
    struct tokens *tokens = arena_alloc(arena, sizeof(*tokens));
    size_t len = strlen(in);
    size_t from = 0;
    bool in_word = false;

    for (size_t at = 0; tokens && at <= len;) {
        utf8proc_int32_t point = ' ';
        utf8proc_ssize_t size = 1;
        bool word;

        if (at < len)
            size = utf8proc_iterate((const utf8proc_uint8_t *)in + at,
                                    (utf8proc_ssize_t)(len - at), &point);
        if (size <= 0)
            return NULL;
        word = is_in_word(point, in_word);
        if (word && !in_word)
            from = at;
        if (!word && in_word && !token_add(arena, tokens, in, from, at))
            return NULL;
        in_word = word;
        at += (size_t)size;
    }
    return tokens;
}

void text_mask_init(struct text_mask *mask, struct arena *arena)
{
    *mask = (struct text_mask){.arena = arena};
}

static void word_add(struct text_mask *mask, const char *folded, unsigned name)
{
    /* One written word may fold to several ("№" and the like): it is then no name. */
    if (!*folded || strchr(folded, ' '))
        return;
    if (mask->word_count == TEXT_MASK_WORDS_MAX) {
        mask->full = true;
        return;
    }
    mask->words[mask->word_count++] = (struct text_mask_word){folded, name, is_strong(folded)};
}

static void words_add(struct text_mask *mask, const char *text, unsigned name, bool capitals)
{
    struct tokens *tokens = tokens_of(mask->arena, text);

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

/* Two words of one name stand side by side: nothing but a blank, hyphen, apostrophe or comma
 * between them. */
static bool is_beside(const char *in, const struct token *a, const struct token *b)
{
    return b->from - a->to <= GAP_MAX && !memchr(in + a->to, '\n', b->from - a->to);
}

/* How many tokens from `at` are words of `name`; 0 unless one of them is enough to know the
 * third party by, and is not also the person's own. */
static size_t run_of(const struct text_mask *mask, const char *in, const struct tokens *tokens,
                     size_t at, unsigned name)
{
    size_t count = 0;
    bool known = false;
    bool strong;

    while (at + count < tokens->count &&
           (count == 0 ||
            is_beside(in, &tokens->list[at + count - 1], &tokens->list[at + count])) &&
           is_of(mask, tokens->list[at + count].folded, name, &strong)) {
        bool own;

        known |=
            strong && !is_of(mask, tokens->list[at + count].folded, TEXT_MASK_NAMES_MAX, &own);
        count++;
    }
    return known ? count : 0;
}

struct output {
    char *text;
    size_t len;
};

static void put(struct output *output, const char *text, size_t len)
{
    memcpy(output->text + output->len, text, len);
    output->len += len;
}

/* Room for the worst: each token a label. */
static size_t room_of(const struct text_mask *mask, const char *in, size_t tokens)
{
    size_t longest = 0;

    for (unsigned i = 0; i < mask->name_count; i++)
        if (strlen(mask->labels[i]) > longest)
            longest = strlen(mask->labels[i]);
    return strlen(in) + tokens * longest + 1;
}

static size_t longest_run(const struct text_mask *mask, const char *in,
                          const struct tokens *tokens, size_t at, unsigned *ret_name)
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

const char *text_mask_apply(const struct text_mask *mask, const char *in, unsigned *ret_count)
{
    struct tokens *tokens = mask->full ? NULL : tokens_of(mask->arena, in);
    struct output output = {0};
    unsigned count = 0;
    size_t kept = 0;

    if (ret_count)
        *ret_count = 0;
    if (tokens)
        output.text = arena_alloc(mask->arena, room_of(mask, in, tokens->count));
    if (!output.text)
        return NULL;
    for (size_t i = 0; i < tokens->count;) {
        unsigned name = 0;
        size_t run = longest_run(mask, in, tokens, i, &name);

        if (run) {
            put(&output, in + kept, tokens->list[i].from - kept);
            put(&output, mask->labels[name], strlen(mask->labels[name]));
            kept = tokens->list[i + run - 1].to;
            count++;
        }
        i += run ? run : 1;
    }
    put(&output, in + kept, strlen(in + kept) + 1);
    if (ret_count)
        *ret_count = count;
    return count ? output.text : in;
}
