import { OrthographicView } from '@deck.gl/core';
import type { Viewport } from '@deck.gl/core';
import type { _Tileset2D } from '@deck.gl/geo-layers';
import { chooseLevel, tilesInView } from '../stage/geometry';
import type { ILevelGeometry } from '../stage/geometry';
import { isExact, tilesetOver } from '../stage/tileset';
import type { ILevelTileset, TileChooser } from '../stage/tileset';
import { ODD_LEVELS } from './fakes';

const LEVELS: ILevelGeometry[] = ODD_LEVELS.map(({ scale, offset, ...level }) => ({ ...level, scale: [scale, scale], offset: [offset, offset] }));

interface IContent {
  byteLength: number;
  name: string;
}

/** Tiles that are answered when the test says so. */
class Reads {
  readonly open = new Map<string, (content: IContent) => void>();
  readonly aborted: string[] = [];

  get = ({ index, signal }: { index: { x: number; y: number; z: number }; signal?: AbortSignal }): Promise<IContent> => {
    const name = `${-index.z}/${index.x}/${index.y}`;
    return new Promise((resolve, reject) => {
      this.open.set(name, resolve);
      signal?.addEventListener('abort', () => {
        this.open.delete(name);
        this.aborted.push(name);
        reject(new Error('aborted'));
      });
    });
  };

  async answer(): Promise<void> {
    await new Promise(resolve => setTimeout(resolve, 0)); // deck.gl asks one step after it has selected
    for (const [name, resolve] of this.open) {
      this.open.delete(name);
      resolve({ byteLength: 100, name });
    }
    await new Promise(resolve => setTimeout(resolve, 0));
  }
}

function view(x: number, y: number, zoom: number): Viewport {
  return new OrthographicView({ flipY: true }).makeViewport({ width: 800, height: 600, viewState: { target: [x, y, 0], zoom } })!; // a size is given
}

function setUp(underlay: TileChooser = () => []) {
  const reads = new Reads();
  const choose = (box: { left: number; top: number; right: number; bottom: number }, unit: number) => tilesInView(LEVELS, chooseLevel(LEVELS, unit), box);
  const Class = tilesetOver(LEVELS, { choose, underlay }) as unknown as new (props: object) => _Tileset2D;
  const deckSet = new Class({ getTileData: reads.get, maxRequests: 0, maxCacheByteSize: 1000 });
  const set = deckSet as unknown as ILevelTileset<IContent>;
  const update = (viewport: Viewport): void => {
    deckSet.update(viewport);
    set._cache.forEach(tile => (tile.layers = tile.content ? [] : null)); // what the layer does when it draws
  };
  return { reads, set, update };
}

const any = (): boolean => true;

