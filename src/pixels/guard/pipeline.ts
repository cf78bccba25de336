import { BioImageError, say } from '../../core';
import { ITEM_BYTES, type IElement, type IStep, type IUnit } from '../../ngff';
import { asWords, bytesOf, stridesOf, toCOrder } from '../order';
import {
  castTo,
  castValue,
  undelta,
  unpackBits,
  unscale,
  unscaleWithin,
  type ICastValue,
  type ValueStep
} from './arithmetic';
import { sumOf, verified } from './checksums';
import { COMPRESSORS } from './codecs';
import { compressed, damaged, type IOutputBound } from './sizes';

type Undo = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** What lies between two steps of a chain. */
interface IStage {
  readonly element: IElement;
  readonly shape: readonly number[];
  readonly bound: IOutputBound;
}

const product = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1);

/** Bytes at an address that suits words of `item` bytes. */
function aligned(bytes: Uint8Array, item: number): Uint8Array {
  return bytes.byteOffset % item === 0 ? bytes : bytes.slice();
}

/** Values with their bytes in the opposite order, in a buffer of their own. */
function swapped(bytes: Uint8Array, item: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += item) {
    for (let i = 0; i < item; i++) {
      out[at + i] = bytes[at + item - 1 - i];
    }
  }
  return out;
}

function littleEndian(bytes: Uint8Array, { dtype, big }: IElement): Uint8Array {
  return big && ITEM_BYTES[dtype] > 1 ? swapped(bytes, ITEM_BYTES[dtype]) : aligned(bytes, ITEM_BYTES[dtype]);
}

/** `axes`: the axis of `shape` that lies at each place of the order on disk, slowest first. */
function inOrder(bytes: Uint8Array, item: number, shape: readonly number[], axes: readonly number[]): Uint8Array {
  const disk = stridesOf(axes.map(axis => shape[axis]));
  const stride = shape.map((_, axis) => disk[axes.indexOf(axis)]);
  return bytesOf(toCOrder({ data: asWords(aligned(bytes, item), item), shape, stride }));
}

function unshuffle(bytes: Uint8Array, item: number): Uint8Array {
  if (item <= 1) {
    return bytes;
  }
  const count = bytes.length / item;
  if (!Number.isInteger(count)) {
    throw damaged(say`its shuffled bytes are no whole elements`);
  }
  const out = new Uint8Array(bytes.length);
  for (let byte = 0; byte < item; byte++) {
    for (let i = 0; i < count; i++) {
      out[i * item + byte] = bytes[byte * count + i];
    }
  }
  return out;
}

function unbase64(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder('latin1').decode(bytes);
  if (bytes.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw damaged(say`it is no base64 text`);
  }
  return Uint8Array.from(atob(text), char => char.charCodeAt(0));
}

/** The function that takes a step from values to values back, on little-endian bytes. */
function valueStep({ name, configuration }: IStep, decoded: IElement, encoded: IElement, count: number): ValueStep {
  switch (name) {
    case 'delta':
      return undelta(encoded, decoded);
    case 'fixedscaleoffset':
      return unscale(encoded, decoded, Number(configuration.scale), Number(configuration.offset));
    case 'astype':
    case 'quantize':
      return castTo(encoded, decoded);
    case 'scale_offset':
      // Checked by the table: values of the array's type.
      return unscaleWithin(decoded, configuration.scale as number | bigint, configuration.offset as number | bigint);
    case 'cast_value':
      return castValue(encoded, decoded, configuration as unknown as ICastValue); // as the table leaves it
    case 'packbits':
      return unpackBits(count);
    default:
      return bytes => bytes; // bitround: only encoding loses something
  }
}

