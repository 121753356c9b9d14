import { beforeEach, expect, test } from 'vitest';
import { createPreferences } from '../src/preferences.js';

const KNOWN = { shortcuts: {}, tourSeen: false };
let kept;
let server;
let online;
const storage = {
  getItem: (key) => kept.get(key) ?? null,
  setItem: (key, value) => kept.set(key, value),
  removeItem: (key) => kept.delete(key),
};
const open = (user = 1, known = { ...KNOWN, ...server }) =>
  createPreferences({
    user,
    known,
    storage,
    save: async (changes) => {
      await Promise.resolve();
      if (!online) throw new Error('offline');
      server = { ...server, ...changes };
    },
  });
const settled = () => new Promise((done) => setTimeout(done));

beforeEach(() => {
  kept = new Map();
  server = {};
  online = true;
});

test('a change holds at once and reaches the server', async () => {
  const preferences = open();
  preferences.change({ tourSeen: true });
  expect(preferences.get().tourSeen).toBe(true);
  await settled();
  expect(server).toEqual({ tourSeen: true });
  expect(kept.size).toBe(0);
});

test('what is changed offline waits in the browser, and is sent on the next visit', async () => {
  online = false;
  const first = open();
  first.change({ shortcuts: { undo: ['U'] } });
  first.change({ tourSeen: true });
  await settled();
  expect(server).toEqual({});
  const second = open(1, KNOWN);
  expect(second.get()).toEqual({ shortcuts: { undo: ['U'] }, tourSeen: true });
  online = true;
  await second.send();
  expect(server).toEqual({ shortcuts: { undo: ['U'] }, tourSeen: true });
  expect(kept.size).toBe(0);
});

test('a change made while another travels is sent after it', async () => {
  const preferences = open();
  preferences.change({ shortcuts: { undo: ['U'] } });
  preferences.change({ shortcuts: { undo: ['I'] } });
  await settled();
  expect(server).toEqual({ shortcuts: { undo: ['I'] } });
  expect(kept.size).toBe(0);
});

test('another person at the same browser has their own', async () => {
  online = false;
  open(1).change({ tourSeen: true });
  await settled();
  expect(open(2).get()).toEqual(KNOWN);
});

test('a browser that keeps nothing, or nonsense, is no reason to stop', () => {
  kept.set('sppnet-annotate.preferences.1', '{');
  expect(open().get()).toEqual(KNOWN);
});
