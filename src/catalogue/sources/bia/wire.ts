import { countOf, dateOf, field, httpsOf, listOf, objectOf, textOf, textsOf } from '../../fields';

// Objects of the BioImage Archive as its API (models of 2025-04) and its search documents give them: the same kinds with the
// same names, where a document holds its children inside. What is odd is left out; uuids are in lower case throughout.

/** A form of an image: the original files, a conversion to OME-Zarr, a picture. */
export interface IRepresentation {
  readonly uuid: string;
  readonly image: string;
  /** Such as `.ome.zarr`, `.tiff`, `multi .tif`. */
  readonly format: string;
  /** As the archive gives them: blanks are not encoded, hosts may be those from before the storage moved. */
  readonly uris: readonly string[];
  readonly bytes?: number;
  /** Pixels of level 0. Physical sizes are not read: many are those of a printer. */
  readonly size: { x?: number; y?: number; z?: number; c?: number; t?: number };
}

/** An image of a dataset; what opens it are its representations. */
export interface IImage {
  readonly uuid: string;
  readonly dataset: string;
  readonly label?: string;
  /** Path of the original file, or a pattern for several, such as `a/slice_{z:d}.tif`. */
  readonly pattern?: string;
  /** The representation that the archive's own viewer shows; present exactly where there is one. */
  readonly recommended?: string;
  /** What the submitter says of the original file. */
  readonly attributes: readonly { name: string; value: string }[];
  /** There in search documents alone. */
  readonly representations: readonly IRepresentation[];
}

/** A part of a study. Counts, organisms and methods come with search documents, and from other routes of the API. */
export interface IDatasetObject {
  readonly uuid: string;
  /** uuid of its study. */
  readonly study?: string;
  readonly title: string;
  readonly description?: string;
  readonly images?: number;
  readonly files?: number;
  readonly bytes?: number;
  readonly organisms: readonly string[];
  readonly methods: readonly string[];
  /** uuids of objects about its samples and protocols: key such as `bio_sample_uuid` → uuids. */
  readonly linked: ReadonlyMap<string, readonly string[]>;
  /** There in search documents alone. */
  readonly nested?: readonly IImage[];
}

/** A study: the fields that lists show. */
export interface IStudyObject {
  readonly uuid: string;
  readonly accession: string;
  /** The whole object, for the parts that only a study's page shows. */
  readonly value: unknown;
  readonly title: string;
  readonly description?: string;
  /** The address of a licence, in whatever spelling. */
  readonly licence: unknown;
  readonly released?: string;
  readonly organisms: readonly string[];
  readonly methods: readonly string[];
  /** There in search documents alone. */
  readonly datasets?: readonly IDatasetObject[];
  readonly nested?: readonly IImage[];
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Marks around what a search has found. */
const MARKS = /__\/?HIT__/g;

/** A uuid in lower case; `undefined` where the value is none, so that nothing else becomes part of an address. */
export function uuidOf(value: unknown): string | undefined {
  const text = textOf(value)?.toLowerCase();
  return text !== undefined && UUID.test(text) ? text : undefined;
}

/** A text without the marks of a search. */
export function plainOf(value: unknown): string | undefined {
  return textOf(textOf(value)?.replace(MARKS, ''));
}

/** Items that `read` understands. */
export function readAll<T>(value: unknown, read: (item: unknown) => T | undefined): T[] {
  return listOf(value).flatMap(item => {
    const one = read(item);
    return one === undefined ? [] : [one];
  });
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];
const given = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };

/** Values of `additional_metadata` by name: each entry holds an object. */
function metadataOf(object: unknown): { name: string; value: unknown }[] {
  return readAll(field(object, 'additional_metadata'), entry => {
    const name = textOf(field(entry, 'name'));
    return name === undefined ? undefined : { name, value: field(entry, 'value') };
  });
}

/** A representation; `undefined` where it names no image or no format. */
export function readRepresentation(value: unknown): IRepresentation | undefined {
  const uuid = uuidOf(field(value, 'uuid'));
  const image = uuidOf(field(value, 'representation_of_uuid'));
  const format = textOf(field(value, 'image_format'))?.toLowerCase();
  if (uuid === undefined || image === undefined || format === undefined) {
    return undefined;
  }
  const size = (axis: string): number | undefined => countOf(field(value, `size_${axis}`)) || undefined;
  return {
    uuid,
    image,
    format,
    uris: textsOf(field(value, 'file_uri')),
    // Conversions that were never measured say 0.
    ...given('bytes', countOf(field(value, 'total_size_in_bytes')) || undefined),
    size: {
      ...given('x', size('x')),
      ...given('y', size('y')),
      ...given('z', size('z')),
      ...given('c', size('c')),
      ...given('t', size('t'))
    }
  };
}

/** The address of a representation as OME-Zarr, as the archive gives it; `undefined` where it is none that opens. */
export function zarrUri({ format, uris }: IRepresentation): string | undefined {
  return format.endsWith('.zarr') ? uris.map(httpsOf).find(uri => uri !== undefined) : undefined;
}

