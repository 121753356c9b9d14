/** A request that failed: `status` is 0 when no answer came at all. */
import { gettext } from '../i18n.js';
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {{code?: string, detail?: string, current?: any}} body
   */
  constructor(status, body) {
    super(body.detail ?? gettext('The server answered %(status)s.', { status }));
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code ?? '';
    this.current = body.current;
  }

  /** Worth trying again unchanged: no answer, overload, or a server in trouble. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  /** Somebody else has signed in in this browser: what waits here is not theirs to save. */
  get otherAccount() {
    return this.code === 'other_account';
  }

  get signedOut() {
    return (
      this.status === 401 ||
      this.code === 'not_authenticated' ||
      (this.status === 403 && this.message.startsWith('CSRF'))
    );
  }
}

/** No answer for so many milliseconds is none: the journal keeps the change and tries again. */
const TIMEOUT = 30000;

/** @typedef {ReturnType<typeof createClient>} Client */

/**
 * @param {string} csrfToken of the page; signing in again in another tab makes another one
 * @param {number} user for whom the page was loaded
 */
export function createClient(csrfToken, user) {
  /**
   * @param {string} method @param {string} path @param {unknown} [body] sent as JSON
   * @param {RequestInit} [options]
   * @returns {Promise<any>} the answer's JSON, null when it has none
   * @throws {ApiError}
   */
  async function request(method, path, body, options) {
    /** @type {Record<string, string>} */
    const headers = { Accept: 'application/json', 'X-Signed-In-As': String(user) };
    if (method !== 'GET') headers['X-CSRFToken'] = cookieToken() ?? csrfToken;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    const response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      signal: AbortSignal.timeout(TIMEOUT),
      ...options,
    }).catch(() => {
      throw new ApiError(0, { detail: gettext('The server cannot be reached.') });
    });
    const text = await response.text().catch(() => '');
    const json = parse(text);
    if (!response.ok) throw new ApiError(response.status, json ?? {});
    // A hotel's log-in page says “200” to everything: nothing was saved.
    if (text && json === null) throw new ApiError(0, { detail: 'This is not the server’s answer.' });
    return json;
  }

  return {
    /** @param {string} path */
    get: (path) => request('GET', path),
    /** @param {string} path @param {unknown} body */
    post: (path, body) => request('POST', path, body),
    /** @param {string} path @param {unknown} body */
    put: (path, body) => request('PUT', path, body),
    /** @param {string} path @param {unknown} body */
    patch: (path, body) => request('PATCH', path, body),
    /** @param {string} path @param {RequestInit} [options] */
    delete: (path, options) => request('DELETE', path, undefined, options),
  };
}

/** @returns {string | undefined} */
const cookieToken = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];

/** @param {string} text @returns {any} null when it is not JSON: a proxy's error page */
function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
