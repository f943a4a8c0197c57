#include "csv_write.h"

#include <string.h>

static void put(struct buf *out, const char *text)
{
    buf_append(out, text, strlen(text));
}

void csv_write_cell(struct buf *out, const char *text, const char *end)
{
    bool formula = text[0] && strchr("=+-@\t\r", text[0]);
    bool quoted = formula || strpbrk(text, ";\"\r\n\t");

    if (quoted)
        put(out, "\"");
    if (formula)
        put(out, "'");
    for (; *text; text++)
        if (*text == '"')
            put(out, "\"\"");
        else
            buf_append(out, text, 1);
    if (quoted)
        put(out, "\"");
    put(out, end);
}
