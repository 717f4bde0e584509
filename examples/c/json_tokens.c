/*
 * A JSON tokenizer without allocation: the caller gives the token array, tokens are ranges of the text.
 */
#include <stdbool.h>
#include <stddef.h>

typedef enum { JSON_UNDEFINED, JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_PRIMITIVE } json_type;

#define JSON_ERROR_NOMEM (-1)
#define JSON_ERROR_INVALID (-2)
#define JSON_ERROR_PARTIAL (-3)

/* One token: its type, the range of text, how many children, and who its parent is. */
typedef struct {
    json_type type;
    int start;
    int end;
    int size;
    int parent;
} json_token;

/* Where the tokenizer stands. */
typedef struct {
    unsigned int pos;
    unsigned int next;
    int super;
} json_parser;

void json_init(json_parser *parser)
{
    parser->pos = 0;
    parser->next = 0;
    parser->super = -1;
}

/* Take a fresh token; its index, or -1 when the array is full. */
static int alloc_token(json_parser *parser, json_token *tokens, unsigned int count)
{
    unsigned int i;

    if (parser->next >= count)
        return -1;
    i = parser->next++;
    tokens[i].type = JSON_UNDEFINED;
    tokens[i].start = tokens[i].end = -1;
    tokens[i].size = 0;
    tokens[i].parent = -1;
    return (int)i;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

static int parse_primitive(json_parser *parser, const char *js, size_t len, json_token *tokens, unsigned int count)
{
    int start = (int)parser->pos;
    int index;

    for (; parser->pos < len; parser->pos++) {
        char c = js[parser->pos];

        switch (c) {
        case '\t':
        case '\r':
        case '\n':
        case ' ':
        case ',':
        case ']':
        case '}':
            goto found;
        default:
            break;
        }
        if (c < 32 || c >= 127) {
            parser->pos = (unsigned int)start;
            return JSON_ERROR_INVALID;
        }
    }
found:
    index = alloc_token(parser, tokens, count);
    if (index < 0) {
        parser->pos = (unsigned int)start;
        return JSON_ERROR_NOMEM;
    }
    tokens[index].type = JSON_PRIMITIVE;
    tokens[index].start = start;
    tokens[index].end = (int)parser->pos;
    tokens[index].parent = parser->super;
    parser->pos--;
    return 0;
}

static int parse_string(json_parser *parser, const char *js, size_t len, json_token *tokens, unsigned int count)
{
    int start = (int)parser->pos;

    parser->pos++;
    for (; parser->pos < len; parser->pos++) {
        char c = js[parser->pos];

        if (c == '\"') {
            int index = alloc_token(parser, tokens, count);

            if (index < 0) {
                parser->pos = (unsigned int)start;
                return JSON_ERROR_NOMEM;
            }
            tokens[index].type = JSON_STRING;
            tokens[index].start = start + 1;
            tokens[index].end = (int)parser->pos;
            tokens[index].parent = parser->super;
            return 0;
        }
        if (c == '\\' && parser->pos + 1 < len) {
            parser->pos++;
            switch (js[parser->pos]) {
            case '\"':
            case '/':
            case '\\':
            case 'b':
            case 'f':
            case 'r':
            case 'n':
            case 't':
                break;
            case 'u':
                for (int i = 0; i < 4 && parser->pos + 1 < len; i++) {
                    if (!is_hex(js[parser->pos + 1])) {
                        parser->pos = (unsigned int)start;
                        return JSON_ERROR_INVALID;
                    }
                    parser->pos++;
                }
                break;
            default:
                parser->pos = (unsigned int)start;
                return JSON_ERROR_INVALID;
            }
        }
    }
    parser->pos = (unsigned int)start;
    return JSON_ERROR_PARTIAL;
}

/* Close the innermost open object or array. */
static int close_token(json_parser *parser, json_token *tokens, json_type type)
{
    for (int i = (int)parser->next - 1; i >= 0; i--) {
        json_token *token = &tokens[i];

        if (token->start != -1 && token->end == -1) {
            if (token->type != type)
                return JSON_ERROR_INVALID;
            token->end = (int)parser->pos + 1;
            parser->super = token->parent;
            return 0;
        }
    }
    return JSON_ERROR_INVALID;
}

/* Tokenize len bytes of text into at most count tokens; the number of tokens, or an error below zero. */
int json_parse(json_parser *parser, const char *js, size_t len, json_token *tokens, unsigned int count)
{
    int r = 0;

    for (; parser->pos < len && js[parser->pos] != '\0'; parser->pos++) {
        char c = js[parser->pos];
        int index;

        switch (c) {
        case '{':
        case '[':
            index = alloc_token(parser, tokens, count);
            if (index < 0)
                return JSON_ERROR_NOMEM;
            if (parser->super != -1)
                tokens[parser->super].size++;
            tokens[index].type = c == '{' ? JSON_OBJECT : JSON_ARRAY;
            tokens[index].start = (int)parser->pos;
            tokens[index].parent = parser->super;
            parser->super = index;
            break;
        case '}':
        case ']':
            r = close_token(parser, tokens, c == '}' ? JSON_OBJECT : JSON_ARRAY);
            if (r < 0)
                return r;
            break;
        case '\"':
            r = parse_string(parser, js, len, tokens, count);
            if (r < 0)
                return r;
            if (parser->super != -1)
                tokens[parser->super].size++;
            break;
        case '\t':
        case '\r':
        case '\n':
        case ' ':
        case ':':
        case ',':
            break;
        default:
            r = parse_primitive(parser, js, len, tokens, count);
            if (r < 0)
                return r;
            if (parser->super != -1)
                tokens[parser->super].size++;
            break;
        }
    }
    for (int i = (int)parser->next - 1; i >= 0; i--)
        if (tokens[i].start != -1 && tokens[i].end == -1)
            return JSON_ERROR_PARTIAL;
    return (int)parser->next;
}
