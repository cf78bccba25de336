import { ITEM_BYTES } from '../../ngff';
import type { Pyramid } from '../../pixels';
import type { ILayerOptions } from './drawnlayer';
import { intensityShader } from './intensityshader';
import { labelShader } from './labelshader';
import { packColors } from './labeltable';
import type { Labels } from './labels';
import type { ViewModel } from './model';
import { wordFormat } from './planelayer';
import type { Planes } from './planes';
import { kindOf, packTable } from './table';

/** The layer of the image itself; those of labels have other ids. */
export const IMAGE = 'image';

/** The image as a layer: intensities, or ids where it is a label image opened by itself. */
export function imageLayer({ image, levels }: Pyramid, model: ViewModel, planes: Planes, labels: Labels): ILayerOptions {
  const { dtype } = model;
  return {
    id: IMAGE,
    levels,
    format: wordFormat(ITEM_BYTES[dtype]),
    tiles: planes,
    load: planes.load,
    current: planes.current,
    over: false,
    ...(image.imageLabel
      ? {
          shader: labelShader(kindOf(dtype)),
          table: () => labels.look(model.visible.length > 0),
          colors: packColors(image.label?.colors ?? new Map())
        }
      : { shader: intensityShader(kindOf(dtype)), table: () => packTable(model.channels, dtype) })
  };
}