describe('tile set over levels', () => {
  it('selects the tiles of the level that fits the zoom, level coded as minus z', () => {
    const { set, update } = setUp();
    update(view(650, 500, -2));
    expect(new Set(set.selectedTiles!.map(tile => tile.index.z))).toEqual(new Set([-1]));
    update(view(650, 500, 1));
    expect(new Set(set.selectedTiles!.map(tile => tile.index.z + 0))).toEqual(new Set([0]));
    expect(set.selectedTiles!.find(tile => tile.index.x === 2 && tile.index.y === 2)?.bbox).toEqual({ left: 600, top: 400, right: 900, bottom: 600 });
  });

  it('keeps coarser tiles under those that are missing, and only until they are there', async () => {
    const { reads, set, update } = setUp();
    update(view(650, 500, -2));
    await reads.answer();
    const close = view(650, 500, 1);
    update(close);
    const coarse = [...set._cache.values()].filter(tile => tile.zoom === -1);
    expect(coarse.some(tile => tile.isVisible)).toBe(true);
    await reads.answer();
    update(close);
    expect(coarse.some(tile => tile.isVisible)).toBe(false);
  });

  it('lays coarse tiles under, reads them first, keeps their reads and asks once', async () => {
    const { reads, set, update } = setUp(box => tilesInView(LEVELS, 2, box));
    const first = view(200, 200, 1);
    update(first);
    await new Promise(resolve => setTimeout(resolve, 0));
    expect([...reads.open.keys()][0]).toBe('2/0/0');
    update(view(300, 200, 1));
    expect(reads.aborted).not.toContain('2/0/0');
    reads.open.get('2/0/0')!({ byteLength: 100, name: '2/0/0' });
    reads.open.delete('2/0/0');
    await new Promise(resolve => setTimeout(resolve, 0));
    update(view(300, 200, 1));
    const under = set._cache.get('0-0--2')!;
    expect(under.isVisible).toBe(true);
    await reads.answer();
    update(view(300, 200, 1));
    expect(under.isVisible).toBe(false);
    expect(isExact(set, view(300, 200, 1), any)).toBe(true);
    set._cache.delete('0-0--2'); // evicted
    update(view(310, 200, 1));
    await new Promise(resolve => setTimeout(resolve, 0));
    expect(reads.open.has('2/0/0')).toBe(false);
  });

  it('cancels every read that the view has left, and starts it again when it comes back', async () => {
    const { reads, update } = setUp();
    const first = view(200, 200, 1);
    update(first);
    await Promise.resolve();
    await Promise.resolve();
    const started = reads.open.size;
    expect(started).toBeGreaterThan(2);
    update(view(1200, 900, 1));
    expect(reads.aborted).toHaveLength(started);
    await new Promise(resolve => setTimeout(resolve, 0));
    update(first);
    await new Promise(resolve => setTimeout(resolve, 0));
    expect(reads.open.size).toBe(started);
  });

  it('is exact only when the present view is loaded and drawn', async () => {
    const { reads, set, update } = setUp();
    const first = view(200, 200, 1);
    update(first);
    expect(isExact(set, first, any)).toBe(false);
    await reads.answer();
    update(first);
    expect(isExact(set, first, any)).toBe(true);
    expect(isExact(set, view(210, 200, 1), any)).toBe(false); // not seen by the set yet
    expect(isExact(set, first, content => content.name !== '0/0/0')).toBe(false);
    set.selectedTiles![0].layers = null; // loaded, not drawn
    expect(isExact(set, first, any)).toBe(false);
  });

  it('reads stale tiles again, forgets those out of view, and keeps the rest', async () => {
    const { reads, set, update } = setUp();
    const first = view(200, 200, 1);
    update(first);
    await reads.answer();
    update(view(900, 700, 1));
    await reads.answer();
    update(view(900, 700, 1));
    const kept = set.selectedTiles![0].content!.name;
    set.reloadWhere(content => content.name !== kept);
    update(view(900, 700, 1));
    await new Promise(resolve => setTimeout(resolve, 0));
    expect(reads.open.has(kept)).toBe(false);
    expect(reads.open.size).toBe(set.selectedTiles!.length - 1);
    expect([...set._cache.values()].every(tile => tile.isSelected)).toBe(true);
    expect(isExact(set, view(900, 700, 1), any)).toBe(false);
  });

  it('cancels the reads of tiles that it forgets', async () => {
    const { reads, set, update } = setUp(box => tilesInView(LEVELS, 2, box));
    update(view(200, 200, 1));
    await new Promise(resolve => setTimeout(resolve, 0));
    set.reloadWhere(any);
    expect(reads.aborted).toContain('2/0/0');
    expect(set._cache.has('0-0--2')).toBe(false);
  });

  it('counts the bytes of reloaded tiles once', async () => {
    const { reads, set, update } = setUp();
    const first = view(200, 200, 1);
    for (let i = 0; i < 3; i++) {
      set.reloadWhere(any);
      update(first);
      await reads.answer();
      update(first);
    }
    expect(set._cacheByteSize).toBe(set.selectedTiles!.length * 100);
  });
});
