/* Words of a text, and a text copied with some of it replaced. */
#include <string.h>
#include <utf8proc.h>

#include "text/fold.h"
#include "text/mask_inside.h"

enum { COPY_MIN = 256 };

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

static bool token_add(struct arena *arena, struct mask_tokens *tokens, const char *in,
                      size_t from, size_t to)
{
    struct mask_token *token = &tokens->list[tokens->count];
    utf8proc_int32_t first;
    char *word;

    if (tokens->count == tokens->room)
        return false;
    word = arena_copy(arena, in + from, to - from + 1);
    if (!word)
        return false;
    word[to - from] = '\0';
    utf8proc_iterate((const utf8proc_uint8_t *)word, -1, &first);
    *token = (struct mask_token){from, to, text_fold_name(arena, word),
                                 utf8proc_category(first) == UTF8PROC_CATEGORY_LU};
    tokens->count++;
    return token->folded != NULL;
}

struct mask_tokens *mask_tokens_of(struct arena *arena, const char *in)
{
    size_t len = strlen(in);
    size_t room = len / 2 + 1 < MASK_TOKENS_MAX ? len / 2 + 1 : MASK_TOKENS_MAX;
    struct mask_tokens *tokens =
        arena_alloc(arena, sizeof(*tokens) + room * sizeof(struct mask_token));
    size_t from = 0;
    bool in_word = false;

    if (tokens)
        *tokens = (struct mask_tokens){.room = room};
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

bool mask_is_beside(const char *in, const struct mask_token *a, const struct mask_token *b,
                    size_t gap)
{
    /* Parts of one written word ("12bis") stand in one place. */
    return b->from < a->to ||
           (b->from - a->to <= gap && !memchr(in + a->to, '\n', b->from - a->to));
}

static void copy_put(struct mask_copy *copy, const char *text, size_t len)
{
    if (!len)
        return;
    if (!copy->text || copy->len + len >= copy->cap) {
        size_t cap = 2 * (copy->len + len) + COPY_MIN;
        char *grown = arena_alloc(copy->arena, cap);

        if (!grown) {
            copy->failed = true;
            return;
        }
        if (copy->text)
            memcpy(grown, copy->text, copy->len);
        copy->text = grown;
        copy->cap = cap;
    }
    memcpy(copy->text + copy->len, text, len);
    copy->len += len;
}

void mask_copy_span(struct mask_copy *copy, size_t from, size_t to, const char *label)
{
    copy_put(copy, copy->in + copy->kept, from - copy->kept);
    copy_put(copy, label, strlen(label));
    copy->kept = to;
}

const char *mask_copy_end(struct mask_copy *copy)
{
    if (!copy->text && !copy->failed)
        return copy->in;
    copy_put(copy, copy->in + copy->kept, strlen(copy->in + copy->kept) + 1);
    return copy->failed ? NULL : copy->text;
}
