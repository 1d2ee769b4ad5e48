/* check_keyfile.c - the file of signing keys, and how it is replaced (G69, G80) */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/shop/keyfile.h"
#include "lib/shop/keyring.h"
#include "tests/suite.h"
#include "tests/temp.h"

enum { NOW = 1779444000, DAY = 86400 };

static char fault[KEYFILE_FAULT], kid[KID_MAX + 1];
static struct keyfile file;

static const char *
path(void)
{
	return temp_path("shop.key");
}

static void
begin(void)
{
	temp_make();
	clock_set(NOW);
	ck_assert_int_eq(keyfile_create(path(), fault), 0);
}

static void
end(void)
{
	clock_set(0);
	temp_remove();
}

static void
read_file(void)
{
	ck_assert_msg(keyfile_read(path(), &file, fault) == 0, "%s", fault);
}

START_TEST(a_new_file_has_one_key_and_the_time_it_was_made)
{
	begin();
	read_file();
	ck_assert_uint_eq(file.count, 1);
	ck_assert_str_eq(file.key[0].kid, "k1");
	ck_assert_int_eq(file.key[0].made_at, NOW);
	ck_assert_int_eq(keyfile_replaced_at(&file, 0), -1);
	ck_assert_int_eq(file.seen.st_mode & 0777, 0600);
	end();
}
END_TEST

START_TEST(a_rotation_puts_a_new_key_in_front_and_keeps_the_rest)
{
	struct key_entry first;

	begin();
	read_file();
	first = file.key[0];
	clock_advance(DAY);
	ck_assert_int_eq(chmod(path(), 0600), 0);
	ck_assert_msg(keyfile_rotate(path(), kid, fault) == 0, "%s", fault);
	ck_assert_str_eq(kid, "k2");
	read_file();
	ck_assert_uint_eq(file.count, 2);
	ck_assert_str_eq(file.key[0].kid, "k2");
	ck_assert_mem_eq(file.key[1].bytes, first.bytes, KEY_LEN);
	ck_assert_mem_ne(file.key[0].bytes, first.bytes, KEY_LEN);
	ck_assert_int_eq(file.key[1].made_at, NOW);
	ck_assert_int_eq(keyfile_replaced_at(&file, 1), NOW + DAY);
	ck_assert_int_eq(file.seen.st_mode & 0777, 0600);
	ck_assert_int_eq(access(temp_path("shop.key.new"), F_OK), -1);
	end();
}
END_TEST

START_TEST(a_full_file_is_not_rotated)
{
	begin();
	for (int i = 1; i < KEYS_MAX; i++)
		ck_assert_int_eq(keyfile_rotate(path(), kid, fault), 0);
	ck_assert_str_eq(kid, "k8");
	ck_assert_int_eq(keyfile_rotate(path(), kid, fault), -1);
	ck_assert_ptr_nonnull(strstr(fault, "full"));
	read_file();
	ck_assert_uint_eq(file.count, KEYS_MAX);
	end();
}
END_TEST

/* Counted from when it stopped signing, not from when it was made. */
START_TEST(old_keys_are_dropped_and_the_one_that_signs_never)
{
	begin();
	clock_advance(100 * DAY);
	ck_assert_int_eq(keyfile_rotate(path(), kid, fault), 0);
	clock_advance(10 * DAY);
	ck_assert_int_eq(keyfile_rotate(path(), kid, fault), 0);
	ck_assert_int_eq(keyfile_drop(path(), NOW + 100 * DAY, fault), 0);
	ck_assert_int_eq(keyfile_drop(path(), NOW + 100 * DAY + 1, fault), 1);
	read_file();
	ck_assert_uint_eq(file.count, 2);
	ck_assert_str_eq(file.key[1].kid, "k2");
	ck_assert_int_eq(keyfile_drop(path(), INT64_MAX, fault), 1);
	ck_assert_int_eq(keyfile_drop(path(), INT64_MAX, fault), 0);
	read_file();
	ck_assert_uint_eq(file.count, 1);
	ck_assert_str_eq(file.key[0].kid, "k3");
	end();
}
END_TEST

/* A file of before tells no times; a name of somebody's own stays. */
START_TEST(a_file_without_times_is_understood)
{
	FILE *f;

	begin();
	f = fopen(path(), "w");
	ck_assert_ptr_nonnull(f);
	fputs("# mine\nwinter7 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", f);
	fclose(f);
	ck_assert_int_eq(keyfile_rotate(path(), kid, fault), 0);
	ck_assert_str_eq(kid, "k1");
	read_file();
	ck_assert_str_eq(file.key[1].kid, "winter7");
	ck_assert_int_eq(file.key[1].made_at, -1);
	ck_assert_int_eq(keyfile_replaced_at(&file, 1), NOW);
	end();
}
END_TEST

