-- schema.sql - the data of a shop, and its documentation
--
-- Money is INTEGER kopecks, time INTEGER unix seconds UTC (a column that ends
-- in _ms: milliseconds), distance INTEGER metres, coordinates REAL degrees.
-- A closed set of three or more words is written out with OR where orders are
-- placed: for IN SQLite builds a temporary table at each insert.
-- A column without NOT NULL says what its absence means. Each index is named
-- for the query that needs it. Writers: api = pos-api, sync = pos-sync,
-- sender = pos-sender, admin = pos-admin; everybody reads.

-- ---------------------------------------------------------------- the shop

-- One row per fact about this database. Writers: admin init, migrate, restore; sender.
--   epoch         part of order references and keys: init sets the minute it was made in,
--                 counted from 2026, so that no till mistakes a new shop's orders for
--                 those of the one before; grows with each restore
--   till_cancels  yes or no: can the till's profile cancel an order? (sender)
--   till_clients  phone, email or no: by what the till's profile knows its clients (sender)
--   till_thens    0 to 4: how many calls follow an order to the till (sender)
--   till_waits    yes or no: does the till get an order when staff have accepted it? (sender)
CREATE TABLE meta (
	key   TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A branch of the chain. sync inserts, and fills in what is NULL; coordinates,
-- phone, hours, radius, supports_* and pause are the shop's once set (admin).
CREATE TABLE branch (
	id                INTEGER PRIMARY KEY,
	pos_branch_id     TEXT NOT NULL UNIQUE,        -- the till's key
	name              TEXT NOT NULL,
	sort_key          BLOB NOT NULL DEFAULT x'',   -- of name, in Ukrainian order
	address           TEXT NOT NULL DEFAULT '',
	latitude          REAL,                        -- NULL: unknown, takes pickup only
	longitude         REAL,
	band              INTEGER GENERATED ALWAYS AS (CAST((latitude + 90) * 50 AS INTEGER)) VIRTUAL,  -- strip of the map, 0.02° high (2.2 km)
	phone             TEXT,                        -- NULL: unknown
	timezone          TEXT NOT NULL DEFAULT 'Europe/Kyiv',
	operating_hours   TEXT,                        -- JSON, lib/shop/hours.h; NULL: always open
	is_active         INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),   -- 0: the till has it no longer
	supports_delivery INTEGER NOT NULL DEFAULT 1 CHECK (supports_delivery IN (0, 1)),
	supports_pickup   INTEGER NOT NULL DEFAULT 1 CHECK (supports_pickup IN (0, 1)),
	delivery_radius_m INTEGER CHECK (delivery_radius_m > 0),                    -- NULL: DELIVERY_MAX_KM alone counts
	paused_until      INTEGER,                     -- takes no orders until then; NULL: not paused
	pause_reason      TEXT,                        -- for staff alone; NULL: none was given
	eta_pickup_min    INTEGER,                     -- NULL: not told
	eta_delivery_min  INTEGER,
	created_at        INTEGER NOT NULL,
	updated_at        INTEGER NOT NULL,
	CHECK ((latitude IS NULL) = (longitude IS NULL)),
	CHECK (latitude BETWEEN -90 AND 90),
	CHECK (longitude BETWEEN -180 AND 180)
) STRICT;
-- GET /branches: all that the till still has, by name. (What a page or a circle
-- passes over is judged in the index alone, so these hold all that is asked.)
CREATE INDEX branch_listed ON branch (sort_key, id, supports_delivery, supports_pickup, latitude, is_active)
	WHERE is_active = 1;
CREATE INDEX branch_unplaced ON branch (sort_key, id, supports_pickup, is_active)
	WHERE is_active = 1 AND latitude IS NULL;
-- those near a place: strip by strip, in each from one longitude to another
CREATE INDEX branch_placed ON branch (band, longitude, latitude, supports_delivery, supports_pickup,
	delivery_radius_m, is_active) WHERE is_active = 1;

-- The till's stores by which a branch is stocked, where its stock list goes by
-- store; a store may serve several branches. Writer: sync.
CREATE TABLE branch_depot (
	branch_id INTEGER NOT NULL REFERENCES branch (id),
	depot     TEXT NOT NULL,                       -- the till's key
	PRIMARY KEY (branch_id, depot)
) STRICT, WITHOUT ROWID;

-- ------------------------------------------------------------ the catalogue

-- Categories of the till, by name. Writer: sync.
CREATE TABLE category (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL UNIQUE,
	sort_key BLOB NOT NULL                         -- Ukrainian order, utf8_sort_key()
) STRICT;
CREATE INDEX category_by_name ON category (sort_key, id);

