/*
 * Splitting one CSV record (RFC 4180) into fields, by offsets into the caller's buffer.
 */
#include <stddef.h>

#define CSV_MAX_FIELDS 32

/* A field: where it starts and how long it is, quotes excluded. */
struct csv_field {
    size_t start;
    size_t length;
    int quoted;
};

/* A record of at most CSV_MAX_FIELDS fields. */
struct csv_record {
    struct csv_field fields[CSV_MAX_FIELDS];
    int count;
};

enum { CSV_OK = 0, CSV_TOO_MANY = -1, CSV_BAD_QUOTE = -2 };

static int add_field(struct csv_record *rec, size_t start, size_t length, int quoted)
{
    struct csv_field *f;

    if (rec->count < 0 || rec->count >= CSV_MAX_FIELDS)
        return CSV_TOO_MANY;
    f = &rec->fields[rec->count++];
    f->start = start;
    f->length = length;
    f->quoted = quoted;
    return CSV_OK;
}

/* Split a line of len bytes; the newline, if any, ends it. */
int csv_split(struct csv_record *rec, const char *line, size_t len, char separator)
{
    size_t pos = 0;
    int rc = CSV_OK;

    rec->count = 0;
    for (;;) {
        size_t start;

        if (pos < len && line[pos] == '"') {
            start = ++pos;
            while (pos < len) {
                if (line[pos] == '"') {
                    if (pos + 1 < len && line[pos + 1] == '"') {
                        pos += 2;
                        continue;
                    }
                    break;
                }
                pos++;
            }
            if (pos >= len) {
                rc = CSV_BAD_QUOTE;
                goto done;
            }
            rc = add_field(rec, start, pos - start, 1);
            pos++; /* closing quote */
        } else {
            start = pos;
            while (pos < len && line[pos] != separator && line[pos] != '\n')
                pos++;
            rc = add_field(rec, start, pos - start, 0);
        }
        if (rc != CSV_OK)
            goto done;
        if (pos >= len || line[pos] == '\n')
            break;
        if (line[pos] != separator) {
            rc = CSV_BAD_QUOTE;
            goto done;
        }
        pos++;
    }
done:
    if (rc != CSV_OK)
        rec->count = 0;
    return rc;
}

/* Copy field number index to out, doubled quotes made single. Returns the length, or -1 when it does not fit. */
long csv_copy(const struct csv_record *rec, const char *line, int index, char *out, size_t cap)
{
    size_t n = 0;
    const struct csv_field *f;

    if (index < 0 || index >= rec->count || index >= CSV_MAX_FIELDS)
        return -1;
    f = &rec->fields[index];
    for (size_t i = 0; i < f->length; i++) {
        char c = line[f->start + i];

        if (n + 1 >= cap)
            return -1;
        out[n++] = c;
        if (f->quoted && c == '"')
            i++;
    }
    if (n >= cap)
        return -1;
    out[n] = '\0';
    return (long)n;
}

/* Does the text need quotes when written? */
int csv_needs_quotes(const char *text, char separator)
{
    for (const char *p = text; *p != '\0'; ++p)
        if (*p == separator || *p == '"' || *p == '\n' || *p == '\r')
            return 1;
    return 0;
}
