/*
 * page.js - shows /openapi.yaml; nothing comes from elsewhere
 *
 * Without its reader (docs/reference/node_modules was not there when the shop
 * was installed) the contract is shown as the text it is, with the cure.
 */
"use strict";

function showPlain(text)
{
	const plain = document.createElement("div"), hint = document.createElement("p"),
	    words = document.createElement("pre");

	plain.id = "plain";
	hint.textContent = "The reader of this page is not installed: with npm there, run " +
	    "npm ci --ignore-scripts in docs/reference, then install again, or start the demo " +
	    "again. This is the contract as it stands in /openapi.yaml:";
	words.textContent = text;
	plain.append(hint, words);
	document.getElementById("api").replaceWith(plain);
}

if (window.SwaggerUIBundle)
	window.SwaggerUIBundle({
		url: "/openapi.yaml",
		dom_id: "#api",
		deepLinking: true,
		defaultModelsExpandDepth: 0,
		displayRequestDuration: true,
		validatorUrl: null
	});
else
	fetch("/openapi.yaml").then(answer => answer.text()).then(showPlain);
