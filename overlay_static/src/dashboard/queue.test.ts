import { describe, expect, it } from 'vitest';
import { filled, queueOf, since } from './queue_words';

describe('the queue', () => {
  it('is read from the word of the run', () => {
    const queue = queueOf({
      t: 'queue',
      fence: 3,
      now: [{ id: 'turn', name: 'Mia', kind: 'message', text: 'hi', paid: false, state: 'speaking' }],
      waiting: [{ id: 'e1', name: 'Pat', kind: 'cheer', amount: 100, text: 'woo', paid: true, at: 12.5, why: 'cheer', chatters: 1 }],
      more: 7,
    });
    expect(queue?.now[0]).toMatchObject({ id: 'turn', at: null, state: 'speaking' });
    expect(queue?.waiting[0]).toMatchObject({ id: 'e1', amount: 100, paid: true, at: 12.5, chosen: false });
    expect(queue?.more).toBe(7);
    const tip = queueOf({ t: 'queue', fence: 3, waiting: [{ id: 'e2', kind: 'tip', amount: 522, given: '€4.50' }] });
    expect(tip?.waiting[0]).toMatchObject({ amount: 522, given: '€4.50' });
  });

  it('is no other word', () => {
    expect(queueOf({ t: 'state', state: 'idle' })).toBeNull();
    expect(queueOf({ t: 'queue', fence: 1 })).toEqual({ fence: 1, now: [], waiting: [], more: 0 });
  });

  it('tells how long somebody waits in the language of the page', () => {
    expect(since(12.9, 'en')).toBe('12 sec');
    expect(since(-3, 'en')).toBe('0 sec');
    expect(since(125, 'en')).toBe('2 min');
    expect(since(12, 'ru')).toBe('12 с');
  });

  it('fills in what stands in braces', () => {
    expect(filled('Answer next: {name}', { name: 'Pat' })).toBe('Answer next: Pat');
    expect(filled('{other}', {})).toBe('{other}');
  });
});
