export { bibtex, citationText } from './citation';
export type { IStudyMemory, StudyTab } from './memory';
export { StudyModel } from './model';
export type { IStudyModelOptions } from './model';
export { sanitise } from './sanitise';
export { StudyView } from './view';
export type { IStudyViewProps } from './view';
