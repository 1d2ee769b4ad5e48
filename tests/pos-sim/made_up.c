/* made_up.c - a catalogue of any size, by rule: dish N is always the same */
#include <stdio.h>

#include "lib/base/clock.h"
#include "tests/pos-sim/seed.h"

enum { TEXT = 256, DAY_MS = 24 * 60 * 60 * 1000 };

#define OF(list, n) list[(n) % (int64_t)(sizeof(list) / sizeof *(list))]

static const char *const dishes[] = {
	"Борщ", "Вареники", "Деруни", "Котлета", "Салат", "Піца", "Суп", "Плов", "Паста",
	"Бургер", "Млинці", "Голубці", "Сирники", "Шашлик", "Рулет", "Пиріг", "Компот", "Узвар",
};
static const char *const manners[] = {
	"домашній смак", "по-київськи", "з грибами", "з куркою", "з телятиною", "зі сметаною",
	"з печі", "на грилі", "по-селянськи", "з зеленню", "святковий рецепт", "від шефа",
	"з гарбузом",
};
static const char *const categories[] = {
	"Супи", "Салати", "Вареники", "М'ясо", "Риба", "Піца", "Бургери", "Паста", "Гарніри",
	"Десерти", "Випічка", "Сніданки", "Дитяче меню", "Соуси", "Напої", "Гриль", "Закуски",
	"Чай і кава", "Веганське", "Сезонне",
};

void
made_up_branches(struct store *s, int64_t count)
{
	static const char hours[] =
	    "{\"mon\":[[\"00:00\",\"24:00\"]],\"tue\":[[\"00:00\",\"24:00\"]],"
	    "\"wed\":[[\"00:00\",\"24:00\"]],\"thu\":[[\"00:00\",\"24:00\"]],"
	    "\"fri\":[[\"00:00\",\"24:00\"]],\"sat\":[[\"00:00\",\"24:00\"]],"
	    "\"sun\":[[\"00:00\",\"24:00\"]]}";
	char id[TEXT], name[TEXT], address[TEXT], phone[TEXT];
	struct seed_branch b = { .id = id, .name = name, .address = address, .phone = phone,
		.hours = hours };

	for (int64_t n = 1; n <= count; n++) {
		snprintf(id, sizeof id, "branch-%lld", (long long)n);
		snprintf(name, sizeof name, "Заклад № %lld", (long long)n);
		snprintf(address, sizeof address, "м. Київ, вул. Садова, %lld", (long long)n);
		snprintf(phone, sizeof phone, "+38044500%04lld", (long long)n);
		b.latitude = 50.40 + 0.01 * (double)((n - 1) % 10);
		b.longitude = 30.45 + 0.01 * (double)((n - 1) / 10);
		seed_branch(s, &b);
	}
}

void
made_up_products(struct store *s, int64_t count, int64_t branches)
{
	char id[TEXT], name[TEXT], description[TEXT];
	struct seed_product p = { .id = id, .name = name, .description = description,
		.updated_ms = clock_ms() - DAY_MS };	/* no news for who read it today */

	for (int64_t n = 1; n <= count; n++) {
		snprintf(id, sizeof id, "G%07lld", (long long)n);
		snprintf(name, sizeof name, "%s %s № %lld", OF(dishes, n), OF(manners, n / 7),
		    (long long)n);
		snprintf(description, sizeof description, "Порція %lld г, готується %lld хв",
		    (long long)(150 + n % 30 * 10), (long long)(5 + n % 40));
		p.category = OF(categories, n);
		p.price = 4500 + n * 37 % 45000;
		p.stock = n % 10 == 0 ? STORE_NULL : n * 13 % 500 + 20;
		seed_product(s, &p, branches);
	}
}
