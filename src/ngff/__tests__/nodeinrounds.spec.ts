import { MemoryStore, type IDocuments } from '../../stores';
import { nodeInRounds, openNode } from '..';
import { MAX_ROUNDS } from '../rounds';

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A bioformats2raw collection that lists nothing: its images are found by number. */
function found(count: number): MemoryStore {
  const group = json({ zarr_format: 2 });
  const objects: [string, Uint8Array][] = [
    ['.zgroup', group],
    ['.zattrs', json({ 'bioformats2raw.layout': 3 })]
  ];
  for (let i = 0; i < count; i++) {
    objects.push([`${i}/.zgroup`, group], [`${i}/.zattrs`, json({ multiscales: [{ datasets: [{ path: '0' }] }] })]);
  }
  return new MemoryStore(new Map(objects));
}

describe('Documents that name further documents', () => {
  it('are read to the end by every route: 130 images found by number', async () => {
    const store = found(130);
    const documents: IDocuments = new Map();
    let rounds = 0;
    const node = await nodeInRounds(documents, async missing => {
      rounds += 1;
      const bytes = await Promise.all(missing.map(key => store.get(key)));
      bytes.forEach((one, i) => documents.set(missing[i], one ?? null));
    });
    expect(node.kind === 'collection' && node.series.length).toBe(130);
    expect(rounds).toBeGreaterThan(6);
    expect(await openNode(store)).toEqual(node);
  });

  it('are given up where they never end, and when nobody waits', async () => {
    let rounds = 0;
    const read = (): Promise<void> => Promise.resolve(void (rounds += 1));
    await expect(nodeInRounds(new Map(), read)).rejects.toMatchObject({
      code: 'BAD_METADATA',
      message: "This image's description is not valid: it names further documents without end."
    });
    expect(rounds).toBe(MAX_ROUNDS);
    const gone = new AbortController();
    gone.abort();
    await expect(nodeInRounds(new Map(), read, gone.signal)).rejects.toMatchObject({ name: 'AbortError' });
    expect(rounds).toBe(MAX_ROUNDS);
  });
});
