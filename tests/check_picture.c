/* check_picture.c - which of the till's pictures are fetched, and from where (G15, G76) */
#include <stdio.h>
#include <string.h>

#include "lib/shop/catalog.h"
#include "lib/shop/picture.h"
#include "tests/rig.h"
#include "tests/suite.h"

#undef fail

#define TILL "https://127.0.0.1:8443/api"

START_TEST(a_url_is_taken_apart)
{
	static const struct { const char *url, *host; int port; const char *path; } cases[] = {
		{ "https://cdn.example.com/a.jpg", "cdn.example.com", 443, "/a.jpg" },
		{ "HTTPS://CDN.Example.com:8443/a/b?c=d#e", "cdn.example.com", 8443, "/a/b?c=d" },
		{ "https://cdn.example.com", "cdn.example.com", 443, "/" },
		{ "https://cdn.example.com?x=1", "cdn.example.com", 443, "/?x=1" },
		{ "https://[2A00:1450::1]:444/p", "2a00:1450::1", 444, "/p" },
		{ "https://10.0.0.1/x", "10.0.0.1", 443, "/x" },
		{ "https://a.b/борщ з м'ясом.png", "a.b", 443,
		    "/%D0%B1%D0%BE%D1%80%D1%89%20%D0%B7%20%D0%BC'%D1%8F%D1%81%D0%BE%D0%BC.png" },
		{ "https://a.b/%D0%B1?w=1&h=2", "a.b", 443, "/%D0%B1?w=1&h=2" },
		{ "https://a.b/\"<>\\^`{|}", "a.b", 443, "/%22%3C%3E%5C%5E%60%7B%7C%7D" },
	};
	struct picture p;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_msg(picture_read(&p, cases[i].url) == 0, "%s", cases[i].url);
		ck_assert_str_eq(p.host, cases[i].host);
		ck_assert_int_eq(p.port, cases[i].port);
		ck_assert_str_eq(p.path, cases[i].path);
	}
}
END_TEST

START_TEST(other_urls_are_not_fetched)
{
	static const char *const cases[] = { "", "a.jpg", "/img/a.jpg", "//a.b/c", "http://a.b/c",
		"ftp://a.b/c", "file:///etc/passwd", "data:image/png;base64,AA", "https:/a.b/c",
		"https://", "https:///c", "https://user@a.b/c", "https://user:word@a.b/c",
		"https://a.b@127.0.0.1/c", "https://a.b:0/c", "https://a.b:65536/c", "https://a.b:/c",
		"https://a.b:x/c", "https://a.b:443x/c", "https://a b/c", "https://a.b\\@c/d",
		"https://[::1/c", "https://[a.b]/c", "https://[]/c", "https://-a.b/c", "https://.a/c",
		"https://бургер.укр/c", "https://a.b/\r\nX: y", "https://a.b/\x7f", "https://a_b/c",
		"gopher://a.b/c" };
	struct picture p;
	char longest[2 * PICTURE_PATH + 100] = "https://a.b/";

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(picture_read(&p, cases[i]) == -1, "%s", cases[i]);
	ck_assert_int_eq(picture_read(&p, NULL), -1);
	memset(longest + 12, 'a', PICTURE_PATH);
	ck_assert_int_eq(picture_read(&p, longest), -1);
	memset(longest + 8, 'a', PICTURE_HOST);
	ck_assert_int_eq(picture_read(&p, longest), -1);
}
END_TEST

START_TEST(only_the_open_internet_is_asked)
{
	static const char *const outside[] = { "8.8.8.8", "1.1.1.1", "100.63.0.1", "100.128.0.1",
		"172.15.0.1", "172.32.0.1", "192.167.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.254",
		"2a00:1450:4001::1", "2606:4700::1111", "3ffe::1" };
	static const char *const inside[] = { "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3",
		"100.64.0.1", "100.127.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.9.9",
		"198.51.100.7", "203.0.113.7", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "100::1",
		"fe80::1", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "2001::1",
		"2002:7f00:1::1", "3fff::1", "4000::1", "", "a.b", "127.1", "0x7f000001", "2130706433",
		"1.2.3.4.5", "[::1]", "8.8.8.8 " };

	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
		ck_assert_msg(picture_is_outside(outside[i]), "%s", outside[i]);
	for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
		ck_assert_msg(!picture_is_outside(inside[i]), "%s", inside[i]);
}
END_TEST

/* ---- over the API */

