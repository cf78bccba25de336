export { locationOf } from './python';
export { comment, literal } from './quote';
export type { LiteralValue, SnippetLanguage } from './quote';
export type { IPackage, ISnippetInput, ISnippetTemplate, SnippetAccess, SnippetSlice } from './template';
export { TEMPLATES } from './templates';
