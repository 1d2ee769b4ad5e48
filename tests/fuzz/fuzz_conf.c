/* fuzz_conf.c - any bytes as a settings file: what is shown must read back */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* memfd_create */
#endif
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/buf.h"
#include "lib/base/conf.h"
#include "tests/fuzz/fuzz.h"

struct config {
	const char *path, *token;
	int64_t workers, fee, radius, open, rounding;
};

#define AT(field) offsetof(struct config, field)
static const struct conf_key keys[] = {
	{ "PATH_", CONF_TEXT, AT(path), "shop.db", 1, 20, NULL, "", 0 },
	{ "TOKEN_", CONF_TEXT, AT(token), "", 0, 64, NULL, "", 1 },
	{ "WORKERS_", CONF_NUMBER, AT(workers), "4", -3, 64, NULL, "", 0 },
	{ "FEE_", CONF_MONEY, AT(fee), "99.00", 0, 100000, NULL, "", 0 },
	{ "KM_", CONF_KM, AT(radius), "2.5", 0, 20000, NULL, "", 0 },
	{ "OPEN_", CONF_BOOL, AT(open), "yes", 0, 1, NULL, "", 0 },
	{ "ROUND_", CONF_CHOICE, AT(rounding), "ceil", 0, 0, "ceil|exact|", "", 0 },
};
enum { KEYS = sizeof keys / sizeof *keys };

static int
load(struct config *c, const char *text, size_t n, char *fault)
{
	char path[32];
	int fd = memfd_create("conf", MFD_CLOEXEC), rc;

	MUST(fd != -1 && write(fd, text, n) == (ssize_t)n);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	rc = conf_load(keys, KEYS, c, path, fault);
	close(fd);
	return rc;
}

FUZZ_TARGET(conf)(const uint8_t *data, size_t n)
{
	struct config c = { 0 }, again = { 0 };
	struct buf b = BUF_INIT(1 << 16);
	char fault[CONF_FAULT] = "", out[256];

	if (n > 4096)
		return 0;
	if (load(&c, (const char *)data, n, fault) == -1) {
		MUST(fault[0] != '\0' && memchr(fault, '\0', sizeof fault) != NULL);
		return 0;
	}
	for (size_t i = 0; i < KEYS; i++)
		if (!keys[i].secret) {
			conf_show(&keys[i], &c, out, sizeof out);
			buf_printf(&b, "%s=%s\n", keys[i].name, out);
		}
	if (load(&again, b.s, b.len, fault) == -1)
		panic("%s", fault);
	MUST(strcmp(c.path, again.path) == 0);
	MUST(c.workers == again.workers && c.fee == again.fee && c.radius == again.radius);
	MUST(c.open == again.open && c.rounding == again.rounding);
	buf_free(&b);
	return 0;
}
