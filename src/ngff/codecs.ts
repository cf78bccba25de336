import { asArray, asObject, asString, invalid, say } from '../core';
import { codecOf, unsupportedCodec } from './codectable';
import type { CodecKind, DecodedBy, ICodecEntry, IElement, IStepContext } from './codectable';
import type { DataType } from './dtype';

export { unsupportedCodec } from './codectable';
export type { DecodedBy, IElement } from './codectable';

/** One step of a codec pipeline, as it stands in a Zarr v3 document. */
export interface ICodec {
  readonly name: string;
  readonly configuration?: Readonly<Record<string, unknown>>;
}

/** One step of a checked chain. */
export interface IStep {
  /** Plain name, see the table of codecs. */
  readonly name: string;
  readonly kind: CodecKind;
  /** Checked, and with its defaults. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Values before and after encoding: of steps from values to values that may change the type. */
  readonly decoded?: IElement;
  readonly encoded?: IElement;
}

/** The steps from values to bytes, in the order of encoding. */
export interface IChain {
  readonly steps: readonly IStep[];
  readonly decodedBy: DecodedBy;
}

/** No sane array has more; a list of thousands would be built step by step for every chunk. */
const MAX_CODECS = 16;

function readCodec(value: unknown, where: string): ICodec {
  // Zarr v3.1 allows the bare name where there is no configuration.
  if (typeof value === 'string') {
    return { name: value };
  }
  const object = asObject(value, where);
  const name = asString(object.name, `${where}.name`);
  return object.configuration === undefined || object.configuration === null
    ? { name }
    : { name, configuration: asObject(object.configuration, `${where}.configuration`) };
}

function refuseRepeats(names: readonly string[], where: string): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw unsupportedCodec(`${repeated} twice`, where);
  }
}

/** Array→array steps first, then one array→bytes step, then bytes→bytes (Zarr v3 core, "codecs"). */
function checkOrder(kinds: readonly CodecKind[], where: string): void {
  const serializers = kinds.filter(kind => kind === 'array-bytes').length;
  const rank = (kind: CodecKind): number => ['array-array', 'array-bytes', 'bytes-bytes'].indexOf(kind);
  if (serializers !== 1 || kinds.some((kind, i) => i > 0 && rank(kind) < rank(kinds[i - 1]))) {
    throw invalid(where, say`is not a chain of codecs with one step from array to bytes`);
  }
}

/** Reads a list of codecs without looking at what they are; at most 16. */
export function readCodecList(value: unknown, where: string): ICodec[] {
  const list = asArray(value, where);
  if (list.length > MAX_CODECS) {
    throw unsupportedCodec(`chain of ${list.length} steps`, where);
  }
  return list.map((codec, i) => readCodec(codec, `${where}[${i}]`));
}

interface INamed {
  readonly entry: ICodecEntry;
  readonly configuration: Record<string, unknown>;
  readonly where: string;
}

/** Checks the steps one after the other, each against the values that the one before leaves. */
function chained(named: readonly INamed[], first: IStepContext): IChain {
  let decodedBy: DecodedBy = 'browser';
  let context = first;
  const steps = named.map(({ entry: { name, kind, by, check }, configuration, where }): IStep => {
    const { by: special, ...checked } = check?.(configuration, context, where) ?? { configuration };
    if ((special ?? by) === 'server') {
      decodedBy = 'server';
    }
    context = {
      ...context,
      dtype: checked.encoded?.dtype ?? context.dtype,
      rank: name === 'packbits' ? 1 : context.rank
    };
    return { name, kind, ...checked };
  });
  return { steps, decodedBy };
}

/** Checks a Zarr v3 pipeline that holds no sharding, over a unit of `rank` axes. */
export function checkPipeline(codecs: readonly ICodec[], dtype: DataType, rank: number, where: string): IChain {
  const named = codecs.map(({ name, configuration }, i) => {
    const entry = codecOf(name, 3);
    if (!entry) {
      throw unsupportedCodec(name, `${where}[${i}].name`);
    }
    return { entry, configuration: { ...configuration }, where: `${where}[${i}].configuration` };
  });
  refuseRepeats(
    named.map(({ entry }) => entry.name),
    where
  );
  checkOrder(
    named.map(({ entry }) => entry.kind),
    where
  );
  return chained(named, { dtype, big: false, rank, format: 3 });
}

/**
 * Filters, then the compressor, of a Zarr v2 array; `id` and parameters side by side as they stand in `.zarray`. `place` is
 * what goes before a field's name in failures: the document.
 */
export function readCodecsV2(
  document: Readonly<Record<string, unknown>>,
  element: IElement,
  rank: number,
  place: string
): IChain {
  const list = `${place}filters`;
  const filters = asArray(document.filters ?? [], list);
  if (filters.length > MAX_CODECS) {
    throw unsupportedCodec(`chain of ${filters.length} steps`, list);
  }
  const places = filters.map((value, i) => ({ value, where: `${list}[${i}]`, values: true }));
  if (document.compressor) {
    places.push({ value: document.compressor, where: `${place}compressor`, values: false });
  }
  const named = places.map(({ value, where: here, values }) => {
    const { id, ...configuration } = asObject(value, here);
    const name = asString(id, `${here}.id`);
    const entry = codecOf(name, 2);
    // A compressor is given bytes by its writers, and what sees values in them is a filter.
    if (!entry || (!values && entry.kind === 'array-array')) {
      throw unsupportedCodec(name, `${here}.id`);
    }
    return { entry, configuration, where: here };
  });
  refuseRepeats(
    named.map(({ entry }) => entry.name),
    list
  );
  return chained(named, { ...element, rank, format: 2 });
}