-- A dish: one row per key of the till, the same id in every branch. The columns
-- from is_active on are sums over its branch rows, kept in the transaction that
-- changes those (lib/shop/catalog), so that a list without branch joins nothing.
CREATE TABLE product (
	id             INTEGER PRIMARY KEY,
	pos_product_id TEXT NOT NULL UNIQUE,
	pos_stock_key  TEXT,                           -- what the till's stock list calls it; NULL: nothing, or the key itself
	name           TEXT NOT NULL,
	description    TEXT,                           -- NULL: none
	category_id    INTEGER REFERENCES category (id),  -- NULL: none
	image_url      TEXT,                           -- the till's; shown as /img/… (lib/shop/picture); NULL: none
	sort_key       BLOB NOT NULL,                  -- of name
	search_text    TEXT NOT NULL,                  -- name, category, description milled (lib/shop/search); what the FTS tables index
	is_active      INTEGER NOT NULL DEFAULT 0 CHECK (is_active IN (0, 1)),  -- on sale in some branch
	min_price      INTEGER NOT NULL DEFAULT 0,     -- lowest current price of the active branches
	base_price     INTEGER NOT NULL DEFAULT 0,     -- the till's price in that branch
	best_stock     INTEGER,                        -- most that one branch can sell; NULL: not tracked
	is_available   INTEGER NOT NULL DEFAULT 0 CHECK (is_available IN (0, 1)),  -- some branch can sell one
	face           INTEGER NOT NULL DEFAULT 0,     -- hash of price and is_available in each branch: a change moves catalog_state
	created_at     INTEGER NOT NULL,
	updated_at     INTEGER NOT NULL
) STRICT;
-- One index for each order of a list, with a category and without. is_available
-- comes first, so that "only what can be had" is one stretch of it, and all
-- dishes are two that are merged; is_active stands at the end, else the engine
-- would look at each row that a page passes over.
CREATE INDEX product_by_name ON product (is_available, sort_key, id, is_active) WHERE is_active = 1;
CREATE INDEX product_by_price ON product (is_available, min_price, id, is_active) WHERE is_active = 1;
CREATE INDEX product_newest ON product (is_available, id, is_active) WHERE is_active = 1;
CREATE INDEX product_by_category ON product (category_id, is_available, sort_key, id, is_active) WHERE is_active = 1;
CREATE INDEX product_by_category_price ON product (category_id, is_available, min_price, id, is_active) WHERE is_active = 1;
CREATE INDEX product_newest_of_category ON product (category_id, is_available, id, is_active) WHERE is_active = 1;
-- a row of the stock list; several dishes may be of one store
CREATE INDEX product_by_stock_key ON product (pos_stock_key, id) WHERE pos_stock_key IS NOT NULL;
-- GET /admin/products: staff sees what is not for sale too
CREATE INDEX product_managed ON product (sort_key, id);
CREATE INDEX product_managed_by_category ON product (category_id, sort_key, id);

-- A dish in a branch. sync writes base_price, stock_quantity, is_tracked, in_feed; api writes
-- reserved_quantity (lib/shop/stock), override_price, is_hidden, stopped_until
-- and stop_reason (lib/shop/catalog_hand).
-- category_id and sort_key repeat the product's, so that a list is one index.
CREATE TABLE product_branch (
	id                 INTEGER PRIMARY KEY,
	product_id         INTEGER NOT NULL REFERENCES product (id),
	branch_id          INTEGER NOT NULL REFERENCES branch (id),
	base_price         INTEGER NOT NULL CHECK (base_price >= 0),
	override_price     INTEGER CHECK (override_price >= 0),    -- NULL: the till's price counts
	current_price      INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(override_price, base_price)) STORED,
	stock_quantity     INTEGER CHECK (stock_quantity >= 0),    -- the till's count; NULL: not tracked
	is_tracked         INTEGER NOT NULL DEFAULT 1 CHECK (is_tracked IN (0, 1, 2)), -- 0: the till says it does not count it; 2: its stock list is to tell, and has not
	reserved_quantity  INTEGER NOT NULL DEFAULT 0 CHECK (reserved_quantity >= 0),
	in_feed            INTEGER NOT NULL DEFAULT 1 CHECK (in_feed IN (0, 1)),    -- the till sells it here
	is_hidden          INTEGER NOT NULL DEFAULT 0 CHECK (is_hidden IN (0, 1)),  -- the shop hides it
	is_active          INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),  -- shown: in_feed, not hidden, (HIDE_ZERO_STOCK)
	is_available       INTEGER NOT NULL DEFAULT 0 CHECK (is_available IN (0, 1)),  -- one can be ordered: active, not stopped, stock left; kept by lib/shop/catalog
	stopped_until      INTEGER,                                -- stop list; NULL: not stopped; year 9999: until it is lifted
	stop_reason        TEXT,                                   -- for staff alone; NULL: none was given
	category_id        INTEGER,
	sort_key           BLOB NOT NULL,
	pos_last_synced_at INTEGER NOT NULL,                       -- when the till's news last changed this row
	created_at         INTEGER NOT NULL,
	updated_at         INTEGER NOT NULL,
	UNIQUE (product_id, branch_id)
) STRICT;
-- As product's. (current_price is STORED: the engine takes no virtual column
-- from an index.)
CREATE INDEX product_branch_by_name ON product_branch (branch_id, is_available, sort_key, product_id, is_active) WHERE is_active = 1;
CREATE INDEX product_branch_by_price ON product_branch (branch_id, is_available, current_price, product_id, is_active) WHERE is_active = 1;
CREATE INDEX product_branch_newest ON product_branch (branch_id, is_available, product_id, is_active) WHERE is_active = 1;
CREATE INDEX product_branch_by_category ON product_branch (branch_id, category_id, is_available, sort_key, product_id, is_active) WHERE is_active = 1;
CREATE INDEX product_branch_by_category_price ON product_branch (branch_id, category_id, is_available, current_price, product_id, is_active) WHERE is_active = 1;
CREATE INDEX product_branch_newest_of_category ON product_branch (branch_id, category_id, is_available, product_id, is_active) WHERE is_active = 1;
CREATE INDEX product_branch_stopped ON product_branch (stopped_until) WHERE stopped_until IS NOT NULL;
-- what the stock list has not told, when it was read to its end
CREATE INDEX product_branch_awaited ON product_branch (id) WHERE is_tracked = 2;
-- GET /admin/products?show=changed: what differs from the till by hand
CREATE INDEX product_branch_changed ON product_branch (product_id, branch_id) WHERE override_price IS NOT NULL OR is_hidden = 1;

