import { ApiError } from '../../src/api/client.js';

/**
 * The server's masks as annotations/services/mask.py keeps them, behind a network that `weather`
 * decides about: it is asked before every request, and once more before its answer comes back.
 */
export function fakeServer() {
  /** @type {Map<string, any>} */
  const rows = new Map();
  /** @type {Map<string, string>} revision → mask */
  const done = new Map();
  /** @type {any[]} every request that arrived */
  const log = [];
  /** @type {Set<string>} every content that was ever true, as `id:content` */
  const ever = new Set();
  const content = (row) => JSON.stringify([row.bbox, row.counts, row.label_class, row.conflict_with ?? null]);
  const stale = (row) => new ApiError(409, { code: 'stale', detail: 'Stale.', current: structuredClone(row) });

  function write(id, row) {
    rows.set(id, row);
    if (!row.deleted_at) ever.add(`${id}:${content(row)}`);
    return structuredClone(row);
  }

  const server = {
    rows,
    log,
    ever,
    content,
    /** @type {(moment: 'request' | 'answer') => Error | null | undefined} */
    weather: () => null,
    /** @returns {any[]} */
    get live() {
      return [...rows.values()].filter((row) => !row.deleted_at);
    },

    /** One delivery. @param {any} request */
    handle({ verb, id, version, revision, row }) {
      log.push({ verb, id, version, revision });
      const old = rows.get(id);
      if (verb === 'delete' && !old) throw new ApiError(404, { code: 'not_found', detail: 'No such mask.' });
      if (revision && done.has(revision)) return structuredClone(old);
      if (verb === 'put' && !old && version !== 0) throw new ApiError(400, { code: 'invalid', detail: 'Create it with version 0.' });
      const current = old && !old.deleted_at ? old.version : 0;
      const same = old && (verb === 'delete' ? old.deleted_at : !old.deleted_at && content(old) === content(row));
      if (!same && version !== current) throw stale(old);
      if (revision) done.set(revision, id);
      if (same) return structuredClone(old);
      if (verb === 'delete') return write(id, { ...old, deleted_at: 'now', version: old.version + 1 });
      return write(id, { ...row, id, author: 1, version: (old?.version ?? 0) + 1, deleted_at: null });
    },

    async meet(request) {
      await null;
      const before = server.weather('request');
      if (before) throw before;
      const answer = server.handle(request);
      const after = server.weather('answer');
      if (after) throw after;
      return answer;
    },

    /** Several in one request, each done or refused by itself. @param {any[]} requests */
    async meetAll(requests) {
      await null;
      const before = server.weather('request');
      if (before) throw before;
      const results = requests.map(({ id, delete: gone, version, revision, ...changes }) => {
        try {
          const before = rows.get(id);
          const row = { ...before, ...changes };
          const now = server.handle({ verb: gone ? 'delete' : 'put', id, version, revision, row });
          const isKnown = (!before || before.version === version) && !now.deleted_at && content(now) === content(row);
          return { id, version: gone ? null : now.version, mask: gone || isKnown ? null : now, error: null };
        } catch (error) {
          return { id, version: null, mask: null, error: { status: error.status, code: error.code, detail: error.message, current: error.current } };
        }
      });
      const after = server.weather('answer');
      if (after) throw after;
      return { results };
    },

    api: {
      batch: (image, writes) => server.meetAll(writes.map((write) => ({ image, ...write }))),
      put: (id, { version, revision, ...row }) => server.meet({ verb: 'put', id, version, revision, row }),
      delete: (id, version, revision) => server.meet({ verb: 'delete', id, version, revision }),
      async get(id) {
        const row = rows.get(id);
        if (!row || row.deleted_at) throw new ApiError(404, { detail: 'No such mask.' });
        return structuredClone(row);
      },
    },

    /** Somebody else writes. @param {string} id @param {object} changes */
    change(id, changes) {
      const old = rows.get(id);
      return write(id, { ...old, ...changes, deleted_at: null, version: old.version + 1 });
    },
    /** @param {string} id */
    remove(id) {
      const old = rows.get(id);
      return write(id, { ...old, deleted_at: 'now', version: old.version + 1 });
    },
  };
  return server;
}

export const offline = () => new ApiError(0, { detail: 'The server cannot be reached.' });
