// Requests to the API from the ordinary pages.

/** The token that proves that a write comes from our own pages. */
export function csrfToken() {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
}

/** What went wrong, in words for people. */
export function problem(body, status) {
  if (body?.detail) return body.detail;
  if (status === 413) return gettext("The file is too large for this server.");
  return gettext("The server could not be reached. Try again in a moment.");
}

/** fetch with the token; resolves to the JSON body, throws Error(sentence) otherwise. */
export async function request(method, url, body) {
  const headers = { "X-CSRFToken": csrfToken() };
  let payload = body;
  if (body && !(body instanceof FormData)) {
    headers["Content-Type"] = "application/json";
    payload = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(url, { method, headers, body: payload });
  } catch {
    throw new Error(problem(null, 0));
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new Error(problem(answer, response.status));
  return answer;
}
