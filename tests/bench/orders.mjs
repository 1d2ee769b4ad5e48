// orders.mjs - orders by HTTP, one after the other, each led through its statuses
//
//	CUSTOMER=TOKEN STAFF=TOKEN node tests/bench/orders.mjs SHOP COUNT
const [shop, count] = process.argv.slice(2);

async function call(token, method, path, body) {
	const answer = await fetch(shop + path, { method, body: JSON.stringify(body),
		headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } });

	if (!answer.ok)
		throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
	return answer.json();
}

for (let n = 0; n < count; n++) {
	await call(process.env.CUSTOMER, 'PUT', '/cart',
		{ branch_id: 1, items: [{ product_id: 1, quantity: 1 }] });
	const { order } = await call(process.env.CUSTOMER, 'POST', '/orders',
		{ branch_id: 1, order_type: 'pickup', contact_phone: '+380501234567' });
	for (const status of ['sent_to_pos', 'processing', 'ready_for_pickup', 'delivered'])
		await call(process.env.STAFF, 'POST', `/admin/orders/${order.id}/move`, { status });
}
