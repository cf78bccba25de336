import { existsSync } from 'node:fs';
import path from 'node:path';

/**
 * Absolute path of a file or folder in the collection of real test data that may lie beside the project, or `null` where
 * it is not there. Tests over it are skipped by name then.
 */
export function sharedPath(...parts: string[]): string | null {
  const found = path.resolve(process.cwd(), '..', 'shared', ...parts);
  return existsSync(found) ? found : null;
}
