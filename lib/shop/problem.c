/* problem.c - the table of refusals; see problem.h */
#include <stddef.h>

#include "lib/base/log.h"
#include "lib/shop/problem.h"

struct row {
	int status;
	const char *code, *text[LANGUAGES];
};

static const struct row rows[PROBLEMS] = {
	[OK] = { 200, "ok", { "Гаразд", "OK" } },
	[BAD_REQUEST] = { 400, "bad_request", { "Незрозумілий запит", "Bad request" } },
	[BAD_JSON] = { 400, "bad_json", { "Тіло запиту не є правильним JSON", "The body is not valid JSON" } },
	[BAD_ENCODING] = { 400, "bad_encoding", { "Запит містить неприпустимі байти", "The request holds bytes that are not allowed" } },
	[UNAUTHORIZED] = { 401, "unauthorized", { "Потрібно увійти", "Unauthorized" } },
	[WRONG_CREDENTIALS] = { 401, "wrong_credentials", { "Неправильна пошта або пароль", "Wrong e-mail or password" } },
	[BAD_SIGNATURE] = { 401, "bad_signature", { "Підпис не збігається", "The signature is missing or wrong" } },
	[STALE_MESSAGE] = { 401, "stale_message", { "Повідомлення застаріле", "The message is too old, or from the future" } },
	[ACCOUNT_BLOCKED] = { 403, "account_blocked", { "Обліковий запис заблоковано", "The account is blocked" } },
	[CROSS_SITE] = { 403, "cross_site", { "Запит надійшов з чужої сторінки", "The request comes from a page of another site" } },
	[NOT_FOUND] = { 404, "not_found", { "Не знайдено", "Not Found" } },
	[METHOD_NOT_ALLOWED] = { 405, "method_not_allowed", { "Метод не підтримується", "Method not allowed" } },
	[EMAIL_TAKEN] = { 409, "email_taken", { "Ця пошта вже зареєстрована", "This e-mail is already registered" } },
	[OWN_ACCOUNT] = { 409, "own_account", { "Власний обліковий запис змінює хтось інший", "Somebody else has to change your own account" } },
	[LAST_ADMIN] = { 409, "last_admin", { "Це останній адміністратор", "This is the last admin" } },
	[CART_EMPTY] = { 409, "cart_empty", { "Кошик порожній", "The cart is empty" } },
	[CART_CHANGED] = { 409, "cart_changed", { "Кошик змінився, перевірте його", "The cart has changed, look at it again" } },
	[TOTAL_CHANGED] = { 409, "total_changed", { "Сума змінилася", "The total has changed" } },
	[ITEM_UNAVAILABLE] = { 409, "item_unavailable", { "Деяких страв уже немає", "Some items are not available" } },
	[BRANCH_CLOSED] = { 409, "branch_closed", { "Заклад зараз не приймає замовлень", "The branch is closed" } },
	[BRANCH_PAUSED] = { 409, "branch_paused", { "Заклад тимчасово не приймає замовлень", "The branch takes no orders for a while" } },
	[BRANCH_ORDER_TYPE] = { 409, "branch_order_type", { "Цей заклад не приймає таких замовлень", "The branch does not take orders of this type" } },
	[NO_BRANCH] = { 409, "no_branch", { "Жоден заклад зараз не може виконати це замовлення", "No branch can take this order now" } },
	[TOO_MANY_OPEN_ORDERS] = { 409, "too_many_open_orders", { "Забагато відкритих замовлень", "Too many open orders" } },
	[CART_FULL] = { 409, "cart_full", { "У кошику забагато позицій", "The cart has too many lines" } },
	[CALL_BRANCH] = { 409, "call_branch", { "Зателефонуйте до закладу", "Please call the branch" } },
	[ORDER_FINAL] = { 409, "order_final", { "Це замовлення вже завершено", "This order has ended already" } },
	[PRICE_CHANGED] = { 409, "price_changed", { "Ціни змінилися", "Prices have changed" } },
	[BEING_SENT] = { 409, "being_sent", { "Замовлення саме передається, зачекайте кілька секунд", "It is being sent at this moment, wait a few seconds" } },
	[ORDER_UNRESOLVED] = { 409, "order_unresolved", { "Спершу скажіть, чи є замовлення на касі", "Say first whether the till has the order" } },
	[NO_STOCK_LEFT] = { 409, "no_stock_left", { "Страв уже не вистачає", "There are not enough portions left" } },
	[AT_THE_TILL] = { 409, "at_the_till", { "Замовлення вже є на касі", "The till has the order already" } },
	[MOVE_NOT_ALLOWED] = { 409, "move_not_allowed", { "З цього стану так не можна", "It cannot go there from its state" } },
	[TOO_LARGE] = { 413, "too_large", { "Запит завеликий", "The request is too large" } },
	[WRONG_MEDIA_TYPE] = { 415, "wrong_media_type", { "Очікується application/json", "application/json is expected" } },
	[INVALID_FIELD] = { 422, "invalid_field", { "Деякі поля заповнено неправильно", "Some fields are not valid" } },
	[ADDRESS_REQUIRED] = { 422, "address_required", { "Вкажіть адресу доставки", "A delivery address is required" } },
	[COORDINATES_REQUIRED] = { 422, "coordinates_required", { "Вкажіть точку на мапі", "Coordinates of the address are required" } },
	[PHONE_REQUIRED] = { 422, "phone_required", { "Вкажіть номер телефону", "A contact phone is required" } },
	[OUT_OF_AREA] = { 422, "out_of_area", { "Сюди заклад не доставляє", "The branch does not deliver there" } },
	[BELOW_MINIMUM] = { 422, "below_minimum", { "Сума замала для доставки", "The subtotal is too small for delivery" } },
	[KEY_REUSED] = { 422, "idempotency_key_reused", { "Idempotency-Key уже використано для іншого запиту", "The Idempotency-Key was used for another request" } },
	[RESET_TOKEN_INVALID] = { 422, "reset_token_invalid", { "Посилання вже не діє, замовте нове", "The link is not good any more, ask for a new one" } },
	[TOO_MANY_REQUESTS] = { 429, "too_many_requests", { "Забагато запитів, зачекайте", "Too many requests, wait a little" } },
	[INTERNAL] = { 500, "internal", { "Внутрішня помилка", "Internal error" } },
	[BUSY] = { 503, "busy", { "Спробуйте ще раз за мить", "Busy, try again in a moment" } },
	[WRITING_STOPPED] = { 503, "writing_stopped", { "Замовлення тимчасово не приймаються", "Nothing can be changed at the moment" } },
	[NOT_READY] = { 503, "not_ready", { "Магазин не готовий", "The shop is not ready" } },
};

static const struct row *
row(enum problem p)
{
	if ((int)p < 0 || p >= PROBLEMS || rows[p].code == NULL)
		panic("problem %d has no row", (int)p);
	return &rows[p];
}

int
problem_status(enum problem p)
{
	return row(p)->status;
}

const char *
problem_code(enum problem p)
{
	return row(p)->code;
}

const char *
problem_text(enum problem p, enum language l)
{
	return row(p)->text[l];
}
