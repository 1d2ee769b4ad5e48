/*
 * schema.h - what the till remembers
 *
 * Money is integer kopecks, times (…_ms) are unix milliseconds.
 */
#ifndef POS_SIM_SCHEMA_H
#define POS_SIM_SCHEMA_H

enum { POS_SIM_SCHEMA = 7303 };	/* user_version: not a shop's database */

static const char pos_sim_schema[] =
"BEGIN;"
"PRAGMA user_version = 7303;"

/* Rows of the till's back office, in the order in which they are listed. */
"CREATE TABLE branch ("
"	seq INTEGER PRIMARY KEY,"
"	id TEXT NOT NULL UNIQUE,"
"	name TEXT NOT NULL,"
"	address TEXT NOT NULL,"
"	latitude REAL NOT NULL,"
"	longitude REAL NOT NULL,"
"	phone TEXT NOT NULL,"
"	hours TEXT NOT NULL"			/* JSON, see data/branches.tsv */
") STRICT;"

"CREATE TABLE product ("
"	seq INTEGER PRIMARY KEY,"
"	id TEXT NOT NULL UNIQUE,"
"	name TEXT NOT NULL,"
"	description TEXT,"
"	category TEXT NOT NULL,"
"	picture INTEGER NOT NULL DEFAULT 0 CHECK (picture IN (0, 1)),"
"	price INTEGER NOT NULL,"
"	deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),"
"	updated_ms INTEGER NOT NULL"
") STRICT;"
"CREATE INDEX product_on_sale ON product (deleted);"		/* pages and their total */
"CREATE INDEX product_by_change ON product (updated_ms);"	/* updated_since */
"CREATE INDEX product_by_name ON product (name);"		/* verbs take names too */

/* No row: the branch does not sell it. stock NULL: nobody counts it. */
"CREATE TABLE product_branch ("
"	product INTEGER NOT NULL REFERENCES product (seq),"
"	branch INTEGER NOT NULL REFERENCES branch (seq),"
"	price INTEGER NOT NULL,"
"	stock INTEGER,"
"	PRIMARY KEY (product, branch)"
") STRICT, WITHOUT ROWID;"

"CREATE TABLE client ("
"	seq INTEGER PRIMARY KEY,"
"	digits TEXT NOT NULL UNIQUE,"		/* of the phone: what is compared */
"	name TEXT NOT NULL,"
"	phone TEXT NOT NULL,"
"	email TEXT,"
"	created_ms INTEGER NOT NULL"
") STRICT;"

/* One row per order that was taken: the same our_order_id twice is a double. */
"CREATE TABLE sale ("
"	seq INTEGER PRIMARY KEY,"
"	our_order_id TEXT NOT NULL,"
"	branch INTEGER NOT NULL REFERENCES branch (seq),"
"	client INTEGER REFERENCES client (seq),"
"	order_type TEXT NOT NULL CHECK (order_type IN ('delivery', 'pickup')),"
"	address TEXT,"				/* JSON as it came */
"	delivery_fee INTEGER NOT NULL,"
"	total_sent INTEGER,"			/* what the shop thinks it costs */
"	total INTEGER NOT NULL,"		/* what the till counts */
"	notes TEXT,"
"	status TEXT NOT NULL CHECK (status IN ('accepted', 'processing',"
"	    'ready_for_pickup', 'out_for_delivery', 'delivered', 'cancelled')),"
"	idempotency_key TEXT,"
"	driver_name TEXT,"			/* NULL: nobody yet */
"	driver_phone TEXT,"
"	created_ms INTEGER NOT NULL,"
"	moved_ms INTEGER NOT NULL"
") STRICT;"
"CREATE INDEX sale_by_our_id ON sale (our_order_id);"
"CREATE INDEX sale_open ON sale (moved_ms) WHERE status NOT IN ('delivered', 'cancelled');"

