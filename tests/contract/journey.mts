// journey.mts - a customer's whole way through a shop, by the client that is
// generated from the contract: register, browse, cart, order, cancel, reorder,
// notifications. It is compiled under tsc --strict, so it also proves that the
// types are of use: what is not in the contract does not compile.
//
//	SHOP=http://… EXCHANGES=FILE.jsonl node journey.mjs
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./api";

type Order = components["schemas"]["Order"];

const shop = process.env.SHOP ?? "";
const record = process.env.EXCHANGES;
let token: string | undefined;

// What went over the wire, for the same judge as every other exchange.
async function recorded(request: Request): Promise<Response> {
	const sent = request.body === null ? undefined : await request.clone().text();
	const answer = await fetch(request);
	if (record !== undefined)
		appendFileSync(record, JSON.stringify({
			wire: true, method: request.method, target: request.url.slice(shop.length),
			requestHeaders: Object.fromEntries(request.headers), requestBody: sent || undefined,
			status: answer.status, headers: Object.fromEntries(answer.headers),
			body: await answer.clone().text(),
		}) + "\n");
	return answer;
}

const withToken: Middleware = {
	onRequest({ request }) {
		if (token !== undefined)
			request.headers.set("Authorization", `Bearer ${token}`);
		return request;
	},
};
const api = createClient<paths>({ baseUrl: shop, fetch: recorded });
api.use(withToken);

function told<T>(answer: { data?: T; error?: unknown }): T {
	assert.ok(answer.data !== undefined, JSON.stringify(answer.error));
	return answer.data;
}

function step(words: string): void {
	console.log(`ok - ${words}`);
}

async function until(what: string, test: () => Promise<boolean>): Promise<void> {
	for (let tries = 0; tries < 150; tries++) {
		if (await test())
			return step(what);
		await new Promise(done => setTimeout(done, 200));
	}
	assert.fail(`not within 30 s: ${what}`);
}

async function browse(): Promise<{ branch: number; product: number }> {
	const { branches } = told(await api.GET("/branches", {
		params: { query: { latitude: 50.4501, longitude: 30.5234, order_type: "pickup" } } }));
	const near = branches.find(b => b.is_open && b.paused_until === null);
	assert.ok(near !== undefined && near.distance_km !== undefined);
	const found = told(await api.GET("/products", {
		params: { query: { branch_id: near.id, search: "борщ" } } }));
	const dish = found.products.find(p => p.is_available);
	assert.ok(dish !== undefined);
	const { product } = told(await api.GET("/products/{id}", {
		params: { path: { id: dish.id }, query: { branch_id: near.id } } }));
	assert.equal(product.price, dish.price);
	step("browse: the nearest branch, a soup, its page");
	return { branch: near.id, product: product.id };
}

async function register(): Promise<string> {
	const email = `client-${Date.now()}@example.com`, password = "correct horse";
	const made = told(await api.POST("/auth/register", {
		params: { header: { "Idempotency-Key": randomUUID() } },
		body: { email, password, name: "Олена", phone: "067 765-43-21" } }));
	assert.equal(made.user.phone, "+380677654321");
	const again = await api.POST("/auth/register", { body: { email, password, name: "Олена" } });
	assert.equal(again.error?.code, "email_taken");
	const wrong = await api.POST("/auth/login", { body: { email, password: "wrong horse" } });
	assert.equal(wrong.error?.code, "wrong_credentials");
	token = made.token;
	const me = told(await api.GET("/auth/me"));
	assert.equal(me.user.email, email);
	assert.ok(made.refresh_token !== undefined);
	step("register: in once, twice refused");
	return made.refresh_token;
}

