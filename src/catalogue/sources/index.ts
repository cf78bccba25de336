import type { ISourceProvider } from '../source';
import { samples } from './samples';
import { stores } from './stores';

/** The built-in sources: one file and one line each. */
export const PROVIDERS: readonly ISourceProvider[] = [samples, stores];