-- Where the till's pictures lie. lib/shop/catalog writes a host down, sync looks
-- it up: nginx connects to no address that was not judged.
CREATE TABLE picture_host (
	host    TEXT NOT NULL PRIMARY KEY,
	address TEXT                                   -- NULL: not looked up yet, or none that may be asked
) STRICT, WITHOUT ROWID;

-- What the till's keys of categories and images stand for, where its dishes name
-- only those. Writer and reader: sync.
CREATE TABLE pos_word (
	id   INTEGER PRIMARY KEY,
	list TEXT NOT NULL CHECK (list IN ('categories', 'images')),
	key  TEXT NOT NULL,
	word TEXT NOT NULL,                            -- a name, an address
	UNIQUE (list, key)
) STRICT;
CREATE INDEX pos_word_in_turn ON pos_word (list, id);

-- The guide's Product, column by column (G15).
CREATE VIEW product_listing AS
SELECT p.id, p.pos_product_id, b.pos_branch_id, p.name, p.description,
	pb.base_price, pb.override_price, pb.current_price, pb.stock_quantity,
	p.image_url, c.name AS category, pb.is_active, pb.created_at,
	pb.updated_at, pb.pos_last_synced_at
FROM product_branch pb
JOIN product p ON p.id = pb.product_id
JOIN branch b ON b.id = pb.branch_id
LEFT JOIN category c ON c.id = p.category_id;

-- How many active dishes a list has, and how many of them can be had: branch 0 =
-- without branch, category 0 = all. Kept with the rows it counts, so that "total"
-- costs the same for any shop.
CREATE TABLE catalog_count (
	branch_id   INTEGER NOT NULL,
	category_id INTEGER NOT NULL,
	products    INTEGER NOT NULL CHECK (products >= 0),
	available   INTEGER NOT NULL DEFAULT 0 CHECK (available >= 0),
	PRIMARY KEY (branch_id, category_id)
) STRICT, WITHOUT ROWID;

-- One row. The version moves with everything a catalogue answer shows (ETag).
-- The rest bounds what browsers are told of dishes (lib/shop/catalog_tell).
CREATE TABLE catalog_state (
	id      INTEGER PRIMARY KEY CHECK (id = 1),
	version INTEGER NOT NULL,
	told_at INTEGER NOT NULL DEFAULT 0,            -- the second in which one was told last
	told    INTEGER NOT NULL DEFAULT 0,            -- and how many in it
	untold  INTEGER                                -- NULL: none; the branch of dishes that were not told; 0: of several
) STRICT;

-- Search: trigram finds inside words from three letters, word finds by prefix
-- with one or two. Both index product.search_text; lib/shop/catalog keeps them
-- (a trigger could not: trusted_schema is off).
CREATE VIRTUAL TABLE product_trigram USING fts5 (
	search_text, content='product', content_rowid='id', tokenize='trigram', detail='none',
	columnsize=0);
