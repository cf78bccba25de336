import { Layer, project32 } from '@deck.gl/core';
import type { UpdateParameters } from '@deck.gl/core';
import type { Device, Texture } from '@luma.gl/core';
import { Model } from '@luma.gl/engine';
import type { ModelProps } from '@luma.gl/engine';
import type { ITileContent } from './content';
import type { IBox } from './geometry';
import { VERTEX } from './shader';

/** Texture format of raw words, by bytes per value. */
export type WordFormat = 'r8uint' | 'r16uint' | 'r32uint' | 'rg32uint';

/** The texture format for values of that many bytes; 64 bits are two words. */
export function wordFormat(bytes: 1 | 2 | 4 | 8): WordFormat {
  return ({ 1: 'r8uint', 2: 'r16uint', 4: 'r32uint', 8: 'rg32uint' } as const)[bytes];
}

/** Bytes of one value in a texture format. */
const FORMAT_WORDS = {
  r8uint: () => new Uint8Array(1),
  r16uint: () => new Uint16Array(1),
  r32uint: () => new Uint32Array(1),
  rg32uint: () => new Uint32Array(2)
} as const;

interface IPlaneProps {
  content: ITileContent;
  place: IBox;
  format: WordFormat;
  /** Fragment shader, see `shader.ts`. */
  shader: string;
  /** How it is drawn; shared by all tiles of a layer and owned by the drawing. */
  table: Texture;
  /** Colours of ids, for label images; owned likewise. */
  colors: Texture | null;
}

// an alias, not an interface: deck.gl's state has an index signature
type PlaneState = {
  model: Model;
  pixels?: Texture;
  mask?: Texture;
};

/** GL_UNPACK_ALIGNMENT: rows of odd width follow each other without padding. */
const UNPACK_ALIGNMENT = 3317;

/** A texture array of raw integers: read texel by texel, never filtered. */
export function integerTexture(
  device: Device,
  format: WordFormat | 'rgba32uint',
  size: { width: number; height: number; depth: number },
  data: Uint8Array | Uint16Array | Uint32Array
): Texture {
  device.setParametersWebGL({ [UNPACK_ALIGNMENT]: 1 });
  return device.createTexture({
    dimension: '2d-array',
    format,
    ...size,
    mipLevels: 1,
    data,
    sampler: { minFilter: 'nearest', magFilter: 'nearest', addressModeU: 'clamp-to-edge', addressModeV: 'clamp-to-edge' }
  });
}

/** Draws one tile from raw words; see `shader.ts`. */
export class PlaneLayer extends Layer<Required<IPlaneProps>> {
  static override layerName = 'PlaneLayer';
  static override defaultProps = {
    content: { type: 'object', value: null, compare: false },
    place: { type: 'object', value: null, compare: true },
    table: { type: 'object', value: null, compare: false },
    colors: { type: 'object', value: null, compare: false }
  };

  declare state: PlaneState;

  override getShaders(): ReturnType<Layer['getShaders']> {
    return super.getShaders({ vs: VERTEX, fs: this.props.shader, modules: [project32] });
  }

  override initializeState(): void {
    const attributes = this.getAttributeManager()!; // present in every layer that is not composite
    attributes.remove(['instancePickingColors']);
    attributes.add({
      positions: { size: 3, type: 'float64', fp64: this.use64bitPositions(), noAlloc: true, update: attribute => (attribute.value = this._corners()) },
      // row 0 of the texture is the upper edge
      texCoords: { size: 2, noAlloc: true, update: attribute => (attribute.value = new Float32Array([0, 0, 1, 0, 0, 1, 1, 1])) }
    });
    this.state.model = new Model(this.context.device, {
      ...(this.getShaders() as ModelProps), // untyped in deck.gl
      id: this.props.id,
      bufferLayout: attributes.getBufferLayouts(),
      topology: 'triangle-strip',
      vertexCount: 4,
      isInstanced: false
    });
  }

  override updateState({ props, oldProps }: UpdateParameters<Layer<Required<IPlaneProps>>>): void {
    if (props.content !== oldProps.content) {
      this._upload(props.content);
    }
    if (props.place !== oldProps.place) {
      this.getAttributeManager()?.invalidate('positions');
    }
  }

  override draw(): void {
    const { model, pixels, mask } = this.state;
    if (pixels && mask) {
      const { table, colors } = this.props;
      model.setBindings(colors ? { pixels, mask, table, colors } : { pixels, mask, table });
      model.draw(this.context.renderPass);
    }
  }

  override finalizeState(context: this['context']): void {
    super.finalizeState(context);
    this.state.model.destroy();
    this.state.pixels?.destroy();
    this.state.mask?.destroy();
  }

  private _corners(): Float64Array {
    const { left, top, right, bottom } = this.props.place;
    return new Float64Array([left, top, 0, right, top, 0, left, bottom, 0, right, bottom, 0]);
  }

  private _upload(content: ITileContent): void {
    const { device } = this.context;
    const { format } = this.props;
    const depth = Math.max(1, content.slots.length);
    this.state.pixels?.destroy();
    this.state.mask?.destroy();
    // a tile without words (damaged, or no channel visible) needs a texture all the same: its layers are counted from it
    this.state.pixels = content.words.length
      ? integerTexture(device, format, { width: content.width, height: content.height, depth }, content.words)
      : integerTexture(device, format, { width: 1, height: 1, depth }, repeat(FORMAT_WORDS[format](), depth));
    const [width, height] = content.cells;
    this.state.mask = integerTexture(device, 'r32uint', { width, height, depth }, content.mask);
  }
}

function repeat<T extends Uint8Array | Uint16Array | Uint32Array>(one: T, times: number): T {
  return new (one.constructor as new (length: number) => T)(one.length * times);
}