/* Dish `key` with this picture; its id. */
static int64_t
put_dish(const char *key, const char *url)
{
	const struct catalog_rules rules = { .now = RIG_NOW };
	const struct catalog_product p = { .key = key, .name = "Борщ", .image_url = url };
	const struct catalog_offer offer = { .branch_id = 1, .price = 9900, .stock = 5,
		.stock_known = 1, .on_sale = 1 };
	struct db *db = rig_app()->db;
	char query[100];

	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_ge(catalog_put(db, &p, &offer, 1, &rules, NULL), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
	snprintf(query, sizeof query, "SELECT id FROM product WHERE pos_product_id = '%s'", key);
	return rig_sql_int(query);
}

static void
set_address(const char *host, const char *address)
{
	struct db *db = rig_app()->db;

	ck_assert_int_eq(db_begin(db), 0);
	ck_assert_int_eq(picture_set_host(db, host, address), 0);
	ck_assert_int_eq(db_end(db, 1), 0);
}

static const char *
image_url(int64_t id)
{
	char path[64];

	snprintf(path, sizeof path, "/products/%lld", (long long)id);
	return rig_text(rig_call("GET", path, NULL), "/product/image_url");
}

START_TEST(a_dishs_picture_has_an_address_of_ours)
{
	const char *first, *second;
	char path[100];
	int64_t id;

	rig_begin();
	rig_seed();
	id = put_dish("q1", "https://cdn.example.com/1.jpg");
	first = image_url(id);
	snprintf(path, sizeof path, "/img/%lld/", (long long)id);
	ck_assert_int_eq(strncmp(first, path, strlen(path)), 0);
	ck_assert_str_eq(image_url(id), first);
	/* another picture, another address: the old one is no longer answered */
	put_dish("q1", "https://cdn.example.com/2.jpg");
	set_address("cdn.example.com", "8.8.8.8");
	second = image_url(id);
	ck_assert_str_ne(first, second);
	rig_ok(rig_call("GET", second, NULL), 200);
	rig_refused(rig_call("GET", first, NULL), 404, "not_found");
	/* what we would not fetch is not shown */
	put_dish("q1", "http://cdn.example.com/1.jpg");
	snprintf(path, sizeof path, "/products/%lld", (long long)id);
	ck_assert(!rig_has(rig_call("GET", path, NULL), "/product/image_url"));
	rig_refused(rig_call("GET", second, NULL), 404, "not_found");
	rig_end();
}
END_TEST

START_TEST(nginx_is_told_where_it_lies)
{
	const struct rig_reply *a;
	int64_t id;

	rig_begin();
	rig_seed();
	id = put_dish("q1", "https://cdn.example.com:8443/1.jpg?w=2");
	rig_refused(rig_call("GET", image_url(id), NULL), 404, "not_found");
	set_address("cdn.example.com", "2606:4700::1111");
	a = rig_call("GET", image_url(id), NULL);
	rig_ok(a, 200);
	ck_assert_str_eq(rig_header(a, "X-Accel-Redirect"), "/.picture");
	ck_assert_str_eq(rig_header(a, "X-Picture-At"), "[2606:4700::1111]:8443");
	ck_assert_str_eq(rig_header(a, "X-Picture-Host"), "cdn.example.com:8443");
	ck_assert_str_eq(rig_header(a, "X-Picture-Name"), "cdn.example.com");
	ck_assert_str_eq(rig_header(a, "X-Picture-Path"), "/1.jpg?w=2");
	ck_assert_ptr_null(rig_header(a, "Cache-Control"));
	rig_refused(rig_call("GET", "/img/1/1", NULL), 404, "not_found");
	rig_refused(rig_call("GET", "/img/999/1", NULL), 404, "not_found");
	rig_refused(rig_call("GET", "/img/https://127.0.0.1/", NULL), 404, "not_found");
	rig_refused(rig_call("POST", image_url(id), "{}"), 405, "method_not_allowed");
	rig_memory(16);
	rig_refused(rig_call("GET", "/img/1/1", NULL), 500, "internal");
	rig_end();
}
END_TEST

/* However it came into the table: an inside address is asked of the till's own host alone. */
START_TEST(inside_addresses_are_the_tills_own_or_none)
{
	static const struct { const char *url, *host, *address; int status; } cases[] = {
		{ "https://127.0.0.1:8443/1.png", "127.0.0.1", "127.0.0.1", 200 },
		{ "https://127.0.0.1:9999/1.png", "127.0.0.1", "127.0.0.1", 404 },
		{ "https://127.0.0.1/1.png", "127.0.0.1", "127.0.0.1", 404 },
		{ "https://evil.example.com/1.png", "evil.example.com", "127.0.0.1", 404 },
		{ "https://evil.example.com:8443/1.png", "evil.example.com", "127.0.0.1", 404 },
		{ "https://meta.example.com/1.png", "meta.example.com", "169.254.169.254", 404 },
		{ "https://169.254.169.254/latest", "169.254.169.254", "169.254.169.254", 404 },
		{ "https://[::1]:8443/1.png", "::1", "::1", 404 },
		{ "https://cdn.example.com/1.png", "cdn.example.com", "", 404 },
		{ "https://cdn.example.com/2.png", "cdn.example.com", "9.9.9.9", 200 },
	};
	int64_t id;

	rig_begin();
	rig_seed();
	rig_set("POS_URL", TILL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		id = put_dish("q1", cases[i].url);
		set_address(cases[i].host, cases[i].address);
		ck_assert_msg(rig_call("GET", image_url(id), NULL)->status == cases[i].status, "%s",
		    cases[i].url);
	}
	rig_end();
}
END_TEST

START_TEST(each_host_is_written_down_once)
{
	static const char *const urls[] = { "https://b.example/1", "https://a.example/1",
		"https://b.example/2", "http://c.example/1", "nonsense", NULL };
	char host[PICTURE_HOST] = "", address[PICTURE_ADDRESS], key[8];
	struct db *db;

	rig_begin();
	rig_seed();
	for (int i = 0; i < 6; i++) {
		snprintf(key, sizeof key, "q%d", i);
		put_dish(key, urls[i]);
	}
	db = rig_app()->db;
	set_address("b.example", "9.9.9.9");
	ck_assert_int_eq(picture_next_host(db, host, host, address), 1);
	ck_assert_str_eq(host, "a.example");
	ck_assert_str_eq(address, "");
	ck_assert_int_eq(picture_next_host(db, host, host, address), 1);
	ck_assert_str_eq(host, "b.example");
	ck_assert_str_eq(address, "9.9.9.9");
	ck_assert_int_eq(picture_next_host(db, host, host, address), 0);
	rig_end();
}
END_TEST

int
main(void)
{
	return SUITE("picture", a_url_is_taken_apart, other_urls_are_not_fetched,
	    only_the_open_internet_is_asked, a_dishs_picture_has_an_address_of_ours,
	    nginx_is_told_where_it_lies, inside_addresses_are_the_tills_own_or_none,
	    each_host_is_written_down_once);
}