CREATE VIRTUAL TABLE product_word USING fts5 (
	search_text, content='product', content_rowid='id', tokenize='unicode61 remove_diacritics 0',
	prefix='1 2', detail='none', columnsize=0);
-- Small pages: the engine jumps from page to page of a common word, and reads one
-- from end to end; so a rare word beside a common one costs the same in any shop.
INSERT INTO product_trigram (product_trigram, rank) VALUES ('pgsz', 512);
INSERT INTO product_word (product_word, rank) VALUES ('pgsz', 512);

-- -------------------------------------------------------------------- people

-- A customer, or staff. Called users because user is a reserved word elsewhere.
CREATE TABLE users (
	id              INTEGER PRIMARY KEY AUTOINCREMENT,
	pos_client_id   TEXT,                          -- the till's id of him, for sending orders alone; NULL: not linked yet (sender, sync)
	pos_client_made INTEGER NOT NULL DEFAULT 0 CHECK (pos_client_made IN (0, 1)),  -- 1: we made him there; 0: found by what he typed
	email           TEXT NOT NULL UNIQUE CHECK (email = lower(email)),
	password_hash   TEXT NOT NULL,                 -- bcrypt
	name            TEXT NOT NULL,
	phone           TEXT,                          -- E.164; NULL: not given
	address         TEXT,                          -- JSON, default delivery address; NULL: none
	latitude        REAL,
	longitude       REAL,
	role            TEXT NOT NULL DEFAULT 'customer' CHECK (role IN ('customer', 'staff', 'admin')),
	locale          TEXT NOT NULL DEFAULT 'uk' CHECK (locale IN ('uk', 'en')),
	is_blocked      INTEGER NOT NULL DEFAULT 0 CHECK (is_blocked IN (0, 1)),
	created_at      INTEGER NOT NULL,
	updated_at      INTEGER NOT NULL
) STRICT;
-- GET /admin/users, pos-admin user list
CREATE INDEX users_by_role ON users (role, id);
CREATE INDEX users_admins ON users (id) WHERE role = 'admin';
CREATE INDEX users_blocked ON users (id) WHERE is_blocked = 1;
CREATE INDEX users_by_phone ON users (phone) WHERE phone IS NOT NULL;
CREATE UNIQUE INDEX users_by_pos_client ON users (pos_client_id) WHERE pos_client_id IS NOT NULL;
CREATE INDEX users_unlinked ON users (id) WHERE pos_client_id IS NULL;

