import { CHUNK_CASES } from '../../testing/hostile/chunks';
import { METADATA_CASES } from '../../testing/hostile/metadata';
import { ours, Stock } from '../../testing/hostile/run';

const CASES = [...METADATA_CASES, ...CHUNK_CASES];

describe('rows A01–A17 and B01–B10 of the table of hostile inputs', () => {
  const lines: string[] = [];
  const stock = new Stock();

  afterAll(async () => {
    await stock.close();
    console.info(`row | variant | here | chunks beside | zarrita 0.7.5\n${lines.join('\n')}\n${lines.length} cases`);
  });

  it.each(CASES.map(test => [test.row, test.variant, test] as const))(
    '%s %s',
    async (row, variant, test) => {
      const objects = await test.objects();
      const { result, others } = await ours(test, objects);
      const here = result === 'pixels' ? 'oracle pixels' : result;
      lines.push([row, variant.replace(/\s+/g, ' '), here, others, await stock.read(test, objects)].join(' | '));
      expect(test.expected).toContain(result);
      // What is not damaged is read, whatever a decoder has been through.
      expect(others).toBe(result === 'BAD_CHUNK' ? `${test.beside ?? 3}/3` : '');
    },
    30_000
  );

  it('leaves Object.prototype alone', () => {
    expect('polluted' in {}).toBe(false);
  });
});
