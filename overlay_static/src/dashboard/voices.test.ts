import { describe, expect, it } from 'vitest';
import { costNote, dictionaryLine, type VoiceLine } from './voices';

const voice = (values: Partial<VoiceLine>): VoiceLine => ({
  engine: 'openai',
  name: 'nova',
  label: 'nova',
  languages: ['*'],
  cost_per_1000: null,
  cost_source: '',
  cost_date: '',
  placeholder: false,
  ...values,
});
const words = { cost: '${cost} ({source}, {date})', free: 'free', unknown: 'unknown', auto: 'auto' };

describe('what a voice costs', () => {
  it('is said with its source and date, or said to be unknown', () => {
    expect(costNote(voice({ cost_per_1000: 0.015, cost_source: 'list', cost_date: '2026-11' }), words, 'en')).toBe(
      '$0.015 (list, 2026-11)',
    );
    expect(costNote(voice({ cost_per_1000: 0 }), words, 'en')).toBe('free');
    expect(costNote(voice({}), words, 'en')).toBe('unknown');
    expect(costNote(voice({ engine: 'auto' }), words, 'en')).toBe('auto');
  });
});

describe('the words to listen to', () => {
  it('are those of the language, without how they are said', () => {
    const typed = 'xQc = ex cue see\n# a note = no\nru: GG = джи джи\nen: wp = well played\nunfinished';
    expect(dictionaryLine(typed, 'ru')).toBe('xQc, GG');
    expect(dictionaryLine(typed, 'en')).toBe('xQc, wp');
  });
});