START_TEST(wrong_files_are_refused_and_left_alone)
{
	static const char *const wrong[] = { "k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA soon\n",
		"k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \n", "", "k1\n" };
	struct stat st;
	FILE *f;

	begin();
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		f = fopen(path(), "w");
		ck_assert_ptr_nonnull(f);
		fputs(wrong[i], f);
		fclose(f);
		ck_assert_msg(keyfile_rotate(path(), kid, fault) == -1, "case %zu", i);
		ck_assert_int_eq(keyfile_drop(path(), INT64_MAX, fault), -1);
		ck_assert_int_eq(stat(path(), &st), 0);
		ck_assert_int_eq((int)st.st_size, (int)strlen(wrong[i]));
	}
	ck_assert_int_eq(keyfile_rotate(temp_path("no/such/folder"), kid, fault), -1);
	end();
}
END_TEST

/* What a crash left beside it is no hindrance, and a link there is not followed. */
START_TEST(a_stale_file_beside_it_is_replaced)
{
	begin();
	ck_assert_int_eq(symlink(path(), temp_path("shop.key.new")), 0);
	ck_assert_msg(keyfile_rotate(path(), kid, fault) == 0, "%s", fault);
	read_file();
	ck_assert_uint_eq(file.count, 2);
	end();
}
END_TEST

/* Two operators at once: both keys are there afterwards. */
START_TEST(rotations_at_once_wait_for_each_other)
{
	pid_t pid[4];
	int status;

	begin();
	for (int i = 0; i < 4; i++) {
		ck_assert_int_ne(pid[i] = fork(), -1);
		if (pid[i] == 0)
			_exit(keyfile_rotate(path(), kid, fault) == 0 ? 0 : 1);
	}
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(waitpid(pid[i], &status, 0), pid[i]);
		ck_assert_int_eq(status, 0);
	}
	read_file();
	ck_assert_uint_eq(file.count, 5);
	ck_assert_str_eq(file.key[0].kid, "k5");
	end();
}
END_TEST

/* A worker that looked a moment ago takes the token that another signs now. */
START_TEST(a_token_of_a_brand_new_key_is_good_at_once)
{
	const struct token t = { .user_id = 7, .session_id = 1, .issued_at = 1, .expires_at = 99 };
	struct keyring *here, *there;
	struct arena *arena = arena_new(1 << 20);
	char text[TOKEN_TEXT], old[TOKEN_TEXT];
	uint8_t before[32], macs[KEYRING_MAX][32];
	struct token got;

	begin();
	ck_assert_ptr_nonnull(here = keyring_open(path(), fault));
	ck_assert_int_eq(keyring_sign(here, &t, old), 0);
	ck_assert_int_eq(keyring_mac(here, "x", "y", 1, before), 0);
	ck_assert_int_eq(keyfile_rotate(path(), kid, fault), 0);
	ck_assert_ptr_nonnull(there = keyring_open(path(), fault));
	ck_assert_int_eq(keyring_sign(there, &t, text), 0);
	ck_assert_int_eq(keyring_verify(here, arena, text, 50, &got), 0);
	ck_assert_int_eq(keyring_verify(there, arena, old, 50, &got), 0);
	ck_assert_uint_eq(keyring_macs(here, "x", "y", 1, macs), 2);
	ck_assert_mem_eq(macs[1], before, 32);
	ck_assert(keyring_mac_is(there, "x", "y", 1, before));
	ck_assert(!keyring_mac_is(there, "z", "y", 1, before));
	keyring_free(here);
	keyring_free(there);
	arena_free(arena);
	end();
}
END_TEST

int
main(void)
{
	return SUITE("keyfile", a_new_file_has_one_key_and_the_time_it_was_made,
	    a_rotation_puts_a_new_key_in_front_and_keeps_the_rest, a_full_file_is_not_rotated,
	    old_keys_are_dropped_and_the_one_that_signs_never,
	    a_file_without_times_is_understood, wrong_files_are_refused_and_left_alone,
	    a_stale_file_beside_it_is_replaced, rotations_at_once_wait_for_each_other,
	    a_token_of_a_brand_new_key_is_good_at_once);
}
