/* check_secret.c - a password or token that lies in a file of its own (G69) */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/secret.h"
#include "tests/suite.h"
#include "tests/temp.h"

static char out[16];

static const char *
read_back(const char *content, mode_t mode)
{
	FILE *f = fopen(temp_path("secret"), "w");

	ck_assert_ptr_nonnull(f);
	fputs(content, f);
	fclose(f);
	ck_assert_int_eq(chmod(temp_path("secret"), mode), 0);
	return secret_read(temp_path("secret"), out, sizeof out);
}

START_TEST(the_text_comes_without_its_line_end)
{
	static const char *const ends[] = { "", "\n", "\r\n", "\n\n" };
	char content[32];

	temp_make();
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		snprintf(content, sizeof content, " pass word%s", ends[i]);
		ck_assert_ptr_null(read_back(content, 0600));
		ck_assert_str_eq(out, " pass word");
	}
	ck_assert_ptr_null(read_back("x", 0400));
	temp_remove();
}
END_TEST

START_TEST(what_cannot_be_a_secret_says_why)
{
	temp_make();
	ck_assert_ptr_nonnull(strstr(read_back("word", 0640), "0600"));
	ck_assert_ptr_nonnull(strstr(read_back("word", 0604), "0600"));
	ck_assert_ptr_nonnull(strstr(read_back("", 0600), "empty"));
	ck_assert_ptr_nonnull(strstr(secret_read(temp_path("absent"), out, sizeof out), "No such"));
	ck_assert_str_eq(out, "");
	temp_remove();
}
END_TEST

int
main(void)
{
	return SUITE("secret", the_text_comes_without_its_line_end, what_cannot_be_a_secret_says_why);
}
