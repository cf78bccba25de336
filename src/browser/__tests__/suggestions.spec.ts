/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import type { ISuggestion } from '../../entities';
import { Suggestions } from '../suggestions';
import { Archive, recogniser, study } from './archive';
import { modelOf, titles } from './modelbench';

const says = (id: string, ...texts: (string | Partial<ISuggestion>)[]): Archive =>
  new Archive(id, id.toUpperCase(), [], {
    suggest: () =>
      Promise.resolve(texts.map(one => ({ text: '', source: id, ...(typeof one === 'string' ? { text: one } : one) })))
  });

const texts = (suggestions: Suggestions): string[] => suggestions.items.map(({ text }) => text);

describe('suggestions', () => {
  it('are searches of before at once, then the best of each source in turn', async () => {
    const suggestions = new Suggestions(() => undefined);
    const asked = suggestions.ask(
      'tp',
      ['tp one', 'other', 'TP two'],
      [says('a', 'tp53', 'tp63'), says('b', 'tpx', 'TP53')]
    );
    expect(texts(suggestions)).toEqual(['tp one', 'TP two']);
    await asked;
    expect(texts(suggestions)).toEqual(
      ['tp one', 'TP two', 'tp53', 'tpx', 'tp63'].map((text, at) => (at === 2 ? 'TP53' : text))
    );
  });

  it('do not repeat what has been typed, unless it filters', async () => {
    const suggestions = new Suggestions(() => undefined);
    await suggestions.ask('TP53 ', ['tp53'], [says('a', 'tp53', { text: 'TP53', facet: 'gene' })]);
    expect(suggestions.items).toMatchObject([{ text: 'TP53', facet: 'gene', label: 'A' }]);
  });

  it('keep the line that is active while others come, and end at both ends', async () => {
    let give = (_found: ISuggestion[]): void => undefined;
    const slow = new Archive('a', 'A', [], { suggest: () => new Promise(resolve => (give = resolve)) });
    const suggestions = new Suggestions(() => undefined);
    const asked = suggestions.ask('t', ['t1', 't2'], [slow]);
    suggestions.move(1);
    suggestions.move(1);
    suggestions.move(1);
    expect(suggestions.active).toBe(1);
    await Promise.resolve();
    give([{ text: 't3', source: 'a' }]);
    await asked;
    expect([suggestions.active, texts(suggestions)]).toEqual([1, ['t1', 't2', 't3']]);
    suggestions.move(-1);
    suggestions.move(-1);
    suggestions.move(-1);
    expect(suggestions.active).toBe(-1);
  });

  it('are dropped when they come too late, and what is asked is aborted', async () => {
    jest.useFakeTimers();
    let aborted = 0;
    const never = new Archive('a', 'A', [], {
      suggest: (_text, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => (aborted++, reject(signal.reason as Error)));
        })
    });
    const suggestions = new Suggestions(() => undefined);
    void suggestions.ask('t', [], [never]);
    await jest.advanceTimersByTimeAsync(1600);
    expect(aborted).toBe(1);
    void suggestions.ask('t', [], [never]);
    suggestions.close();
    expect(aborted).toBe(2);
    jest.useRealTimers();
  });

  it('are silent about a source that fails', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const bad = new Archive('bad', 'Bad', [], { suggest: () => Promise.reject(new Error('nonsense')) });
    const suggestions = new Suggestions(() => undefined);
    await suggestions.ask('t', [], [bad, says('a', 'tp53')]);
    expect([texts(suggestions), warn.mock.calls.length]).toEqual([['tp53'], 1]);
    warn.mockRestore();
  });

  it('are not made while nobody is at the box', async () => {
    const suggestions = new Suggestions(() => undefined);
    suggestions.isWanted = false;
    await suggestions.ask('t', ['t1'], []);
    expect(suggestions.items).toEqual([]);
  });
});

describe('the panel’s suggestions', () => {
  it('come when typing pauses, are no searches by themselves, and are not made for names', async () => {
    jest.useFakeTimers();
    const suggest = jest.fn(() => Promise.resolve([{ text: 'tp53', source: 'a' }]));
    const { model } = modelOf([new Archive('a', 'A', [], { suggest, recognise: recogniser('S-') })]);
    model.type('t');
    model.type('tp');
    await jest.advanceTimersByTimeAsync(260);
    expect([suggest.mock.calls.length, model.suggestions.items.length]).toEqual([1, 1]);
    model.type('S-BIAD1');
    await jest.advanceTimersByTimeAsync(260);
    expect([suggest.mock.calls.length, model.suggestions.items.length]).toEqual([1, 0]);
    model.dispose();
    jest.useRealTimers();
  });

  it('set a filter instead of a text where they have a facet', async () => {
    const source = new Archive('a', 'A', [study('a', 'A1', { facets: { gene: ['TP53'] } })]);
    const { model } = modelOf([source]);
    model.type('tp');
    await model.choose({ kind: 'source', label: 'A', source: 'a', text: 'TP53', facet: 'gene' });
    expect([model.text, model.filters, titles(model)]).toEqual(['', { gene: ['TP53'] }, ['Study A1']]);
    await model.choose({ kind: 'source', label: 'A', source: 'a', text: 'study' });
    expect([model.text, model.kept.searches, titles(model)]).toEqual(['study', ['study'], ['Study A1']]);
  });
});
