export { plateContent, wellContent } from './contents';
