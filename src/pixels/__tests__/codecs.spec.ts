import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CODECS, readArray } from '../../ngff';
import { codecCases } from '../../testing/codeccases';
import { InlineDecoder } from '../decoder';

const CASES = codecCases();

it('has the table of codecs that the server has', () => {
  const table = CODECS.map(({ name, kind, by, formats }) => ({ name, kind, by, formats }));
  expect(table).toEqual(JSON.parse(readFileSync(path.resolve('fixtures', 'codecs.json'), 'utf8')));
});

if (!CASES) {
  it('decodes what numcodecs, zarr and imagecodecs write: no Python environment here', () => undefined);
} else {
  const labelled = [...new Set(CASES.map(({ codec }) => codec))].map(
    codec => [codec || 'bare bytes', CASES.filter(one => one.codec === codec)] as const
  );

  it.each(labelled)('%s: every type as Python writes it', async (_, cases) => {
    const decoder = new InlineDecoder();
    for (const { by, dtype, document, chunk, expected } of cases) {
      const what = `${dtype} ${JSON.stringify(document.filters ?? document.codecs)} ${JSON.stringify(document.compressor)}`;
      const array = readArray('', document);
      expect([what, array.decodedBy]).toEqual([what, by]);
      if (by === 'browser') {
        const out = await decoder.decode(array, chunk);
        expect([what, Buffer.compare(out, expected)]).toEqual([what, 0]);
      } else {
        await expect(decoder.decode(array, chunk)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      }
    }
  });

  it('has a case for every codec that the browser decodes', () => {
    const seen = new Set(CASES.map(({ codec }) => codec));
    expect(
      CODECS.filter(({ by }) => by === 'browser')
        .map(({ name }) => name)
        .filter(name => !seen.has(name))
    ).toEqual([]);
  });

  afterAll(() => {
    const [browser, server] = ['browser', 'server'].map(by => CASES.filter(one => one.by === by).length);
    console.info(`${browser} chunks decoded in the browser, ${server} left to the server`);
  });
}
