import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';

import type { CommandId } from './args';

/** Describes a command's arguments when somebody asks: the schemas are not part of what start-up loads. */
export function described(id: CommandId): () => Promise<Partial<CommandRegistry.Description>> {
  return async () => {
    const { ARGUMENTS } = await import('./args');
    const properties: ReadonlyJSONObject = ARGUMENTS[id];
    return { args: { type: 'object', properties } };
  };
}

/** True for a command that has an image to work on: the one it names, or the preview in front. */
export function hasImage(uri: unknown, current: string | undefined): boolean {
  return current !== undefined || (typeof uri === 'string' && uri !== '');
}
