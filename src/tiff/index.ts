export { openTiff } from './open';
