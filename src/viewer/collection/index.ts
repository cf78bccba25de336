export { collectionContent } from './content';
