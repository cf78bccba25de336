import type { ILayerOptions } from '../stage/drawnlayer';
import { sameLayers } from '../stage/layers';

const layer = (id: string): ILayerOptions => ({ id }) as unknown as ILayerOptions; // told apart by what they are, not by what is in them

describe('Layers that are wanted', () => {
  const [image, cells, nuclei] = [layer('image'), layer('cells'), layer('nuclei')];

  it.each([
    ['the same', [image, cells], [image, cells], true],
    ['none, as before', [], [], true],
    ['one more', [image], [image, cells], false],
    ['one less', [image, cells], [image], false],
    ['another order', [cells, nuclei], [nuclei, cells], false],
    ['one of the same name made anew', [image], [layer('image')], false]
  ] as const)('are those drawn: %s', (_, drawn, wanted, same) => {
    expect(sameLayers(drawn, wanted)).toBe(same);
  });
});
