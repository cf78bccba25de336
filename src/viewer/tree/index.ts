export { treeContent } from './content';
export { documentsElement } from './documents';
