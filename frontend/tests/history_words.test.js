import { expect, test } from 'vitest';
import { noteOf, sentenceOf } from '../src/panels/history_words.js';

const ADA = { id: 1, name: 'Ada' };
const BEN = { id: 2, name: 'Ben' };

const event = (kind, fields) => ({ id: 1, kind, at: '2026-01-01T08:00:00Z', actor: { id: 3, name: 'Eve' }, data: {}, assigned: null, ...fields });
const assigned = (was, to) => sentenceOf([event('image.assigned', { assigned: { was, to } })]);

test('an assignment says whose the image was and became', () => {
  expect(assigned(null, ADA)).toBe('Eve assigned the image to Ada');
  expect(assigned(ADA, BEN)).toBe('Eve assigned the image to Ben instead of Ada');
  expect(assigned(BEN, null)).toBe('Eve took the image back from Ben');
  expect(assigned(null, null)).toBe('Eve assigned the image to nobody');
});

test('what somebody said with a move is told along', () => {
  const returned = event('image.state', { data: { move: 'return', to: 'returned', note: 'Two are missing.' } });
  expect(sentenceOf([returned])).toBe('Eve moved the image to “Returned”');
  expect(noteOf(returned)).toBe('Two are missing.');
  expect(noteOf(event('mask.created'))).toBe('');
});
