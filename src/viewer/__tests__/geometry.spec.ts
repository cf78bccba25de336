import { chooseLevel, overlaps, pixelAt, pixelsInView, placeLevel, placeTile, tilesInView } from '../stage/geometry';
import type { ILevelGeometry } from '../stage/geometry';
import { ODD_LEVELS } from './fakes';

const LEVELS: ILevelGeometry[] = ODD_LEVELS.map(({ scale, offset, ...level }) => ({
  ...level,
  scale: [scale, scale],
  offset: [offset, offset]
}));

describe('place of tiles', () => {
  it('puts tiles of a level at its own scale and offset', () => {
    expect(placeTile(LEVELS[1], 1, 2)).toEqual({ left: 0.5 + 128 * 3, top: 0.5 + 300 * 3, right: 0.5 + 256 * 3, bottom: 0.5 + 333 * 3 });
  });

  it('cuts the last tiles at the edge of the level', () => {
    expect(placeTile(LEVELS[2], 1, 1)).toEqual({ left: 5.5 + 64 * 12, top: 5.5 + 64 * 12, right: 5.5 + 108 * 12, bottom: 5.5 + 83 * 12 });
  });

  it('lets neighbouring tiles share an edge and nothing else', () => {
    for (const level of LEVELS) {
      const [a, b] = [placeTile(level, 0, 0), placeTile(level, 1, 0)];
      expect(a.right).toBe(b.left);
      expect(overlaps(a, b)).toBe(false);
    }
  });

  it('covers a level exactly', () => {
    LEVELS.forEach((level, k) => {
      const tiles = tilesInView(LEVELS, k, placeLevel(level)).map(tile => placeTile(level, tile.x, tile.y));
      const area = tiles.reduce((sum, box) => sum + (box.right - box.left) * (box.bottom - box.top), 0);
      expect(area).toBeCloseTo(level.width * level.height * level.scale[0] ** 2, 3);
    });
  });
});

describe('choice of the level', () => {
  // screen pixels per level-0 pixel → coarsest level whose pixel is not larger than a screen pixel
  it.each([
    [4, 0],
    [1, 0],
    [0.34, 0],
    [1 / 3, 1],
    [0.1, 1],
    [1 / 12, 2],
    [0.001, 2]
  ])('at %d draws level %d', (unit, level) => {
    expect(chooseLevel(LEVELS, unit)).toBe(level);
  });

  it('takes the larger side of a pixel that is not square', () => {
    const wide: ILevelGeometry[] = [LEVELS[0], { ...LEVELS[1], scale: [2, 8] }];
    expect(chooseLevel(wide, 1 / 4)).toBe(0);
    expect(chooseLevel(wide, 1 / 8)).toBe(1);
  });
});

describe('tiles of a view', () => {
  it('start in the middle', () => {
    const tiles = tilesInView(LEVELS, 0, { left: 0, top: 0, right: 1303, bottom: 1001 });
    expect(tiles).toHaveLength(5 * 6);
    expect(tiles[0]).toEqual({ x: 2, y: 2, level: 0 });
  });

  it('are none beside the image', () => {
    expect(tilesInView(LEVELS, 0, { left: 2000, top: 0, right: 2100, bottom: 100 })).toEqual([]);
    expect(tilesInView(LEVELS, 2, { left: -300, top: -300, right: -200, bottom: -200 })).toEqual([]);
  });

  it('hold as many pixels as counted without listing them', () => {
    const views = [
      { left: 0, top: 0, right: 1303, bottom: 1001 },
      { left: 310, top: 410, right: 620, bottom: 590 },
      { left: -50, top: 900, right: 20, bottom: 3000 },
      { left: 5000, top: 0, right: 6000, bottom: 10 }
    ];
    for (const view of views) {
      LEVELS.forEach((level, k) => {
        const listed = tilesInView(LEVELS, k, view)
          .map(tile => placeTile(level, tile.x, tile.y))
          .reduce((sum, box) => sum + ((box.right - box.left) * (box.bottom - box.top)) / level.scale[0] ** 2, 0);
        expect(pixelsInView(LEVELS, k, view)).toBeCloseTo(listed, 6);
      });
    }
  });

  it('are counted at once where there are millions', () => {
    const huge: ILevelGeometry = { width: 1e6, height: 1e6, tile: [128, 128], scale: [1, 1], offset: [0, 0] };
    expect(pixelsInView([huge], 0, placeLevel(huge))).toBe(1e12);
  });
});

describe('pixel under a point', () => {
  it('is found on each level', () => {
    expect(pixelAt(LEVELS[0], 12.9, 7)).toEqual({ x: 12, y: 7 });
    expect(pixelAt(LEVELS[1], 12.9, 0.4)).toBeNull();
    expect(pixelAt(LEVELS[1], 12.9, 0.6)).toEqual({ x: 4, y: 0 });
    expect(pixelAt(LEVELS[2], 5.5 + 107.99 * 12, 5.5)).toEqual({ x: 107, y: 0 });
    expect(pixelAt(LEVELS[2], 5.5 + 108 * 12, 5.5)).toBeNull();
  });
});
