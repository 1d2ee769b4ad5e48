/* check_crypt.c - published vectors and every refusal of crypt.h */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/crypt.h"
#include "tests/suite.h"

static size_t
unhex(const char *hex, uint8_t *out)
{
	size_t n = strlen(hex) / 2;
	unsigned byte;

	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
		out[i] = (uint8_t)byte;
	}
	return n;
}

static void
same_hex(const void *bytes, size_t n, const char *expected)
{
	char text[512];

	crypt_hex(bytes, n, text);
	ck_assert_str_eq(text, expected);
}

/* FIPS 180-2, B.1 and B.2, and the empty text. */
START_TEST(sha256_gives_the_published_digests)
{
	static const struct { const char *text, *digest; } cases[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb924"
		    "27ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223"
		    "b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		    "248d6a61d20638b8e5c026930c3e6039"
		    "a33ce45964ff2167f6ecedd419db06c1" },
	};
	uint8_t out[SHA256_LEN];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		crypt_sha256(cases[i].text, strlen(cases[i].text), out);
		same_hex(out, sizeof out, cases[i].digest);
	}
}
END_TEST

/* RFC 4231, 4.2 to 4.8 (5 truncates and is left out). */
static const struct { const char *key, *data, *mac; } macs[] = {
	{ "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "dddddddddddddddddddddddddddddddddddddddddddddddddd"
	    "dddddddddddddddddddddddddddddddddddddddddddddddddd",
	    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
	{ "0102030405060708090a0b0c0d0e0f10111213141516171819",
	    "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
	    "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
	    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
	{ NULL, "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a"
	    "65204b6579202d2048617368204b6579204669727374",
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
	{ NULL, "5468697320697320612074657374207573696e672061206c6172676572207468"
	    "616e20626c6f636b2d73697a65206b657920616e642061206c61726765722074"
	    "68616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565"
	    "647320746f20626520686173686564206265666f7265206265696e6720757365"
	    "642062792074686520484d414320616c676f726974686d2e",
	    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
};

/* Twice each: the kept key must give what the new one gave. */
START_TEST(hmac_gives_the_macs_of_rfc_4231)
{
	uint8_t key[131], data[256], out[SHA256_LEN];
	size_t keylen, n;

	for (size_t i = 0; i < 2 * sizeof macs / sizeof *macs; i++) {
		size_t at = i / 2;

		memset(key, 0xaa, sizeof key);
		keylen = macs[at].key == NULL ? sizeof key
		    : unhex(macs[at].key, key);
		n = unhex(macs[at].data, data);
		ck_assert_int_eq(crypt_hmac_sha256(key, keylen, data, n, out), 0);
		same_hex(out, sizeof out, macs[at].mac);
	}
	ck_assert_int_eq(crypt_hmac_sha256(NULL, 0, "x", 1, out), -1);
}
END_TEST

START_TEST(hmac_keeps_many_keys_apart)
{
	uint8_t first[8][SHA256_LEN], again[SHA256_LEN];
	char key[8];

	for (int i = 0; i < 8; i++) {
		snprintf(key, sizeof key, "key %d", i);
		ck_assert_int_eq(crypt_hmac_sha256(key, 5, "x", 1, first[i]), 0);
	}
	for (int i = 0; i < 64; i++) {
		snprintf(key, sizeof key, "key %d", i * 5 % 8);
		ck_assert_int_eq(crypt_hmac_sha256(key, 5, "x", 1, again), 0);
		ck_assert_mem_eq(again, first[i * 5 % 8], SHA256_LEN);
	}
	ck_assert_mem_ne(first[0], first[1], SHA256_LEN);
}
END_TEST

/* RFC 4648, 10, without padding, and the two letters of its section 5. */
static const struct { const char *bytes, *text; } codes[] = {
	{ "", "" }, { "f", "Zg" }, { "fo", "Zm8" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "-_-_" },
};

START_TEST(base64url_follows_rfc_4648_both_ways)
{
	char text[16];
	uint8_t bytes[16];

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		size_t n = strlen(codes[i].bytes), len = strlen(codes[i].text);

		ck_assert_uint_eq(crypt_base64url(codes[i].bytes, n, text,
		    sizeof text), len);
		ck_assert_str_eq(text, codes[i].text);
		ck_assert_int_eq(crypt_unbase64url(text, len, bytes,
		    sizeof bytes), (long)n);
		ck_assert_mem_eq(bytes, codes[i].bytes, n);
		/* exactly as much room as it needs, and one byte less */
		ck_assert_uint_eq(crypt_base64url(codes[i].bytes, n, text,
		    len + 1), len);
		ck_assert_uint_eq(crypt_base64url(codes[i].bytes, n, text, len), 0);
		if (n > 0)
			ck_assert_int_eq(crypt_unbase64url(codes[i].text, len,
			    bytes, n - 1), -1);
	}
}
END_TEST

START_TEST(base64url_refuses_what_is_not_canonical)
{
	static const char *const bad[] = {
		"Z", "Zg==", "Zh", "Zm9", "Zm9vYh", "Zm+v", "Zm/v", "Zm v",
		"Zm9v\n", "Zm9vY", "Zg=", "зм",
	};
	uint8_t out[16];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(crypt_unbase64url(bad[i], strlen(bad[i]), out,
		    sizeof out) == -1, "took %s", bad[i]);
	ck_assert_int_eq(crypt_unbase64url("Zm\0v", 4, out, sizeof out), -1);
}
END_TEST

START_TEST(knows_what_others_sign_with)
{
	static const struct { enum digest digest; const char *key, *data, *hex; } cases[] = {
		/* RFC 1321 A.5, FIPS 180-2 A.1 and B.1 */
		{ DIGEST_MD5, NULL, "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
		{ DIGEST_SHA1, NULL, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ DIGEST_SHA256, NULL, "abc",
		    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		/* RFC 2202 test case 2, RFC 4231 test case 2 */
		{ DIGEST_MD5, "Jefe", "what do ya want for nothing?",
		    "750c783e6ab0b503eaa86e310a5db738" },
		{ DIGEST_SHA1, "Jefe", "what do ya want for nothing?",
		    "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
		{ DIGEST_SHA256, "Jefe", "what do ya want for nothing?",
		    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
	};
	uint8_t out[DIGEST_MAX];
	size_t n;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *key = cases[i].key, *data = cases[i].data;

		n = key == NULL ? crypt_digest(cases[i].digest, data, strlen(data), out) :
		    crypt_hmac(cases[i].digest, key, strlen(key), data, strlen(data), out);
		ck_assert_uint_eq(n, strlen(cases[i].hex) / 2);
		same_hex(out, n, cases[i].hex);
	}
	ck_assert_uint_eq(crypt_hmac(DIGEST_SHA1, NULL, 0, "x", 1, out), 0);
}
END_TEST

START_TEST(base64_has_its_padding_and_reads_without)
{
	static const struct { const char *plain, *text; } cases[] = {	/* RFC 4648 10 */
		{ "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff\xfe", "+//+" },
	};
	static const char *const wrong[] = { "Zg=", "Zg===", "=", "Zh==", "Z", "Zm9-", "Zm 9v", "Zg==Zg==" };
	char text[16], plain[16];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = strlen(cases[i].plain), len = strlen(cases[i].text);

		ck_assert_uint_eq(crypt_base64(cases[i].plain, n, text, sizeof text), len);
		ck_assert_str_eq(text, cases[i].text);
		ck_assert_uint_eq(crypt_base64(cases[i].plain, n, text, len), 0);
		ck_assert_int_eq(crypt_unbase64(cases[i].text, len, plain, sizeof plain), (long)n);
		ck_assert_mem_eq(plain, cases[i].plain, n);
		len = strcspn(cases[i].text, "=");
		ck_assert_int_eq(crypt_unbase64(cases[i].text, len, plain, sizeof plain), (long)n);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_int_eq(crypt_unbase64(wrong[i], strlen(wrong[i]), plain, sizeof plain), -1);
	ck_assert_int_eq(crypt_unbase64("", 0, plain, sizeof plain), 0);
}
END_TEST

START_TEST(equal_compares_all_bytes)
{
	ck_assert_int_eq(crypt_equal("abcd", "abcd", 4), 1);
	ck_assert_int_eq(crypt_equal("abcd", "abce", 4), 0);
	ck_assert_int_eq(crypt_equal("xbcd", "abcd", 4), 0);
	ck_assert_int_eq(crypt_equal("a", "b", 0), 1);
}
END_TEST

START_TEST(random_bytes_differ)
{
	uint8_t a[600] = { 0 }, b[600] = { 0 };

	crypt_random(a, sizeof a);
	crypt_random(b, sizeof b);
	ck_assert_mem_ne(a, b, sizeof a);
	ck_assert_mem_ne(a + 560, b + 560, 40);
	crypt_random(a, 0);
}
END_TEST

#define SEVENTY_TWO "0123456789abcdefghijklmnopqrstuvwxyz" \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* From crypt_blowfish and jBCrypt. */
START_TEST(password_check_knows_published_hashes)
{
	static const struct { const char *password, *hash; } cases[] = {
		{ SEVENTY_TWO, "$2a$05$abcdefghijklmnopqrstuu"
		    "5s2v8.iXieOjg/.AySBTTZIIVFJeBui" },
		{ "abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGu"
		    "RRgzG64bvtJ0938xuqzv18d3ZpQhstC" },
		{ "~!@#$%^&*()      ~!@#$%^&*()PNBFRD",
		    "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(crypt_password_check(cases[i].password,
		    cases[i].hash), 1);
		ck_assert_int_eq(crypt_password_check("another one",
		    cases[i].hash), 0);
	}
}
END_TEST

START_TEST(password_hash_is_checked_back)
{
	char one[BCRYPT_TEXT], two[BCRYPT_TEXT];

	ck_assert_int_eq(crypt_password_hash("пароль-борщ", 4, one), 0);
	ck_assert_int_eq(crypt_password_hash("пароль-борщ", 4, two), 0);
	ck_assert_int_eq(strncmp(one, "$2b$04$", 7), 0);
	ck_assert_str_ne(one, two);
	ck_assert_int_eq(crypt_password_cost(one), 4);
	ck_assert_int_eq(crypt_password_cost("$2a$12$short"), -1);
	ck_assert_int_eq(crypt_password_check("пароль-борщ", one), 1);
	ck_assert_int_eq(crypt_password_check("пароль-борщ", two), 1);
	ck_assert_int_eq(crypt_password_check("пароль-борщи", one), 0);
	ck_assert_int_eq(crypt_password_hash(SEVENTY_TWO, 4, one), 0);
	ck_assert_int_eq(crypt_password_check(SEVENTY_TWO, one), 1);
	ck_assert_int_eq(crypt_password_hash("8 bytes!", 4, one), 0);
	ck_assert_int_eq(crypt_password_check("8 bytes!", one), 1);
}
END_TEST

/* bcrypt would cut at 72 bytes: two passwords would open one account. */
START_TEST(password_of_wrong_length_or_cost_is_refused)
{
	char hash[BCRYPT_TEXT];

	ck_assert_int_eq(crypt_password_hash("7 bytes", 4, hash), -1);
	ck_assert_int_eq(crypt_password_hash("", 4, hash), -1);
	ck_assert_int_eq(crypt_password_hash(NULL, 4, hash), -1);
	ck_assert_int_eq(crypt_password_hash(SEVENTY_TWO "x", 4, hash), -1);
	ck_assert_int_eq(crypt_password_hash("8 bytes!", 3, hash), -1);
	ck_assert_int_eq(crypt_password_hash("8 bytes!", 32, hash), -1);
	ck_assert_int_eq(crypt_password_hash(SEVENTY_TWO, 4, hash), 0);
	ck_assert_int_eq(crypt_password_check(SEVENTY_TWO "x", hash), 0);
	ck_assert_int_eq(crypt_password_check("", hash), 0);
	ck_assert_int_eq(crypt_password_check(NULL, hash), 0);
}
END_TEST

START_TEST(password_check_refuses_what_is_no_bcrypt_hash)
{
	static const char *const bad[] = {
		"", "*0", "$2b$04$", "$6$salt$hash", "password",
		"$2b$04$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBu",
		"$2b$04$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBuix",
		"$2x$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
		"$2b$5$$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
		"$2b$99$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui",
		"$2b$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg:.AySBTTZIIVFJeBui",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(crypt_password_check("8 bytes!", bad[i]) == -1,
		    "took %s", bad[i]);
	ck_assert_int_eq(crypt_password_check("8 bytes!", NULL), -1);
}
END_TEST

/* McGrew and Viega, GCM test cases 13, 14 and 16 (256 bits): nonce, text, tag. */
START_TEST(opens_what_nist_sealed)
{
	static const struct { const char *key, *about, *sealed, *plain; } cases[] = {
		{ "00000000000000000000000000000000"
		    "00000000000000000000000000000000", NULL,
		    "000000000000000000000000"
		    "530f8afbc74536b9a963b4f1c4cb738b", "" },
		{ "00000000000000000000000000000000"
		    "00000000000000000000000000000000", "",
		    "000000000000000000000000"
		    "cea7403d4d606b6e074ec5d3baf39d18"
		    "d0d1c8a799996bf0265b98b5d48ab919",
		    "00000000000000000000000000000000" },
		{ "feffe9928665731c6d6a8f9467308308"
		    "feffe9928665731c6d6a8f9467308308",
		    "\xfe\xed\xfa\xce\xde\xad\xbe\xef\xfe\xed\xfa\xce"
		    "\xde\xad\xbe\xef\xab\xad\xda\xd2",
		    "cafebabefacedbaddecaf888"
		    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
		    "76fc6ece0f4e1768cddf8853bb2d551b",
		    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39" },
	};
	uint8_t key[32], sealed[128], out[128];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n;
		long got;

		unhex(cases[i].key, key);
		n = unhex(cases[i].sealed, sealed);
		got = crypt_open(key, cases[i].about, sealed, n, out);
		ck_assert_int_eq(got, (long)strlen(cases[i].plain) / 2);
		same_hex(out, (size_t)got, cases[i].plain);
	}
}
END_TEST

START_TEST(opens_only_what_this_key_sealed_for_this_purpose)
{
	uint8_t key[32] = "the key of the shop", other[32] = "another";
	uint8_t sealed[11 + SEAL_EXTRA], again[11 + SEAL_EXTRA], out[16];

	ck_assert_int_eq(crypt_seal(key, "pos token", "hello there", 11, sealed), 0);
	ck_assert_int_eq(crypt_seal(key, "pos token", "hello there", 11, again), 0);
	ck_assert_mem_ne(sealed, again, sizeof sealed);
	ck_assert_int_eq(crypt_open(key, "pos token", sealed, sizeof sealed, out), 11);
	ck_assert_mem_eq(out, "hello there", 11);
	ck_assert_int_eq(crypt_open(other, "pos token", sealed, sizeof sealed, out), -1);
	ck_assert_mem_ne(out, "hello there", 11);
	ck_assert_int_eq(crypt_open(key, "pos tokem", sealed, sizeof sealed, out), -1);
	ck_assert_int_eq(crypt_open(key, NULL, sealed, sizeof sealed, out), -1);
	ck_assert_int_eq(crypt_open(key, "pos token", sealed, SEAL_EXTRA - 1, out), -1);
	ck_assert_int_eq(crypt_open(key, "pos token", sealed, sizeof sealed - 1, out), -1);
	for (size_t i = 0; i < sizeof sealed; i++) {
		sealed[i] ^= 1;
		ck_assert_int_eq(crypt_open(key, "pos token", sealed,
		    sizeof sealed, out), -1);
		sealed[i] ^= 1;
	}
	ck_assert_int_eq(crypt_seal(key, NULL, "", 0, sealed), 0);
	ck_assert_int_eq(crypt_open(key, NULL, sealed, SEAL_EXTRA, out), 0);
	ck_assert_int_eq(crypt_seal(key, NULL, "x", SIZE_MAX, sealed), -1);
}
END_TEST

int
main(void)
{
	return SUITE("crypt", sha256_gives_the_published_digests,
	    hmac_gives_the_macs_of_rfc_4231, hmac_keeps_many_keys_apart,
	    base64url_follows_rfc_4648_both_ways,
	    base64url_refuses_what_is_not_canonical, knows_what_others_sign_with,
	    base64_has_its_padding_and_reads_without, equal_compares_all_bytes,
	    random_bytes_differ, password_check_knows_published_hashes,
	    password_hash_is_checked_back,
	    password_of_wrong_length_or_cost_is_refused,
	    password_check_refuses_what_is_no_bcrypt_hash,
	    opens_what_nist_sealed,
	    opens_only_what_this_key_sealed_for_this_purpose);
}
