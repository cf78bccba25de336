/* eslint-disable jupyter/no-untranslated-string -- names of made-up data, shown to nobody */
import axe from 'axe-core';

import { BioImageError, say } from '../../core';
import { Archive, study } from './archive';
import { Bench } from './bench';

/** Colours need a real page and are looked at there. */
async function violations(node: HTMLElement): Promise<string[]> {
  const { violations: found } = await axe.run(node, {
    rules: { 'color-contrast': { enabled: false }, region: { enabled: false } }
  });
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

// Not in jsdom; without it letters are taken for letters, which they are.
HTMLCanvasElement.prototype.getContext = () => null;

describe('the panel’s roles and names', () => {
  it('hold in each of its states', async () => {
    const items = [study('a', 'A1', { facets: { organism: ['Danio rerio'] }, viewable: 1 }), study('a', 'A2')];
    const suggest = (): Promise<{ text: string; source: string }[]> =>
      Promise.resolve([{ text: 'study of x', source: 'a' }]);
    const bench = new Bench([
      new Archive('a', 'Archive', items, { suggest, page: { from: { kind: 'cache', age: 9 } } }),
      new Archive('b', 'Bad', [], { failure: new BioImageError('UPSTREAM_DOWN', say`It does not answer.`) })
    ]);
    await bench.show();
    const states: [string, () => Promise<unknown> | void][] = [
      ['landing', () => undefined],
      ['results and suggestions', () => bench.type('study')],
      ['an active suggestion', () => bench.key('ArrowDown')],
      ['filters', () => bench.click('Filters')],
      [
        'chips and favourites',
        () => {
          bench.panel.model.toggleFavourite({ kind: 'study', source: 'a', accession: 'A1', title: 'x' });
          return bench.panel.model.setFilters({ organism: ['Danio rerio'] });
        }
      ],
      ['nothing found', () => bench.type('nothing like it')],
      ['a study', () => bench.panel.model.openStudy('a', 'A1')]
    ];
    for (const [state, reach] of states) {
      await reach();
      await bench.settle();
      expect([state, await violations(bench.panel.node)]).toEqual([state, []]);
    }
    bench.panel.dispose();
  }, 60_000);
});
