import { expect, test } from 'vitest';
import { estimateTokens } from './rehearsal';

test.each([
  ['', 0],
  ['hello', 2],
  ['привет', 2],
  ['a'.repeat(39), 10],
  ['я'.repeat(30) + 'a'.repeat(39), 20],
])('tokens are counted as the server counts them: %s', (text, tokens) => {
  expect(estimateTokens(text)).toBe(tokens);
});
