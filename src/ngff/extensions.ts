import { BioImageError, say } from '../core';

/** Fields of Zarr v3 core, and the one that zarr-python adds to groups: copies of documents, which may be left alone. */
const KNOWN: ReadonlySet<string> = new Set([
  'zarr_format',
  'node_type',
  'attributes',
  'consolidated_metadata',
  'shape',
  'data_type',
  'chunk_grid',
  'chunk_key_encoding',
  'fill_value',
  'codecs',
  'storage_transformers',
  'dimension_names'
]);

/**
 * Zarr v3 core, "extension points": a field that is not known may change what the bytes mean, unless it is an object that
 * says `must_understand: false`. UNSUPPORTED, naming it. `where` is the document.
 */
export function refuseExtensions(document: Record<string, unknown>, where: string): void {
  for (const [name, value] of Object.entries(document)) {
    const ignorable =
      typeof value === 'object' && value !== null && 'must_understand' in value && value.must_understand === false;
    if (!KNOWN.has(name) && !ignorable) {
      throw new BioImageError('UNSUPPORTED', say`This format is not supported: extension ${name.slice(0, 40)}.`, {
        where
      });
    }
  }
}