"CREATE TABLE sale_item ("
"	sale INTEGER NOT NULL REFERENCES sale (seq),"
"	line INTEGER NOT NULL,"
"	product INTEGER NOT NULL REFERENCES product (seq),"
"	name TEXT NOT NULL,"			/* as the shop wrote it */
"	quantity INTEGER NOT NULL,"
"	price INTEGER NOT NULL,"		/* charged: the shop's, if it sent one */
"	price_here INTEGER NOT NULL,"		/* the till's own at that moment */
"	PRIMARY KEY (sale, line)"
") STRICT, WITHOUT ROWID;"

/* Tokens that were granted; access NULL: a refresh token that a person got. */
"CREATE TABLE grant_ ("
"	seq INTEGER PRIMARY KEY,"
"	access TEXT UNIQUE,"
"	refresh TEXT,"
"	ends_ms INTEGER NOT NULL,"
"	used INTEGER NOT NULL DEFAULT 0 CHECK (used IN (0, 1)),"
"	dead INTEGER NOT NULL DEFAULT 0 CHECK (dead IN (0, 1))"
") STRICT;"
"CREATE INDEX grant_by_refresh ON grant_ (refresh);"

/* One row per call that told of a payment. */
"CREATE TABLE payment ("
"	seq INTEGER PRIMARY KEY,"
"	sale INTEGER NOT NULL REFERENCES sale (seq),"
"	amount INTEGER NOT NULL,"
"	source TEXT NOT NULL,"
"	idempotency_key TEXT,"
"	created_ms INTEGER NOT NULL"
") STRICT;"

/* Idempotency-Key: the answer that was given, for good. */
"CREATE TABLE answer ("
"	key TEXT PRIMARY KEY,"
"	request TEXT NOT NULL,"			/* SHA-256 of method, path and body */
"	status INTEGER NOT NULL,"
"	body TEXT NOT NULL"
") STRICT, WITHOUT ROWID;"

/* Scripted trouble. times NULL: until `fault none`; 0: used up. */
"CREATE TABLE fault ("
"	seq INTEGER PRIMARY KEY,"
"	name TEXT NOT NULL,"
"	path TEXT NOT NULL,"
"	times INTEGER,"
"	skip INTEGER NOT NULL DEFAULT 0,"	/* requests let through first */
"	wait_ms INTEGER NOT NULL,"
"	hits INTEGER NOT NULL DEFAULT 0"
") STRICT;"

/* Every request, for tests that ask what was really sent; the last 10,000. */
"CREATE TABLE request ("
"	seq INTEGER PRIMARY KEY,"
"	at_ms INTEGER NOT NULL,"
"	method TEXT NOT NULL,"
"	uri TEXT NOT NULL,"
"	status INTEGER NOT NULL,"		/* 0: the line was cut */
"	authorized INTEGER NOT NULL,"
"	idempotency_key TEXT,"
"	fault TEXT"
") STRICT;"

/* What the shop is to hear; tried a few times, then left with its last error. */
"CREATE TABLE webhook ("
"	seq INTEGER PRIMARY KEY,"
"	body TEXT NOT NULL,"
"	tries INTEGER NOT NULL DEFAULT 0,"
"	next_ms INTEGER NOT NULL,"
"	done INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1)),"
"	error TEXT"
") STRICT;"
"CREATE INDEX webhook_due ON webhook (next_ms) WHERE done = 0;"

/* Of a vendor's dialect: what was asked, with what does not fit its fields … */
"CREATE TABLE asked ("
"	seq INTEGER PRIMARY KEY,"
"	method TEXT NOT NULL,"
"	path TEXT NOT NULL,"
"	query TEXT NOT NULL,"			/* JSON, as is the body */
"	body TEXT NOT NULL,"
"	complaint TEXT"
") STRICT;"

/* … and what was made: orders and clients, with what stands in their replies otherwise. */
"CREATE TABLE taken ("
"	seq INTEGER PRIMARY KEY,"
"	id TEXT NOT NULL,"
"	what TEXT NOT NULL,"			/* "order", "client" */
"	body TEXT NOT NULL,"
"	marks TEXT NOT NULL,"			/* JSON object */
"	key TEXT UNIQUE,"
"	created_ms INTEGER NOT NULL"
") STRICT;"

"CREATE TABLE setting (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
"COMMIT;";

#endif
