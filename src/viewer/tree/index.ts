export { treeContent } from './content';
