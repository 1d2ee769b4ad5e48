/*
 * check_corpus.c - every fuzz target with every file of its corpus
 *
 * What a fuzzer ever found stays found: the targets panic, a sanitizer
 * reports, or the time-out ends the test.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/suite.h"

enum { FILE_MAX = 1 << 20 };

static const struct {
	const char *name;
	int (*run)(const uint8_t *, size_t);
} targets[] = {
	{ "clock", fuzz_clock },
	{ "conf", fuzz_conf },
	{ "hours", fuzz_hours },
	{ "json", fuzz_json },
	{ "money", fuzz_money },
	{ "profile", fuzz_profile },
	{ "request", fuzz_request },
	{ "search", fuzz_search },
	{ "template", fuzz_template },
	{ "upgrade", fuzz_upgrade },
	{ "utf8", fuzz_utf8 },
	{ "webhook", fuzz_webhook },
};

static const char *
corpus(void)
{
	static char path[4096];
	const char *srcdir = getenv("srcdir");

	snprintf(path, sizeof path, "%s/tests/fuzz/corpus", srcdir == NULL ? "." : srcdir);
	return path;
}

static void
run_file(int (*run)(const uint8_t *, size_t), const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *all = malloc(FILE_MAX), *exact;
	size_t n;

	ck_assert_msg(f != NULL && all != NULL, "%s", path);
	n = fread(all, 1, FILE_MAX, f);
	ck_assert_msg(!ferror(f) && n < FILE_MAX, "%s", path);
	fclose(f);
	/* of its own size, so that a sanitizer sees a step past its end */
	ck_assert_ptr_nonnull(exact = malloc(n > 0 ? n : 1));
	memcpy(exact, all, n);
	run(exact, n);
	free(exact);
	free(all);
}

static int
run_folder(int (*run)(const uint8_t *, size_t), const char *name)
{
	char folder[4352], path[4700];
	struct dirent *e;
	DIR *d;
	int count = 0;

	snprintf(folder, sizeof folder, "%s/%s", corpus(), name);
	ck_assert_msg((d = opendir(folder)) != NULL, "%s", folder);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		run_file(run, path);
		count++;
	}
	closedir(d);
	return count;
}

START_TEST(every_target_survives_its_corpus)
{
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
		ck_assert_msg(run_folder(targets[i].run, targets[i].name) > 0,
		    "%s has no corpus", targets[i].name);
}
END_TEST

START_TEST(every_corpus_has_its_target)
{
	DIR *d = opendir(corpus());
	struct dirent *e;
	size_t i;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		for (i = 0; i < sizeof targets / sizeof *targets; i++)
			if (strcmp(e->d_name, targets[i].name) == 0)
				break;
		ck_assert_msg(i < sizeof targets / sizeof *targets, "%s", e->d_name);
	}
	closedir(d);
}
END_TEST

START_TEST(every_target_takes_nothing_at_all)
{
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
		targets[i].run((const uint8_t *)"", 0);
}
END_TEST

int
main(void)
{
	return SUITE("corpus", every_target_survives_its_corpus,
	    every_corpus_has_its_target, every_target_takes_nothing_at_all);
}
