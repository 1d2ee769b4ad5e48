/*
 * conf.h - one row per key: parsing, range, default and help from one table
 *
 * A file of KEY=value lines (also usable as a systemd EnvironmentFile); the
 * environment wins. Which keys there are is the caller's table: see
 * lib/shop/settings.c.
 */
#ifndef CONF_H
#define CONF_H

#include <stddef.h>
#include <stdint.h>

enum conf_kind {
	CONF_TEXT,	/* const char *; min and max bound its bytes */
	CONF_NUMBER,	/* int64_t */
	CONF_MONEY,	/* int64_t kopecks, from "99.00" */
	CONF_KM,	/* int64_t metres, from "2" or "2.5" */
	CONF_BOOL,	/* int64_t, from yes/no/true/false/1/0/on/off */
	CONF_CHOICE,	/* int64_t, the place in choices ("ceil|exact") */
	CONF_KINDS
};

struct conf_key {
	const char *name;
	enum conf_kind kind;
	size_t at;		/* offsetof the field */
	const char *dflt;
	int64_t min, max;	/* of the stored value; max 0 = no bound */
	const char *choices;
	const char *help;	/* one sentence, for --help, config and the man page */
	int secret;		/* never printed */
};

enum { CONF_FAULT = 512 };

/*
 * Fill `into` from defaults, then the file (NULL = none), then the
 * environment. 0, or -1 with a sentence in fault (CONF_FAULT bytes) that
 * names the file, line, key and what is allowed; an unknown key in the file
 * names the nearest known one. Texts are owned by the process for good.
 */
int conf_load(const struct conf_key *, size_t count, void *into,
    const char *file, char *fault) __attribute__((warn_unused_result));

/* a (n bytes of it) and b in one text, owned by the process for good; NULL
 * when out of memory. For settings that follow from others. */
const char *conf_joined(const char *a, size_t n, const char *b);

/* One value set by hand (tests, --option). As conf_load. */
int conf_set(const struct conf_key *, size_t count, void *into,
    const char *name, const char *value, char *fault)
    __attribute__((warn_unused_result));

/* The value as it would stand in the file; "(secret)" for secrets that are set. */
void conf_show(const struct conf_key *, const void *from, char *out, size_t size);

#endif
