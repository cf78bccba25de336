import { clamp, fit, pan, project, regionBox, seen, seenRegion, snap, unproject, wholeLength, zoomAbout, zoomRange } from '../stage/camera';

const IMAGE = { left: 0, top: 0, right: 1303, bottom: 1001 };
const SIZE = { width: 850, height: 640 };

describe('length of the drawing', () => {
  it.each([
    [601, 1, 601],
    [601, 2, 601],
    [601, 1.5, 600],
    [603, 1.25, 600],
    [601, 1.100000023841858, 600],
    [602, 4 / 3, 600],
    [601, Math.PI, 601],
    [0, 1.5, 0]
  ])('%d CSS pixels at %d device pixels each: %d', (length, ratio, whole) => {
    expect(wholeLength(length, ratio)).toBe(whole);
  });
});

describe('camera', () => {
  it('zooms about a point that stays where it is', () => {
    const camera = fit(IMAGE, SIZE);
    const [x, y] = project(camera, SIZE, 100, 200);
    const [nx, ny] = project(zoomAbout(camera, 3, [100, 200]), SIZE, 100, 200);
    expect([nx, ny]).toEqual([expect.closeTo(x, 6), expect.closeTo(y, 6)]);
    expect(zoomAbout(camera, 3)).toEqual({ target: camera.target, zoom: 3 });
  });

  it('fits all of a rectangle', () => {
    const camera = fit(IMAGE, SIZE);
    expect(camera.target).toEqual([651.5, 500.5]);
    expect(2 ** camera.zoom).toBeCloseTo(640 / 1001, 12);
    const box = seen(camera, SIZE);
    expect(box.top).toBeCloseTo(0, 9);
    expect(box.bottom).toBeCloseTo(1001, 9);
    expect(box.left).toBeLessThan(0);
  });

  it('has a place for an image without pixels', () => {
    expect(fit({ left: 0, top: 0, right: 0, bottom: 0 }, SIZE)).toEqual({ target: [0, 0], zoom: Math.log2(640) });
  });

  it('projects and back', () => {
    const camera = { target: [100.25, 3] as const, zoom: 2.7 };
    const [x, y] = project(camera, SIZE, 90, 4.5);
    const [ix, iy] = unproject(camera, SIZE, x, y);
    expect(ix).toBeCloseTo(90, 9);
    expect(iy).toBeCloseTo(4.5, 9);
  });

  it('moves by parts of the view', () => {
    expect(pan({ target: [100, 100], zoom: 1 }, SIZE, 0.1, -0.5).target).toEqual([142.5, -60]);
  });

  it('keeps zoom and place within reach', () => {
    const [low, high] = zoomRange(IMAGE, SIZE);
    expect(clamp({ target: [-50, 2000], zoom: -99 }, IMAGE, SIZE)).toEqual({ target: [0, 1001], zoom: low });
    expect(clamp({ target: [5, 5], zoom: 99 }, IMAGE, SIZE).zoom).toBe(high);
    expect(high).toBe(6);
  });

  it('can still be fitted to an image of one pixel', () => {
    const dot = { left: 0, top: 0, right: 1, bottom: 1 };
    const camera = fit(dot, SIZE);
    expect(clamp(camera, dot, SIZE)).toEqual(camera);
  });
});

describe('borders of pixels', () => {
  it.each([
    [0, 1, 700, 649],
    [0, 2, 701, 649],
    [1, 1, 701, 650],
    [-1, 2, 701, 651]
  ])('meet at zoom %d and ratio %d in %d × %d', (zoom, ratio, width, height) => {
    const { target } = snap({ target: [651.5, 500.3], zoom }, { width, height }, ratio);
    const unit = 2 ** zoom * ratio;
    target.forEach((middle, axis) => {
      const edge = middle * unit - ([width, height][axis] * ratio) / 2; // of the view, in device pixels of the image
      expect(edge).toBeCloseTo(Math.round(edge), 9);
      expect(Math.abs(middle - [651.5, 500.3][axis]) * unit).toBeLessThanOrEqual(0.5);
    });
  });

  it('cannot meet elsewhere', () => {
    const camera = { target: [651.5, 500.3] as const, zoom: 0.4 };
    expect(snap(camera, SIZE, 1)).toEqual(camera);
  });
});

describe('region seen', () => {
  it('is left out when all of the image is seen', () => {
    expect(seenRegion(fit(IMAGE, SIZE), SIZE, 1303, 1001)).toBeUndefined();
    expect(seenRegion({ target: [651, 500], zoom: -3 }, SIZE, 1303, 1001)).toBeUndefined();
  });

  it('comes back from the region it was fitted to, in the axis that fills the view', () => {
    for (const region of [[100, 740, 200, 1050], [0, 64, 0, 85], [3, 4, 7, 8]] as [number, number, number, number][]) {
      const got = seenRegion(fit(regionBox(region), SIZE), SIZE, 1303, 1001);
      expect(got?.slice(0, 2)).toEqual(region.slice(0, 2));
    }
    expect(seenRegion(fit(regionBox([100, 740, 200, 1050]), SIZE), SIZE, 1303, 1001)).toEqual([100, 740, 200, 1050]);
  });

  it('is not one pixel larger by rounding', () => {
    const size = { width: 333, height: 333 };
    for (let i = 1; i < 3000; i++) {
      const [from, to] = [7 * i + 1, 10 * i + 3]; // some of these end a hair beside their whole number
      const region: [number, number, number, number] = [from, to, from, to];
      expect(seenRegion(fit(regionBox(region), size), size, 40000, 40000)).toEqual(region);
    }
  });

  it('is cut at the image', () => {
    expect(seenRegion({ target: [0, 0], zoom: 0 }, SIZE, 1303, 1001)).toEqual([0, 320, 0, 425]);
  });

  it('is left out beside the image', () => {
    expect(seenRegion({ target: [9000, 9000], zoom: 3 }, SIZE, 1303, 1001)).toBeUndefined();
  });
});
