import { expect, test } from 'vitest';
import { watchTabs } from '../../src/saving/tabs.js';

/** Locks as browsers have them, as far as we use them. */
function lockManager() {
  const held = new Map();
  return {
    async request(name, options, callback = options) {
      if (options.ifAvailable && held.has(name)) return callback(null);
      held.set(name, true);
      try {
        return await callback({ name });
      } finally {
        held.delete(name);
      }
    },
  };
}

test('a page lives until it is left', async () => {
  const locks = lockManager();
  const [one, other] = [new EventTarget(), new EventTarget()];
  const first = watchTabs(locks, one);
  const second = watchTabs(locks, other);
  expect(await second.claim(first.id)).toBe(false);
  one.dispatchEvent(new Event('pagehide'));
  await new Promise((resolve) => setTimeout(resolve));
  expect(await second.claim(first.id)).toBe(true);
  expect(await second.claim('of an earlier day')).toBe(true);
});
