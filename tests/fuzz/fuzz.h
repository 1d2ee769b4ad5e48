/*
 * fuzz.h - one entry for libFuzzer and for check_corpus
 *
 *	FUZZ_TARGET(money)(const uint8_t *data, size_t n)
 *	{
 *		...
 *		return 0;
 *	}
 *
 * A target says by panic() what must hold. configure --enable-fuzz CC=clang
 * makes each a program of its own (FUZZ_ALONE); `make check` calls each with
 * every file of tests/fuzz/corpus/<name>/. Add one: the file, its prototype
 * here, its row in check_corpus.c, its lines in Makefile.am, a first seed.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/log.h"

#ifdef FUZZ_ALONE
#define FUZZ_TARGET(name) \
	int LLVMFuzzerTestOneInput(const uint8_t *, size_t); \
	int LLVMFuzzerTestOneInput
#else
#define FUZZ_TARGET(name) int fuzz_##name
#endif

int fuzz_clock(const uint8_t *, size_t);
int fuzz_conf(const uint8_t *, size_t);
int fuzz_hours(const uint8_t *, size_t);
int fuzz_json(const uint8_t *, size_t);
int fuzz_money(const uint8_t *, size_t);
int fuzz_profile(const uint8_t *, size_t);
int fuzz_request(const uint8_t *, size_t);
int fuzz_search(const uint8_t *, size_t);
int fuzz_template(const uint8_t *, size_t);
int fuzz_upgrade(const uint8_t *, size_t);
int fuzz_utf8(const uint8_t *, size_t);
int fuzz_webhook(const uint8_t *, size_t);

#define MUST(fact) \
	do { \
		if (!(fact)) \
			panic("%s:%d: %s", __FILE__, __LINE__, #fact); \
	} while (0)

#endif
