export { insertCell } from './cell';
export { insertCode } from './insert';
export { pythonKernel } from './kernel';
export type { IInsertionServices, InsertionTarget } from './services';
