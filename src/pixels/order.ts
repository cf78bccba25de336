/** A decoded unit as zarrita leaves it: values in the order of the disk, and the stride (in values) of each axis. */
export interface IStrided {
  readonly data: Uint8Array | Uint16Array | Uint32Array | BigUint64Array;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

/** The raw bytes of any typed array, without a copy. */
export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** The same bytes seen as unsigned words, so that moving values never changes their bits (a NaN's payload, a bool's 2). */
export function asWords(view: ArrayBufferView, itemBytes: number): IStrided['data'] {
  const count = view.byteLength / itemBytes;
  switch (itemBytes) {
    case 1:
      return new Uint8Array(view.buffer, view.byteOffset, count);
    case 2:
      return new Uint16Array(view.buffer, view.byteOffset, count);
    case 4:
      return new Uint32Array(view.buffer, view.byteOffset, count);
    default:
      return new BigUint64Array(view.buffer, view.byteOffset, count);
  }
}

/** Strides of C order (last axis fastest) in values, or in words where a value takes `perValue` of them. */
export function stridesOf(shape: readonly number[], perValue = 1): number[] {
  const stride = new Array<number>(shape.length);
  let step = perValue;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    stride[axis] = step;
    step *= shape[axis];
  }
  return stride;
}

/**
 * The values in C order. zarrita answers Fortran order and the `transpose` codec with strides only; an array that is in C
 * order already is returned as it is.
 */
export function toCOrder({ data, shape, stride }: IStrided): IStrided['data'] {
  const wanted = stridesOf(shape);
  // An axis of length 1 may carry any stride.
  if (shape.every((size, axis) => size === 1 || stride[axis] === wanted[axis])) {
    return data;
  }
  const out = data.slice();
  const last = shape.length - 1;
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < out.length; to += shape[last]) {
    for (let i = 0; i < shape[last]; i++) {
      out[to + i] = data[from + i * stride[last]];
    }
    for (let axis = last - 1; axis >= 0; axis--) {
      from += stride[axis];
      index[axis] += 1;
      if (index[axis] < shape[axis]) {
        break;
      }
      from -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}
