/*
 * json.c - JSON that came from outside, read strictly
 *
 * json_scan.c vets the text and marks its numbers; cJSON builds the tree of
 * that copy; its hooks take from the arena of the call and free nothing. Only
 * the functions here know what a marked string is.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/json_scan.h"

/* cJSON's hooks have no argument: the arena of the call that runs now. */
static struct arena *parsing;

static void *
hook_get(size_t n)
{
	return arena_get(parsing, n);
}

static void
hook_free(void *p)
{
	(void)p;
}

/* cJSON over the vetted copy; NULL when the arena is full. */
static cJSON *
build(struct arena *a, const char *s, size_t n)
{
	cJSON_Hooks hooks = { .malloc_fn = hook_get, .free_fn = hook_free };
	cJSON *root;

	parsing = a;
	cJSON_InitHooks(&hooks);
	root = cJSON_ParseWithLength(s, n);
	cJSON_InitHooks(NULL);
	parsing = NULL;
	return root;
}

const struct json *
json_parse(struct arena *a, const char *text, size_t n, struct json_fault *fault)
{
	char *copy;
	cJSON *root;

	*fault = (struct json_fault){ 0 };
	if ((copy = json_vet(a, text, &n, fault)) == NULL)
		return NULL;
	if ((root = build(a, copy, n)) == NULL)
		*fault = (struct json_fault){ .line = 1, .what = "out of memory" };
	free(copy);
	return (const struct json *)root;
}

static const cJSON *
node(const struct json *j)
{
	return (const cJSON *)j;
}

static const struct json *
json_of(const cJSON *item)
{
	return (const struct json *)item;
}

enum json_type
json_type(const struct json *j)
{
	if (j == NULL)
		return JSON_NULL;
	switch (node(j)->type & 0xFF) {
	case cJSON_True:
	case cJSON_False:
		return JSON_BOOL;
	case cJSON_String:
		return node(j)->valuestring[0] == (char)JSON_MARK ? JSON_NUMBER : JSON_TEXT;
	case cJSON_Array:
		return JSON_ARRAY;
	case cJSON_Object:
		return JSON_OBJECT;
	default:
		return JSON_NULL;
	}
}

const char *
json_type_name(enum json_type type)
{
	static const char *const names[JSON_TYPES] = {
		[JSON_NULL] = "null", [JSON_BOOL] = "true or false",
		[JSON_NUMBER] = "a number", [JSON_TEXT] = "text",
		[JSON_ARRAY] = "a list", [JSON_OBJECT] = "an object",
	};

	return type < JSON_TYPES ? names[type] : "nothing known";
}

const struct json *
json_member(const struct json *j, const char *name)
{
	const cJSON *item;

	if (json_type(j) != JSON_OBJECT)
		return NULL;
	for (item = node(j)->child; item != NULL; item = item->next)
		if (strcmp(item->string, name) == 0)
			break;
	return json_of(item);
}

const struct json *
json_first(const struct json *j)
{
	return j == NULL ? NULL : json_of(node(j)->child);
}

const struct json *
json_next(const struct json *j)
{
	return j == NULL ? NULL : json_of(node(j)->next);
}

const char *
json_name(const struct json *j)
{
	return j == NULL ? NULL : node(j)->string;
}

size_t
json_count(const struct json *j)
{
	size_t n = 0;

	for (j = json_first(j); j != NULL; j = json_next(j))
		n++;
	return n;
}

const char *
json_text(const struct json *j)
{
	return json_type(j) == JSON_TEXT ? node(j)->valuestring : NULL;
}

const char *
json_digits(const struct json *j)
{
	return json_type(j) == JSON_NUMBER ? node(j)->valuestring + 1 : NULL;
}

int
json_true(const struct json *j)
{
	return j != NULL && (node(j)->type & 0xFF) == cJSON_True;
}

int
json_int(const struct json *j, int64_t *out)
{
	const char *s = json_digits(j);
	long long n;

	if (s == NULL || strpbrk(s, ".eE") != NULL)
		return -1;
	errno = 0;
	n = strtoll(s, NULL, 10);
	if (errno != 0)
		return -1;
	*out = n;
	return 0;
}

int
json_real(const struct json *j, double *out)
{
	const char *s = json_digits(j);
	double d;

	if (s == NULL || !isfinite(d = strtod(s, NULL)))
		return -1;
	*out = d;
	return 0;
}

void
json_write(struct buf *b, const char *key, const struct json *j)
{
	enum json_type type = json_type(j);
	const struct json *child;

	switch (type) {
	case JSON_BOOL:
		json_put_bool(b, key, json_true(j));
		break;
	case JSON_NUMBER:
		json_put_raw(b, key, json_digits(j));
		break;
	case JSON_TEXT:
		json_put_text(b, key, json_text(j));
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		json_open(b, key, type == JSON_ARRAY ? '[' : '{');
		for (child = json_first(j); child != NULL; child = json_next(child))
			json_write(b, json_name(child), child);
		json_close(b, type == JSON_ARRAY ? ']' : '}');
		break;
	default:
		json_put_null(b, key);
	}
}