async function fillCart(branch: number, product: number): Promise<number> {
	const { cart } = told(await api.POST("/cart/add", {
		body: { branch_id: branch, product_id: product, quantity: 3 } }));
	assert.equal(cart.item_count, 3);
	const line = cart.items[0];
	assert.ok(line !== undefined);
	const less = told(await api.PUT("/cart/update/{id}", {
		params: { path: { id: line.id } }, body: { quantity: 2 } }));
	assert.equal(less.cart.subtotal, line.price * 2);
	const put = told(await api.PUT("/cart", { body: { branch_id: branch } }));
	assert.deepEqual(put.missing, []);
	step("cart: put in, changed, looked through");
	return put.cart.version;
}

async function order(branch: number, version: number): Promise<Order> {
	const body = { branch_id: branch, order_type: "pickup" as const, cart_version: version,
		notes: "Без цибулі" };
	const other = await api.POST("/orders", { body: { ...body, expected_total: 1 } });
	assert.ok(other.error !== undefined && other.error.code === "total_changed");
	const total: number = other.error.total_amount;	// the code has told the type
	const key = { "Idempotency-Key": randomUUID() };
	const sent = { params: { header: key }, body: { ...body, expected_total: total } };
	const placed = told(await api.POST("/orders", sent)).order;
	const replayed = await api.POST("/orders", sent);
	assert.equal(told(replayed).order.id, placed.id);
	assert.equal(replayed.response.headers.get("Idempotency-Replayed"), "true");
	const { orders } = told(await api.GET("/orders", { params: { query: { limit: 5 } } }));
	assert.equal(orders[0]?.number, placed.number);
	step("order: at the sum that was seen, once");
	return placed;
}

async function cancel(id: number): Promise<void> {
	const asked = await api.POST("/orders/{id}/cancel", { params: { path: { id } } });
	assert.ok(asked.response.status === 200 || asked.response.status === 202);
	await until("cancel: the order is called back", async () =>
	    told(await api.GET("/orders/{id}", { params: { path: { id } } })).order.status === "cancelled");
}

async function reorder(id: number): Promise<void> {
	const { cart } = told(await api.POST("/orders/{id}/reorder", { params: { path: { id } } }));
	assert.equal(cart.item_count, 2);
	const line = cart.items[0];
	assert.ok(line !== undefined);
	step("reorder: the same is in the cart");
	const placed = told(await api.POST("/orders", {
		body: { order_type: "pickup", cart_version: cart.version } })).order;
	assert.notEqual(placed.id, id);
	const { cart: empty } = told(await api.GET("/cart"));
	assert.deepEqual(empty.items, []);
	step("and ordered");
}

async function notifications(): Promise<void> {
	const { notifications: list, total } = told(await api.GET("/notifications"));
	const first = list[0];
	assert.ok(first !== undefined && total >= 3);
	const read = told(await api.PUT("/notifications/{id}/read", {
		params: { path: { id: first.id } } }));
	assert.equal(read.notification.read_status, true);
	assert.equal(told(await api.POST("/notifications/read-all")).unread, 0);
	step("notifications: told, read");
}

async function leave(refresh_token: string): Promise<void> {
	token = told(await api.POST("/auth/refresh", { body: { refresh_token } })).token;
	assert.equal((await api.POST("/auth/logout")).response.status, 204);
	const after = await api.GET("/auth/me");
	assert.equal(after.error?.code, "unauthorized");
	step("refresh, log out, and no longer in");
}

// What the contract does not have is no TypeScript.
export async function neverCalled(): Promise<void> {
	// @ts-expect-error no such path
	await api.GET("/order");
	// @ts-expect-error a body without what is required
	await api.POST("/cart/add", { body: { quantity: 1 } });
	// @ts-expect-error no such member in an answer
	told(await api.GET("/cart")).cart.total;
	// @ts-expect-error no such code here
	(await api.GET("/cart")).error?.code === "cart_empty";
}

const refreshToken = await register();
const { branch, product } = await browse();
const version = await fillCart(branch, product);
const placed = await order(branch, version);
await cancel(placed.id);
await reorder(placed.id);
await notifications();
await leave(refreshToken);
