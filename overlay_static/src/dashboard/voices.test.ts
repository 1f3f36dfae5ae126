import { describe, expect, it } from 'vitest';
import { costNote, dictionaryLine, reach, voiceNote, type VoiceLine } from './voices';

const voice = (values: Partial<VoiceLine>): VoiceLine => ({
  engine: 'openai',
  name: 'nova',
  label: 'nova',
  languages: ['*'],
  cost_per_1000: null,
  cost_source: '',
  cost_date: '',
  placeholder: false,
  pitches: [0.5, 2],
  paces: [0.25, 4],
  ...values,
});
const words = { cost: '${cost} ({source}, {date})', free: 'free', unknown: 'unknown', auto: 'auto', reach: '{low} to {high}', gone: 'gone', silent: 'silent' };

describe('what a voice costs', () => {
  it('is said with its source and date, or said to be unknown', () => {
    expect(costNote(voice({ cost_per_1000: 0.015, cost_source: 'list', cost_date: '2026-11' }), words, 'en')).toBe(
      '$0.015 (list, 2026-11)',
    );
    expect(costNote(voice({ cost_per_1000: 0.02, cost_source: 'set here' }), words, 'en')).toBe('$0.02 (set here)');
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

describe('what there is to know of a choice', () => {
  const heart = voice({ engine: 'hibari', name: 'heart', cost_per_1000: 0, pitches: [0.8, 1.3], paces: [0.38, 2] });
  const told = { voices: [voice({ cost_per_1000: 0 }), heart], silent: false };
  it.each([
    ['openai:nova', told, 'free'],
    ['hibari:heart', told, 'free 0.8 to 1.3'],
    ['openai:vanished', told, 'gone'],
    ['openai:nova', { ...told, silent: true }, 'free silent'],
    ['openai:vanished', { ...told, silent: true }, 'silent'],
    ['auto:', { ...told, silent: true }, 'silent'],
    ['hibari:heart', { ...told, silent: true }, 'free 0.8 to 1.3'],
    ['openai:vanished', { voices: [], silent: false }, ''],
  ])('%s', (chosen, found, note) => {
    expect(voiceNote(chosen, found, words, 'en')).toBe(note);
  });

  it('includes how far the sliders go: a pitch made of speed takes some of the speed', () => {
    expect(reach(heart, 1)).toEqual({ pitch: [0.8, 1.3], speed: [0.5, 2] });
    expect(reach(heart, 0.5)).toEqual({ pitch: [0.8, 1.3], speed: [0.5, 1.6] });
    expect(reach(heart, 1.3).speed).toEqual([0.5, 2]);
    expect(reach(voice({}), 2)).toEqual({ pitch: [0.5, 2], speed: [0.5, 2] });
    expect(reach(voice({ pitches: [0.6, 1.4], paces: null }), 0.6).speed).toEqual([0.5, 2]);
    expect(reach(undefined, 1).speed).toEqual([0.5, 2]);
  });
});