-- Which branches a member of staff works for. Writer: admin.
CREATE TABLE staff_branch (
	user_id   INTEGER NOT NULL REFERENCES users (id),
	branch_id INTEGER NOT NULL REFERENCES branch (id),
	PRIMARY KEY (user_id, branch_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_of_branch ON staff_branch (branch_id, user_id);

-- A login on one device; "sid" of its access tokens. Ended = refused at once.
-- A row lives as long as a refresh token of it has not expired.
CREATE TABLE session (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id    INTEGER NOT NULL REFERENCES users (id),
	created_at INTEGER NOT NULL,
	seen_at    INTEGER NOT NULL,                   -- last login or refresh
	place      BLOB,                               -- HMAC of the network address then; NULL: not told
	ended_at   INTEGER                             -- NULL: alive
) STRICT;
-- has this account logged in from there? (app/guess)
CREATE INDEX session_of_place ON session (user_id, place, seen_at) WHERE place IS NOT NULL;
CREATE INDEX session_of_user ON session (user_id, id) WHERE ended_at IS NULL;

-- Refresh tokens, hashed. The session is the family: reuse of a rotated one
-- ends it.
CREATE TABLE refresh_token (
	hash       BLOB NOT NULL PRIMARY KEY,          -- SHA-256
	session_id INTEGER NOT NULL REFERENCES session (id),
	issued_at  INTEGER NOT NULL,
	expires_at INTEGER NOT NULL,
	rotated_at INTEGER                             -- NULL: the newest of its family
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_of_session ON refresh_token (session_id);
CREATE INDEX refresh_token_expired ON refresh_token (expires_at);

-- Tokens that let a person choose a new password, hashed; used once. Writers:
-- sender (when the mail is made), api.
CREATE TABLE password_reset (
	hash       BLOB NOT NULL PRIMARY KEY,          -- SHA-256
	user_id    INTEGER NOT NULL REFERENCES users (id),
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX password_reset_of_user ON password_reset (user_id);
CREATE INDEX password_reset_expired ON password_reset (expires_at);

-- ---------------------------------------------------------------------- cart

CREATE TABLE cart (
	id         INTEGER PRIMARY KEY,
	user_id    INTEGER NOT NULL UNIQUE REFERENCES users (id),
	branch_id  INTEGER REFERENCES branch (id),     -- NULL: not chosen yet
	version    INTEGER NOT NULL DEFAULT 1,         -- grows with each change
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE cart_item (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	cart_id      INTEGER NOT NULL REFERENCES cart (id),
	product_id   INTEGER NOT NULL REFERENCES product (id),
	options      TEXT NOT NULL DEFAULT '',         -- chosen options, part of the line's identity
	quantity     INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 99),
	price_at_add INTEGER NOT NULL CHECK (price_at_add >= 0),
	priced_at    INTEGER NOT NULL,                 -- price_at_add holds PRICE_HOLD_HOURS from here; 0: it was not sold, nothing holds
	created_at   INTEGER NOT NULL,
	updated_at   INTEGER NOT NULL,
	UNIQUE (cart_id, product_id, options)
) STRICT;
CREATE INDEX cart_item_of_product ON cart_item (product_id);

-- -------------------------------------------------------------------- orders

-- The last number given out on a day (YYYYMMDD in DEFAULT_TIMEZONE).
CREATE TABLE order_number (
	day  INTEGER NOT NULL PRIMARY KEY,
	last INTEGER NOT NULL
) STRICT;

CREATE TABLE orders (
	id                        INTEGER PRIMARY KEY AUTOINCREMENT,
	ref                       TEXT NOT NULL,         -- what the till knows us by: epoch and id, so it is unique
	day                       INTEGER NOT NULL,
	number                    INTEGER NOT NULL,      -- short, per day: the one people say aloud
	user_id                   INTEGER NOT NULL REFERENCES users (id),
	branch_id                 INTEGER NOT NULL REFERENCES branch (id),
	pos_order_id              TEXT,                  -- NULL: the till has not answered yet
	order_type                TEXT NOT NULL CHECK (order_type IN ('delivery', 'pickup')),
	status                    TEXT NOT NULL DEFAULT 'pending' CHECK (
		status = 'pending' OR status = 'sent_to_pos' OR status = 'processing'
		OR status = 'ready_for_pickup' OR status = 'out_for_delivery'
		OR status = 'delivered' OR status = 'cancelled' OR status = 'failed'),
	submission                TEXT NOT NULL DEFAULT 'queued' CHECK (
		submission = 'queued' OR submission = 'sending' OR submission = 'sent'
		OR submission = 'checking' OR submission = 'stopped'),
	attention                 TEXT CHECK (
		attention = 'not_accepted' OR attention = 'uncertain' OR attention = 'stuck'
		OR attention = 'cancel_unanswered' OR attention = 'total_differs'
		OR attention = 'incomplete'),  -- NULL: nothing wrong
	reason_code               TEXT,                  -- why failed or cancelled; NULL otherwise
	subtotal                  INTEGER NOT NULL CHECK (subtotal >= 0),
	delivery_fee              INTEGER NOT NULL CHECK (delivery_fee >= 0),
	total_amount              INTEGER NOT NULL CHECK (total_amount = subtotal + delivery_fee),
	currency                  TEXT NOT NULL DEFAULT 'UAH',
	payment                   TEXT NOT NULL DEFAULT 'on_receipt' CHECK (payment IN ('on_receipt')),
	contact_name              TEXT NOT NULL,
	contact_phone             TEXT NOT NULL,         -- E.164
	delivery_address          TEXT,                  -- JSON snapshot; NULL for pickup
	delivery_latitude         REAL,
	delivery_longitude        REAL,
	delivery_distance_m       INTEGER,
	branch_name               TEXT NOT NULL,         -- snapshots of the branch
	branch_address            TEXT NOT NULL,
	branch_phone              TEXT,
	notes                     TEXT,                  -- the customer's words, never changed by us
	created_at                INTEGER NOT NULL,
	updated_at                INTEGER NOT NULL,
	pos_sent_at               INTEGER,               -- NULL: the till does not have it
	pos_last_status_update_at INTEGER,
	cancel_requested_at       INTEGER,               -- the customer asked and the till has not answered; NULL: no
	cancel_refused_at         INTEGER,               -- the till said no; NULL: it did not
	moved_by_hand             INTEGER NOT NULL DEFAULT 0 CHECK (moved_by_hand IN (0, 1)),
	driver_name               TEXT,                  -- who brings it, as the till told; NULL: it did not
	driver_phone              TEXT,                  -- as the till wrote it; NULL: not told
	poll_at                   INTEGER,               -- when to ask the till again; NULL: no more
	gone_at                   INTEGER,               -- first time the till did not know it; NULL: it does
	UNIQUE (day, number),
	CHECK (order_type = 'pickup' OR (delivery_address IS NOT NULL AND delivery_latitude IS NOT NULL
		AND delivery_longitude IS NOT NULL))
) STRICT;
CREATE INDEX orders_of_user ON orders (user_id, id);
CREATE INDEX orders_of_user_by_status ON orders (user_id, status, id);
CREATE INDEX orders_of_branch ON orders (branch_id, id);
CREATE INDEX orders_open_of_user ON orders (user_id) WHERE status NOT IN ('delivered', 'cancelled', 'failed');
CREATE INDEX orders_open_of_phone ON orders (contact_phone) WHERE status NOT IN ('delivered', 'cancelled', 'failed');
CREATE INDEX orders_to_poll ON orders (poll_at, id) WHERE poll_at IS NOT NULL;
CREATE INDEX orders_open_by_status ON orders (status, created_at, id) WHERE status NOT IN ('delivered', 'cancelled', 'failed');
-- GET /admin/orders?open=true: what calls people, then who waits longest
CREATE INDEX orders_urgent ON orders (attention IS NULL, id) WHERE status NOT IN ('delivered', 'cancelled', 'failed');
CREATE INDEX orders_by_pos_order ON orders (pos_order_id) WHERE pos_order_id IS NOT NULL;

-- What was sold, as it was sold. Never changed.
CREATE TABLE order_item (
	id             INTEGER PRIMARY KEY,
	order_id       INTEGER NOT NULL REFERENCES orders (id),
	product_id     INTEGER NOT NULL REFERENCES product (id),
	pos_product_id TEXT NOT NULL,
	name           TEXT NOT NULL,
	quantity       INTEGER NOT NULL CHECK (quantity > 0),
	unit_price     INTEGER NOT NULL CHECK (unit_price >= 0),
	total_price    INTEGER NOT NULL CHECK (total_price = quantity * unit_price)
) STRICT;
CREATE INDEX order_item_of_order ON order_item (order_id, id);
CREATE INDEX order_item_of_product ON order_item (product_id);

-- The way an order went: one row per status, in order. Writer: lib/shop/order.
CREATE TABLE order_move (
	id       INTEGER PRIMARY KEY,
	order_id INTEGER NOT NULL REFERENCES orders (id),
	status   TEXT NOT NULL,
	by       TEXT NOT NULL CHECK (
		by = 'customer' OR by = 'till' OR by = 'staff' OR by = 'clock'),
	at       INTEGER NOT NULL
) STRICT;
CREATE INDEX order_move_of_order ON order_move (order_id, id);

-- Portions an open order holds back. It ends when the order fails or is
-- cancelled, or with the first count of the dish by a run later than seen_run
-- (design: available is never more than the till has).
CREATE TABLE reservation (
	id         INTEGER PRIMARY KEY,
	order_id   INTEGER NOT NULL REFERENCES orders (id),
	product_id INTEGER NOT NULL REFERENCES product (id),
	branch_id  INTEGER NOT NULL REFERENCES branch (id),
	quantity   INTEGER NOT NULL CHECK (quantity > 0),
	seen_run   INTEGER                             -- sync_run that saw the till take the goods; NULL: not yet
) STRICT;
CREATE INDEX reservation_of_order ON reservation (order_id);
CREATE INDEX reservation_seen ON reservation (branch_id, product_id, seen_run) WHERE seen_run IS NOT NULL;

-- ------------------------------------------------------------ notifications

-- What people behind the counter wrote to customers: the words once, and how far
-- they got. Writers: api; sync, which carries those to many (lib/shop/broadcast).
CREATE TABLE broadcast (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	created_by INTEGER NOT NULL REFERENCES users (id),
	type       TEXT NOT NULL CHECK (type IN ('promo', 'system')),
	title      TEXT NOT NULL,
	message    TEXT NOT NULL,
	audience   TEXT NOT NULL CHECK (audience IN ('users', 'branch', 'all')),
	branch_id  INTEGER REFERENCES branch (id),     -- NULL unless for a branch's customers
	created_at INTEGER NOT NULL,
	sent       INTEGER NOT NULL DEFAULT 0,         -- notifications that were written
	read       INTEGER NOT NULL DEFAULT 0,         -- of them read; kept by a trigger below
	next_user  INTEGER,                            -- go on behind this one; NULL: done
	last_user  INTEGER NOT NULL                    -- who registered later does not get it
) STRICT;
CREATE INDEX broadcast_under_way ON broadcast (next_user) WHERE next_user IS NOT NULL;
CREATE INDEX broadcast_of_user ON broadcast (created_by, id);

-- What a customer is told. The text is made when read, from template and
-- params in the reader's language; what staff wrote by hand stands in its
-- broadcast. Ids are in the order of time: pruning goes by id.
CREATE TABLE notification (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id     INTEGER NOT NULL REFERENCES users (id),
	type        TEXT NOT NULL CHECK (
		type = 'order_status' OR type = 'promo' OR type = 'system'),
	template    TEXT,                              -- NULL: the words are given
	params      TEXT NOT NULL DEFAULT '{}',        -- JSON
	title       TEXT,
	message     TEXT,
	broadcast_id INTEGER REFERENCES broadcast (id),  -- NULL: not written by hand
	order_id    INTEGER REFERENCES orders (id),    -- NULL: about no order
	read_status INTEGER NOT NULL DEFAULT 0 CHECK (read_status IN (0, 1)),
	created_at  INTEGER NOT NULL,
	CHECK (template IS NOT NULL OR broadcast_id IS NOT NULL
		OR (title IS NOT NULL AND message IS NOT NULL))
) STRICT;
CREATE INDEX notification_of_user ON notification (user_id, id);
CREATE INDEX notification_of_user_by_read ON notification (user_id, read_status, id);
CREATE INDEX notification_of_order ON notification (order_id) WHERE order_id IS NOT NULL;

-- Whoever marks it as read, one or all, counts.
CREATE TRIGGER broadcast_read AFTER UPDATE OF read_status ON notification
WHEN new.broadcast_id IS NOT NULL AND new.read_status = 1 AND old.read_status = 0
BEGIN
	UPDATE broadcast SET read = read + 1 WHERE id = new.broadcast_id;
END;

-- What browsers should hear, in the order of its commits. Reader: pos-push.
-- Pruning goes by id.
CREATE TABLE event (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id    INTEGER,                            -- NULL: for staff, or for all
	branch_id  INTEGER,                            -- NULL: not about one branch
	type       TEXT NOT NULL,
	payload    TEXT NOT NULL,                      -- JSON
	created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX event_of_user ON event (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX event_of_shop ON event (id) WHERE user_id IS NULL;

-- ------------------------------------------------------------------ the till

-- What we owe somebody outside. Written with the thing it is about; taken by
-- sender. request_* are frozen when first sent, and sent again as they are.
CREATE TABLE outbox (
	id              INTEGER PRIMARY KEY AUTOINCREMENT,
	lane            TEXT NOT NULL CHECK (lane = 'pos' OR lane = 'client' OR lane = 'mail' OR lane = 'push'),
	kind            TEXT NOT NULL CHECK (
		kind = 'order' OR kind = 'then' OR kind = 'cancel' OR kind = 'client'
		OR kind = 'mail' OR kind = 'push'),  -- then: a call that follows an order (profile: order.then)
	order_id        INTEGER REFERENCES orders (id),   -- NULL unless about an order
	user_id         INTEGER REFERENCES users (id),    -- NULL unless about a client
	idempotency_key TEXT NOT NULL UNIQUE,
	payload         TEXT NOT NULL DEFAULT '{}',       -- JSON that the kind needs
	request_id      TEXT,                             -- of the HTTP request that owes it; NULL: none did
	request         BLOB,                             -- frozen bytes; NULL: never sent
	state           TEXT NOT NULL DEFAULT 'due' CHECK (
		state = 'due' OR state = 'claimed' OR state = 'sent' OR state = 'uncertain'
		OR state = 'refused' OR state = 'parked'),
	mode            TEXT NOT NULL DEFAULT 'send' CHECK (mode IN ('send', 'find')),  -- find: look before sending
	attempts        INTEGER NOT NULL DEFAULT 0,       -- tries that count
	next_ms         INTEGER NOT NULL,                 -- not before
	lease_ms        INTEGER,                          -- claimed until; NULL: not claimed
	sent_at         INTEGER,                          -- since when the till may have it; NULL: it surely has not
	finds           INTEGER NOT NULL DEFAULT 0,       -- looks that found nothing
	last_outcome    TEXT,                             -- NULL: not tried
	last_error      TEXT,                             -- scrubbed of secrets, bounded
	created_at      INTEGER NOT NULL,
	updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_due ON outbox (lane, next_ms, id) WHERE state = 'due';
CREATE INDEX outbox_claimed ON outbox (lease_ms) WHERE state = 'claimed';
CREATE INDEX outbox_trouble ON outbox (state, id) WHERE state IN ('uncertain', 'refused', 'parked');
-- /admin/outbox: what needs a person, then what waits
CREATE INDEX outbox_waiting ON outbox (state, id DESC) WHERE state IN ('uncertain', 'due', 'claimed');
CREATE INDEX outbox_of_order ON outbox (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX outbox_of_user ON outbox (user_id, id) WHERE user_id IS NOT NULL;

-- Whether a lane may be used: one breaker per lane. Writer: sender.
CREATE TABLE lane (
	name        TEXT NOT NULL PRIMARY KEY CHECK (name IN ('pos', 'client', 'mail', 'push')),
	failures    INTEGER NOT NULL DEFAULT 0,           -- in a row
	open_until  INTEGER NOT NULL DEFAULT 0,           -- breaker: nothing is sent before
	paused_why  TEXT                                  -- NULL: running; else until an operator resumes
) STRICT, WITHOUT ROWID;

-- What the till told us, raw, each event once. Writer: api (webhook).
CREATE TABLE inbox (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	event_id    TEXT NOT NULL UNIQUE,
	body        BLOB NOT NULL,
	received_at INTEGER NOT NULL,
	done_at     INTEGER                               -- NULL: not looked at yet
) STRICT;
CREATE INDEX inbox_new ON inbox (id) WHERE done_at IS NULL;
CREATE INDEX inbox_old ON inbox (received_at);

-- Each run of a feed, for people and for the rule on reservations. Writer: sync.
CREATE TABLE sync_run (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,    -- given at the start: larger = began later
	feed        TEXT NOT NULL CHECK (feed IN ('branches', 'products', 'stock', 'clients', 'orders')),
	is_full     INTEGER NOT NULL CHECK (is_full IN (0, 1)),
	started_ms  INTEGER NOT NULL,
	finished_ms INTEGER,                              -- NULL: running, or died
	outcome     TEXT CHECK (outcome IN ('ok', 'failed', 'yielded')),  -- NULL: as above
	seen        INTEGER NOT NULL DEFAULT 0,
	added       INTEGER NOT NULL DEFAULT 0,
	changed     INTEGER NOT NULL DEFAULT 0,
	unchanged   INTEGER NOT NULL DEFAULT 0,
	gone        INTEGER NOT NULL DEFAULT 0,           -- taken off sale
	bad         INTEGER NOT NULL DEFAULT 0,           -- set aside
	message     TEXT                                  -- why it failed, or which rows were set aside
) STRICT;
CREATE INDEX sync_run_of_feed ON sync_run (feed, id);
CREATE INDEX sync_run_good ON sync_run (feed, id) WHERE outcome = 'ok';
CREATE INDEX sync_run_old ON sync_run (started_ms);

-- How far a delta feed came: the till's own mark.
CREATE TABLE sync_mark (
	feed   TEXT NOT NULL,
	branch TEXT NOT NULL DEFAULT '',
	mark   TEXT NOT NULL,
	run_id INTEGER NOT NULL REFERENCES sync_run (id),
	PRIMARY KEY (feed, branch)
) STRICT, WITHOUT ROWID;

-- "Sync now" from the board or a webhook; a resident pos-sync takes it, or the
-- next run by cron that does as much (lib/shop/sync_ask).
CREATE TABLE sync_request (
	id           INTEGER PRIMARY KEY AUTOINCREMENT,
	feed         TEXT NOT NULL CHECK (
		feed IN ('all', 'branches', 'products', 'stock', 'clients', 'orders')),
	is_full      INTEGER NOT NULL DEFAULT 0 CHECK (is_full IN (0, 1)),
	requested_by INTEGER REFERENCES users (id),       -- NULL: a webhook
	requested_at INTEGER NOT NULL,
	taken_at     INTEGER                              -- NULL: waiting
) STRICT;
CREATE INDEX sync_request_waiting ON sync_request (feed, is_full) WHERE taken_at IS NULL;

-- Tokens that a till gave us (OAuth2), sealed under the key file.
CREATE TABLE pos_token (
	name       TEXT NOT NULL PRIMARY KEY,
	sealed     BLOB NOT NULL,
	expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- ----------------------------------------------------------------- safeguards

-- Answers to requests with an Idempotency-Key, stored with their effect; 7 days.
CREATE TABLE idempotency (
	user_id    INTEGER NOT NULL,                      -- 0: nobody yet (register)
	route      TEXT NOT NULL,
	key        TEXT NOT NULL,
	body_hmac  BLOB NOT NULL,
	status     INTEGER NOT NULL,
	response   TEXT NOT NULL,                         -- JSON; holds no token
	created_at INTEGER NOT NULL,
	PRIMARY KEY (user_id, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_old ON idempotency (created_at);

-- Who changed what by hand. Writers: api (/admin), admin.
CREATE TABLE audit (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	user_id INTEGER REFERENCES users (id),            -- NULL: the operator's shell
	action  TEXT NOT NULL,
	object  TEXT NOT NULL,
	detail  TEXT NOT NULL DEFAULT '{}',               -- JSON, old and new
	at      INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_of_object ON audit (object, id);
CREATE INDEX audit_of_user ON audit (user_id, id);
CREATE INDEX audit_of_action ON audit (action, id);

INSERT INTO meta (key, value) VALUES ('epoch', '1');
INSERT INTO catalog_state (id, version) VALUES (1, 1);
INSERT INTO lane (name) VALUES ('pos'), ('client'), ('mail'), ('push');
