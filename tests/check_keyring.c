/* check_keyring.c - signing keys and access tokens (G8, RFC 8725) */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/crypt.h"
#include "lib/shop/keyfile.h"
#include "lib/shop/keyring.h"
#include "tests/suite.h"
#include "tests/temp.h"

static const struct token anna = { .user_id = 7, .session_id = 12, .issued_at = 1000,
	.expires_at = 1900 };

static struct keyring *ring;
static struct arena *arena;
static char fault[KEYRING_FAULT], text[TOKEN_TEXT];

static void
begin(void)
{
	temp_make();
	ck_assert_int_eq(keyfile_create(temp_path("shop.key"), fault), 0);
	ring = keyring_open(temp_path("shop.key"), fault);
	ck_assert_ptr_nonnull(ring);
	arena = arena_new(1 << 20);
	ck_assert_int_eq(keyring_sign(ring, &anna, text), 0);
}

static void
end(void)
{
	keyring_free(ring);
	arena_free(arena);
	temp_remove();
}

static int
verify(const char *s, int64_t now)
{
	struct token t = { 0 };

	return keyring_verify(ring, arena, s, now, &t);
}

static void
write_file(const char *path, const char *content, mode_t mode)
{
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(content, f);
	fclose(f);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* A token of any header and payload, signed with the ring's own key. */
static void
forge(const char *header, const char *payload, char *out)
{
	uint8_t key[32], sum[32];
	char line[128];
	FILE *f = fopen(temp_path("shop.key"), "r");
	size_t n;

	ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
	fclose(f);
	line[strcspn(line, "\n")] = '\0';
	ck_assert_int_eq(crypt_unbase64url(line + 3, strcspn(line + 3, " "), key, sizeof key), 32);
	n = crypt_base64url(header, strlen(header), out, TOKEN_TEXT);
	out[n++] = '.';
	n += crypt_base64url(payload, strlen(payload), out + n, TOKEN_TEXT - n);
	ck_assert_int_eq(crypt_hmac_sha256(key, sizeof key, out, n, sum), 0);
	out[n++] = '.';
	crypt_base64url(sum, sizeof sum, out + n, TOKEN_TEXT - n);
}

START_TEST(own_token_is_good_until_it_expires)
{
	struct token t = { 0 };

	begin();
	ck_assert_int_eq(keyring_verify(ring, arena, text, 1899, &t), 0);
	ck_assert_int_eq(t.user_id, 7);
	ck_assert_int_eq(t.session_id, 12);
	ck_assert_int_eq(t.issued_at, 1000);
	ck_assert_int_eq(t.expires_at, 1900);
	ck_assert_int_eq(verify(text, 1900), -1);
	end();
}
END_TEST

START_TEST(any_changed_byte_is_refused)
{
	char bad[TOKEN_TEXT + 8];

	begin();
	ck_assert_int_eq(verify(text, 1500), 0);	/* remembered from here on */
	for (size_t i = 0; i < strlen(text); i++) {
		snprintf(bad, sizeof bad, "%s", text);
		bad[i] = bad[i] == 'A' ? 'B' : 'A';
		ck_assert_msg(verify(bad, 1500) == -1, "byte %zu", i);
		snprintf(bad, sizeof bad, "%s", text);
		bad[i] = '\0';
		ck_assert_msg(verify(bad, 1500) == -1, "cut at %zu", i);
	}
	snprintf(bad, sizeof bad, "%s=", text);
	ck_assert_int_eq(verify(bad, 1500), -1);
	snprintf(bad, sizeof bad, "%s.x", text);
	ck_assert_int_eq(verify(bad, 1500), -1);
	ck_assert_int_eq(verify("", 1500), -1);
	end();
}
END_TEST

/* What was verified is remembered, but not its time, nor beyond its keys. */
START_TEST(remembered_token_still_expires_and_dies_with_its_key)
{
	struct token t;

	begin();
	for (int i = 0; i < 3; i++) {
		t = (struct token){ 0 };
		ck_assert_int_eq(keyring_verify(ring, arena, text, 1500, &t), 0);
		ck_assert_int_eq(t.user_id, 7);
		ck_assert_int_eq(t.session_id, 12);
	}
	ck_assert_int_eq(verify(text, 1900), -1);
	ck_assert_int_eq(verify(text, 1500), 0);
	write_file(temp_path("shop.key"), "k2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", 0600);
	for (int i = 0; i < 400 && verify(text, 1500) == 0; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	ck_assert_int_eq(verify(text, 1500), -1);
	end();
}
END_TEST

START_TEST(refuses_foreign_headers_and_claims_though_signed)
{
	static const char own[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k1\"}";
	static const char good[] = "{\"iss\":\"tillbridge\",\"aud\":\"shop\",\"sub\":7,\"sid\":12,"
	    "\"iat\":1,\"exp\":9999}";
	static const struct { const char *header, *payload; } bad[] = {
		{ "{\"alg\":\"none\"}", good },
		{ "{\"alg\":\"HS512\",\"typ\":\"JWT\",\"kid\":\"k1\"}", good },
		{ "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k2\"}", good },
		{ "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"k1\",\"jwk\":{}}", good },
		{ own, "{\"iss\":\"other\",\"aud\":\"shop\",\"sub\":7,\"sid\":12,\"iat\":1,\"exp\":9999}" },
		{ own, "{\"iss\":\"tillbridge\",\"aud\":\"x\",\"sub\":7,\"sid\":12,\"iat\":1,\"exp\":9999}" },
		{ own, "{\"iss\":\"tillbridge\",\"aud\":\"shop\",\"sub\":7,\"sid\":12,\"iat\":1}" },
		{ own, "{\"iss\":\"tillbridge\",\"aud\":\"shop\",\"sub\":\"7\",\"sid\":12,\"iat\":1,\"exp\":9999}" },
		{ own, "{\"iss\":\"tillbridge\",\"aud\":\"shop\",\"sub\":0,\"sid\":12,\"iat\":1,\"exp\":9999}" },
		{ own, "{\"iss\":\"tillbridge\",\"aud\":\"shop\",\"sub\":7,\"sid\":12,\"iat\":5000,\"exp\":9999}" },
		{ own, "{\"iss\":\"tillbridge\",\"aud\":\"shop\",\"sub\":7,\"sid\":12,\"iat\":1,\"exp\":9999,"
		    "\"nbf\":5000}" },
		{ own, "{\"iss\":\"tillbridge\",\"aud\":\"shop\",\"sub\":7,\"sid\":12,\"iat\":1,\"exp\":9999,"
		    "\"nbf\":\"1\"}" },
		{ own, "[]" },
		{ own, "not json" },
	};
	char forged[TOKEN_TEXT];

	begin();
	forge(own, good, forged);
	ck_assert_int_eq(verify(forged, 1500), 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		forge(bad[i].header, bad[i].payload, forged);
		ck_assert_msg(verify(forged, 1500) == -1, "case %zu", i);
	}
	end();
}
END_TEST

START_TEST(new_key_signs_and_old_one_still_verifies)
{
	struct keyring *later;
	char line[128], both[256], fresh[TOKEN_TEXT];
	FILE *f;

	begin();
	f = fopen(temp_path("shop.key"), "r");
	ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
	fclose(f);
	snprintf(both, sizeof both, "k2 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n%s", line);
	write_file(temp_path("shop.key"), both, 0600);
	later = keyring_open(temp_path("shop.key"), fault);
	ck_assert_ptr_nonnull(later);
	ck_assert_int_eq(keyring_sign(later, &anna, fresh), 0);
	keyring_free(ring);
	ring = later;
	ck_assert_int_eq(verify(fresh, 1500), 0);
	ck_assert_int_eq(verify(text, 1500), 0);
	ck_assert_str_ne(fresh, text);
	end();
}
END_TEST

START_TEST(refuses_key_files_that_are_open_or_wrong)
{
	static const char *const wrong[] = { "", "k1\n", "k1 short\n", "K1 x\n", "hello\n",
		"averyveryverylongkid1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n" };

	begin();
	ck_assert_int_eq(keyfile_create(temp_path("shop.key"), fault), -1);
	ck_assert_int_eq(chmod(temp_path("shop.key"), 0640), 0);
	ck_assert_ptr_null(keyring_open(temp_path("shop.key"), fault));
	ck_assert_ptr_nonnull(strstr(fault, "0600"));
	ck_assert_ptr_null(keyring_open(temp_path("absent"), fault));
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		write_file(temp_path("bad"), wrong[i], 0600);
		ck_assert_msg(keyring_open(temp_path("bad"), fault) == NULL, "%s", wrong[i]);
	}
	end();
}
END_TEST

START_TEST(macs_differ_by_purpose)
{
	uint8_t a[32], b[32], c[32];

	begin();
	ck_assert_int_eq(keyring_mac(ring, "ticket", "x", 1, a), 0);
	ck_assert_int_eq(keyring_mac(ring, "ticket", "x", 1, b), 0);
	ck_assert_int_eq(keyring_mac(ring, "body", "x", 1, c), 0);
	ck_assert_mem_eq(a, b, 32);
	ck_assert_mem_ne(a, c, 32);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("keyring", own_token_is_good_until_it_expires, any_changed_byte_is_refused,
	    remembered_token_still_expires_and_dies_with_its_key,
	    refuses_foreign_headers_and_claims_though_signed,
	    new_key_signs_and_old_one_still_verifies, refuses_key_files_that_are_open_or_wrong,
	    macs_differ_by_purpose);
}