/** A step on values: what it leaves, and how it is taken back. */
function overValues(step: IStep, stage: IStage, format: 2 | 3): [IStage, Undo] {
  if (step.name === 'transpose') {
    const order = step.configuration.order as number[]; // checked by the table
    const item = ITEM_BYTES[stage.element.dtype];
    return [
      { ...stage, shape: order.map(axis => stage.shape[axis]) },
      bytes => inOrder(bytes, item, stage.shape, order)
    ];
  }
  if (!step.decoded || !step.encoded) {
    return [stage, bytes => bytes];
  }
  const { decoded, encoded } = step;
  const count = stage.bound.bytes / ITEM_BYTES[decoded.dtype];
  if (!Number.isInteger(count) || !stage.bound.exact) {
    throw new BioImageError('UNSUPPORTED', say`This format is not supported: codec ${step.name} at this place.`);
  }
  const undo = valueStep(step, decoded, encoded, count);
  const bits = step.name === 'packbits';
  const shape = bits ? [1 + Math.ceil(count / 8)] : stage.shape;
  const bytes = bits ? shape[0] : count * ITEM_BYTES[encoded.dtype];
  return [
    { element: format === 3 ? { ...encoded, big: false } : encoded, shape, bound: { exact: true, bytes } },
    // In Zarr v3 bytes are put into order by the step "bytes" alone.
    format === 3 ? undo : packed => littleEndian(undo(littleEndian(packed, encoded)), decoded)
  ];
}

/** A step on bytes. */
function overBytes({ name, configuration }: IStep, stage: IStage): [IStage, Undo] {
  const { bound } = stage;
  const sum = sumOf(name, configuration);
  if (sum) {
    const grown = { ...bound, bytes: bound.bytes + 4 };
    return [{ ...stage, bound: grown }, bytes => verified(bytes, sum, configuration.location)];
  }
  switch (name) {
    case 'bytes': {
      const element = { ...stage.element, big: configuration.endian === 'big' };
      return [stage, bytes => littleEndian(bytes, element)];
    }
    case 'shuffle':
      return [stage, bytes => unshuffle(bytes, Number(configuration.elementsize))];
    case 'base64':
      return [{ ...stage, bound: { ...bound, bytes: 4 * Math.ceil(bound.bytes / 3) } }, unbase64];
    default:
      return [{ ...stage, bound: compressed(bound) }, bytes => COMPRESSORS[name](bytes, bound)];
  }
}

/**
 * Builds the way back from the bytes of a unit to its values: C order, little-endian, exactly as many as its shape says.
 * Every length that is known beforehand is compared on the way. Throws UNSUPPORTED for what only the server decodes.
 */
export function pipelineOf(unit: IUnit): (bytes: Uint8Array) => Promise<Uint8Array> {
  if (unit.decodedBy === 'server') {
    const names = unit.steps.map(({ name }) => name).join(', ');
    throw new BioImageError('UNSUPPORTED', say`This format is not supported here: codec ${names.slice(0, 80)}.`, {
      hint: say`The server of the session can decode it: open the image through a store of the session.`
    });
  }
  const item = ITEM_BYTES[unit.dtype];
  const element = { dtype: unit.dtype, big: unit.big };
  let stage: IStage = { element, shape: unit.shape, bound: { exact: true, bytes: product(unit.shape) * item } };
  const undos: { undo: Undo; bound: IOutputBound }[] = [];
  for (const step of unit.steps) {
    const { bound } = stage;
    const [next, undo] = step.kind === 'array-array' ? overValues(step, stage, unit.format) : overBytes(step, stage);
    undos.unshift({ undo, bound });
    stage = next;
  }
  const whole = stage.bound;
  const backwards = unit.shape.map((_, axis) => unit.shape.length - 1 - axis);
  return async bytes => {
    let now = checked(bytes, whole);
    for (const { undo, bound } of undos) {
      now = checked(await undo(now), bound);
    }
    const values = littleEndian(now, element);
    return unit.fortran ? inOrder(values, item, unit.shape, backwards) : values;
  };
}

function checked(bytes: Uint8Array, { exact, bytes: expected }: IOutputBound): Uint8Array {
  if (exact && bytes.length !== expected) {
    throw damaged(say`it has ${bytes.length} bytes where ${expected} are expected`);
  }
  return bytes;
}
