import type { DataType } from '../../ngff';
import { KIND } from './shader';

/** How one channel is shown. */
export interface IChannelView {
  visible: boolean;
  /** Six hexadecimal digits, RRGGBB. */
  color: string;
  /** Raw values drawn as black and as full colour; minimum < maximum. `undefined` until known: the channel draws nothing. */
  range?: readonly [number, number];
}

/** The shader's reading of a data type's words. */
export function kindOf(dtype: DataType): number {
  switch (dtype) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'uint64':
    case 'float16':
    case 'float32':
    case 'float64':
      return KIND[dtype];
    case 'bool':
    case 'uint8':
    case 'uint16':
    case 'uint32':
      return KIND.unsigned;
  }
}

/**
 * The channel table's texels (rgba, 32-bit unsigned, one column per channel, two rows): colour and visibility, then minimum,
 * 1 / (maximum − minimum) and gamma, all as float bits.
 */
export function packTable(channels: readonly IChannelView[]): Uint32Array {
  const words = new Uint32Array(channels.length * 8);
  const floats = new Float32Array(words.buffer);
  channels.forEach((channel, i) => {
    const rgb = parseInt(channel.color, 16);
    floats.set([(rgb >> 16) / 255, ((rgb >> 8) & 255) / 255, (rgb & 255) / 255], i * 4);
    floats[i * 4 + 3] = channel.visible && channel.range ? 1 : 0;
    const [low, high] = channel.range ?? [0, 1];
    const second = (channels.length + i) * 4;
    floats[second] = low;
    // a window narrower than a 32-bit float can divide by becomes a step
    floats[second + 1] = Math.min(1 / (high - low), 3e38);
    floats[second + 2] = 1;
  });
  return words;
}
