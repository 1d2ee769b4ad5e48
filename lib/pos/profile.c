/*
 * profile.c - reading a vendor's profile from its file
 *
 * All or nothing: a profile with a mistake is not used, and all mistakes
 * are told, up to PROFILE_FAULTS.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/pos/rules.h"

enum { ARENA_MAX = 16 * PROFILE_MAX };	/* its parsed form and what was made of it */

static void
note(struct profile_faults *all, int line, const char *fmt, ...)
{
	struct profile_fault *f = &all->list[0];
	va_list ap;

	all->count = 1;
	f->line = line;
	f->pointer[0] = '\0';
	va_start(ap, fmt);
	vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
}

static struct profile *
profile_new(void)
{
	struct arena *a = arena_new(ARENA_MAX);
	struct profile *p = a == NULL ? NULL : arena_get(a, sizeof *p);

	if (p == NULL)
		arena_free(a);
	else
		p->arena = a;
	return p;
}

static void
check_all(struct profile *p, struct profile_faults *faults)
{
	struct check c = { .p = p, .faults = faults };
	struct json_fault bad;
	const struct json *root = json_parse(p->arena, p->text, p->len, &bad);

	if (root == NULL)
		note(faults, bad.line, "is not JSON: %s", bad.what);
	else
		check_profile(&c, root);
}

struct profile *
profile_parse(const char *text, size_t n, struct profile_faults *faults)
{
	struct profile *p;

	faults->count = faults->more = 0;
	if (n > PROFILE_MAX) {
		note(faults, 0, "is larger than %d bytes", PROFILE_MAX);
		return NULL;
	}
	if ((p = profile_new()) == NULL || (p->text = arena_dup(p->arena, text, n)) == NULL) {
		note(faults, 0, "out of memory");
	} else {
		p->len = n;
		check_all(p, faults);
	}
	if (faults->count == 0)
		return p;
	profile_free(p);
	return NULL;
}

struct profile *
profile_load(const char *file, struct profile_faults *faults)
{
	FILE *f = fopen(file, "re");
	char *text = malloc(PROFILE_MAX + 1);
	struct profile *p = NULL;
	size_t n;

	faults->count = faults->more = 0;
	if (f == NULL || text == NULL)
		note(faults, 0, "cannot be read: %s", strerror(errno));
	else if (n = fread(text, 1, PROFILE_MAX + 1, f), ferror(f))
		note(faults, 0, "cannot be read: %s", strerror(errno));
	else
		p = profile_parse(text, n, faults);
	if (f != NULL)
		fclose(f);
	free(text);
	return p;
}

const char *
profile_find(struct arena *a, const char *profile, const char *dir, char *fault, size_t size)
{
	const char *path = strchr(profile, '/') != NULL ? profile :
	    arena_printf(a, "%s/%s.json", dir, profile);

	if (path != NULL && access(path, R_OK) == 0)
		return path;
	snprintf(fault, size, "PROFILE=%s: %s: %s", profile, path != NULL ? path : "",
	    strerror(errno));
	return NULL;
}

void
profile_free(struct profile *p)
{
	if (p != NULL)
		arena_free(p->arena);
}

void
profile_fault_text(const char *file, const struct profile_fault *f, char *out, size_t size)
{
	const char *base = strrchr(file, '/');

	base = base == NULL ? file : base + 1;
	if (f->line == 0)
		snprintf(out, size, "%s: %s%s%s", base, f->pointer, f->pointer[0] ? ": " : "",
		    f->text);
	else
		snprintf(out, size, "%s:%d: %s%s%s", base, f->line, f->pointer,
		    f->pointer[0] ? ": " : "", f->text);
}

const char *
profile_name(const struct profile *p)
{
	return p->name;
}

const char *
profile_title(const struct profile *p)
{
	return p->title != NULL ? p->title : p->name;
}

const char *
profile_setting(const struct profile *p, size_t nth, const char **help)
{
	const struct json *m = json_first(p->settings);

	while (m != NULL && nth-- > 0)
		m = json_next(m);
	if (m == NULL)
		return NULL;
	*help = json_text(m);
	return json_name(m);
}

const struct step *
profile_step(const struct profile *p, enum pos_step step)
{
	const struct step *s = NULL;

	if (step == POS_ORDER_CREATE)
		s = &p->create;
	else if (step == POS_ORDER_CANCEL)
		s = &p->cancel;
	else if (step == POS_CUSTOMER_CREATE)
		s = &p->customer_create;
	else if (step >= POS_ORDER_THEN && step < POS_STEPS)
		s = &p->then[step - POS_ORDER_THEN];
	return s != NULL && s->there ? s : NULL;
}

const struct call *
profile_call(const struct profile *p, enum pos_step step)
{
	const struct step *s = profile_step(p, step);

	if (step == POS_ORDER_STATUS)
		return p->status.there ? &p->status.call : NULL;
	if (step == POS_ORDER_FIND)
		return p->order_find.there ? &p->order_find.call : NULL;
	if (step == POS_CUSTOMER_FIND)
		return p->customer_find.there ? &p->customer_find.call : NULL;
	return s != NULL ? &s->call : NULL;
}