/** An image; `undefined` without a uuid. What is said about it sits in `additional_metadata`, by name. */
export function readImage(value: unknown): IImage | undefined {
  const uuid = uuidOf(field(value, 'uuid'));
  if (uuid === undefined) {
    return undefined;
  }
  const metadata = metadataOf(value);
  const named = (name: string): unknown => field(metadata.find(one => one.name === name)?.value, name);
  const attributes = metadata
    .filter(({ name }) => name.startsWith('attributes_from_file_reference'))
    .flatMap(one => Object.entries(objectOf(field(one.value, 'attributes')) ?? {}))
    .flatMap(([name, text]) => {
      const known = textOf(text);
      return known === undefined ? [] : [{ name, value: known }];
    });
  return {
    uuid,
    dataset: uuidOf(field(value, 'submission_dataset_uuid')) ?? '',
    ...given('label', plainOf(field(value, 'label'))),
    ...given('pattern', plainOf(named('file_pattern')) ?? plainOf(field(value, 'file_path'))),
    ...given('recommended', uuidOf(named('recommended_vizarr_representation'))),
    attributes,
    representations: readAll(field(value, 'representation'), readRepresentation)
  };
}

/** Organisms of samples, by their scientific name where they have one. */
function organismsOf(samples: unknown): string[] {
  return readAll(samples, sample => readAll(field(sample, 'organism_classification'), nameOfOrganism)).flat();
}

const nameOfOrganism = (value: unknown): string | undefined =>
  plainOf(field(value, 'scientific_name')) ?? plainOf(field(value, 'common_name'));

/** Scientific names of the organisms of a sample. */
export function readSample(value: unknown): string[] {
  return organismsOf([value]);
}

/** Names of the imaging methods of an acquisition. */
export function readAcquisition(value: unknown): string[] {
  return textsOf(field(value, 'imaging_method_name'));
}

/** A dataset; `undefined` without a uuid. */
export function readDataset(value: unknown): IDatasetObject | undefined {
  const uuid = uuidOf(field(value, 'uuid'));
  if (uuid === undefined) {
    return undefined;
  }
  const linked = new Map(
    metadataOf(value)
      .map(({ name, value: held }) => [name, textsOf(field(held, name)).map(uuidOf)] as const)
      .map(([name, uuids]) => [name, uuids.filter(one => one !== undefined)] as const)
      .filter(([, uuids]) => uuids.length > 0)
  );
  const nested = Array.isArray(field(value, 'image')) ? readAll(field(value, 'image'), readImage) : undefined;
  return {
    uuid,
    ...given('study', uuidOf(field(value, 'submitted_in_study_uuid'))),
    title: plainOf(field(value, 'title')) ?? uuid,
    ...given('description', plainOf(field(value, 'description'))),
    ...countsOf(value),
    organisms: unique(organismsOf(field(value, 'biological_entity'))),
    methods: unique(readAll(field(value, 'acquisition_process'), readAcquisition).flat()),
    linked,
    ...given('nested', nested)
  };
}

/** Counts of a dataset, which come with its search document and from a route of their own. */
export function countsOf(value: unknown): Pick<IDatasetObject, 'images' | 'files' | 'bytes'> {
  return {
    ...given('images', countOf(field(value, 'image_count'))),
    ...given('files', countOf(field(value, 'file_reference_count'))),
    ...given('bytes', countOf(field(value, 'file_reference_size_bytes')))
  };
}

/** A study; `undefined` without a uuid or accession. Documents of 2026 list organisms, methods and images flat as well. */
export function readStudy(value: unknown): IStudyObject | undefined {
  const uuid = uuidOf(field(value, 'uuid'));
  const accession = plainOf(field(value, 'accession_id'));
  if (uuid === undefined || accession === undefined) {
    return undefined;
  }
  const datasets = Array.isArray(field(value, 'dataset')) ? readAll(field(value, 'dataset'), readDataset) : undefined;
  const flat = Array.isArray(field(value, 'image')) ? readAll(field(value, 'image'), readImage) : undefined;
  const parts = datasets ?? [];
  return {
    uuid,
    accession,
    value,
    title: plainOf(field(value, 'title')) ?? accession,
    ...given('description', plainOf(field(value, 'description'))),
    licence: field(value, 'licence'),
    ...given('released', dateOf(field(value, 'release_date'))),
    organisms: unique([
      ...parts.flatMap(({ organisms }) => organisms),
      ...textsOf(field(value, 'organism_scientific_name'))
    ]),
    methods: unique([...parts.flatMap(({ methods }) => methods), ...textsOf(field(value, 'imaging_method'))]),
    ...given('datasets', datasets),
    ...given(
      'nested',
      flat ?? (parts.some(one => one.nested !== undefined) ? parts.flatMap(one => one.nested ?? []) : undefined)
    )
  };
}
