/*
 * problem.h - every way a request can be refused: status, code, words
 *
 * One table gives the HTTP status, the machine code that clients branch on,
 * and the text in both languages. docs and tests read the same table.
 */
#ifndef PROBLEM_H
#define PROBLEM_H

enum language { LANG_UK, LANG_EN, LANGUAGES };

enum problem {
	OK = 0,
	/* 400 */
	BAD_REQUEST, BAD_JSON, BAD_ENCODING,
	/* 401 */
	UNAUTHORIZED, WRONG_CREDENTIALS, BAD_SIGNATURE, STALE_MESSAGE,
	/* 403 */
	ACCOUNT_BLOCKED, CROSS_SITE,
	/* 404, 405 */
	NOT_FOUND, METHOD_NOT_ALLOWED,
	/* 409 */
	EMAIL_TAKEN, OWN_ACCOUNT, LAST_ADMIN, CART_EMPTY, CART_CHANGED, TOTAL_CHANGED,
	ITEM_UNAVAILABLE, BRANCH_CLOSED, BRANCH_PAUSED, BRANCH_ORDER_TYPE, NO_BRANCH,
	TOO_MANY_OPEN_ORDERS, CART_FULL, CALL_BRANCH, ORDER_FINAL, PRICE_CHANGED,
	BEING_SENT, ORDER_UNRESOLVED, NO_STOCK_LEFT, AT_THE_TILL, MOVE_NOT_ALLOWED,
	/* 413, 415 */
	TOO_LARGE, WRONG_MEDIA_TYPE,
	/* 422 */
	INVALID_FIELD, ADDRESS_REQUIRED, COORDINATES_REQUIRED, PHONE_REQUIRED,
	OUT_OF_AREA, BELOW_MINIMUM, KEY_REUSED, RESET_TOKEN_INVALID,
	/* 429, 500, 503 */
	TOO_MANY_REQUESTS, INTERNAL, BUSY, WRITING_STOPPED, NOT_READY,
	PROBLEMS
};

int problem_status(enum problem);
const char *problem_code(enum problem);
const char *problem_text(enum problem, enum language);

#endif
