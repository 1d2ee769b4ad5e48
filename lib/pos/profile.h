/*
 * profile.h - what a vendor's API looks like, as a JSON file
 *
 * The format is in docs/PROFILE.md. Loading checks everything a profile can
 * say: afterwards nothing in it is unknown, of a wrong type or out of place.
 */
#ifndef POS_PROFILE_H
#define POS_PROFILE_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct profile;

enum { PROFILE_FAULTS = 20, PROFILE_MAX = 256 * 1024 };

struct profile_fault {
	int line;		/* from 1; 0 = the file as a whole */
	char pointer[160];	/* RFC 6901 */
	char text[320];		/* what is wrong and what is allowed */
};

struct profile_faults {
	size_t count;		/* how many are in list */
	size_t more;		/* how many did not fit */
	struct profile_fault list[PROFILE_FAULTS];
};

/* NULL with at least one fault. */
struct profile *profile_load(const char *file, struct profile_faults *);
struct profile *profile_parse(const char *text, size_t n, struct profile_faults *);
void profile_free(struct profile *);

/* Its file: a path (with a slash), or a name in dir. NULL with a sentence in
 * fault that names the setting. */
const char *profile_find(struct arena *, const char *profile, const char *dir, char *fault,
    size_t size);

/* "generic.json:14: /products/page/by: …" into out. */
void profile_fault_text(const char *file, const struct profile_fault *, char *out, size_t size);

const char *profile_name(const struct profile *);
const char *profile_title(const struct profile *);

/* The nth {set.x} it asks for, with its help; NULL = no more. */
const char *profile_setting(const struct profile *, size_t nth, const char **help);

#endif
