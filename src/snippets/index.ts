export { locationOf } from './python';
export { comment, literal } from './quote';
export type { LiteralValue, SnippetLanguage } from './quote';
export { fits } from './template';
export type { IPackage, ISnippetInput, ISnippetTemplate, SnippetAccess, SnippetPacking, SnippetSlice } from './template';
export { TEMPLATES } from './templates';
