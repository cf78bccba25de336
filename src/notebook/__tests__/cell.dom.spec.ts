import type { INotebookContent } from '@jupyterlab/nbformat';
import type { Notebook } from '@jupyterlab/notebook';
import { NotebookActions, NotebookModel } from '@jupyterlab/notebook';
import { NBTestUtils } from '@jupyterlab/notebook/lib/testutils';
import { Widget } from '@lumino/widgets';

import { insertCell } from '..';

const CODE = 'location = "a"\nimage';

const notebookJson = (sources: string[]): INotebookContent => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3' }, language_info: { name: 'python' } },
  cells: sources.map((source, index) => ({
    id: `cell-${index}`,
    cell_type: source.startsWith('#') ? 'markdown' : 'code',
    source,
    metadata: {},
    ...(source.startsWith('#') ? {} : { outputs: [], execution_count: null })
  }))
});

describe.each([
  ['an undo per cell', true],
  ['one undo for the document', false]
])('insertion into a notebook with %s', (_, disableDocumentWideUndoRedo) => {
  let notebook: Notebook;
  const json = (): string => JSON.stringify(notebook.model?.toJSON());
  const open = (sources: string[], active: number): void => {
    notebook = NBTestUtils.createNotebook();
    const model = new NotebookModel({ disableDocumentWideUndoRedo });
    model.fromJSON(notebookJson(sources));
    notebook.model = model;
    Widget.attach(notebook, document.body);
    notebook.activeCellIndex = active;
    model.sharedModel.clearUndoHistory();
  };
  afterEach(() => {
    notebook.model?.dispose();
    notebook.dispose();
  });
  const sources = (): string[] => [...(notebook.model?.cells ?? [])].map(cell => cell.sharedModel.getSource());

  it('adds a cell below the active one and makes it active, in command mode', () => {
    open(['a = 1', 'b = 2'], 0);
    notebook.mode = 'edit';
    insertCell(notebook, CODE);
    expect(sources()).toEqual(['a = 1', CODE, 'b = 2']);
    expect([notebook.activeCellIndex, notebook.mode]).toEqual([1, 'command']);
    expect(notebook.activeCell?.model.type).toBe('code');
  });

  it('fills an empty code cell, and not an empty cell of another kind', () => {
    open(['a = 1', '', 'b = 2'], 1);
    insertCell(notebook, CODE);
    expect(sources()).toEqual(['a = 1', CODE, 'b = 2']);
    notebook.activeCellIndex = 1;
    insertCell(notebook, 'more');
    expect(sources()).toEqual(['a = 1', CODE, 'more', 'b = 2']);
  });

  it('does not fill a cell that may not be edited', () => {
    open([''], 0);
    notebook.activeCell?.model.setMetadata('editable', false);
    insertCell(notebook, CODE);
    expect(sources()).toEqual(['', CODE]);
  });

  it.each([
    ['below text', ['a = 1', '# title', 'b = 2'], 0],
    ['below Markdown, at the end', ['a = 1', '# title'], 1],
    ['into an empty cell', ['a = 1', '', 'b = 2'], 1],
    ['into a notebook of one empty cell', [''], 0]
  ])('is taken back byte for byte by one undo: %s', (__, cells, active) => {
    open(cells, active);
    for (const undo of [() => NotebookActions.undo(notebook), () => notebook.activeCell?.editor?.undo()]) {
      notebook.activeCellIndex = active;
      const before = json();
      insertCell(notebook, CODE);
      expect(json()).not.toBe(before);
      undo();
      expect(json()).toBe(before);
    }
  });

  it('takes nothing else back, however short ago it was done', () => {
    open(['a = 1'], 0);
    NotebookActions.insertBelow(notebook);
    notebook.activeCell?.model.sharedModel.setSource('mine');
    const before = json();
    insertCell(notebook, CODE);
    NotebookActions.insertBelow(notebook);
    NotebookActions.undo(notebook);
    NotebookActions.undo(notebook);
    expect(json()).toBe(before);
  });

  it('can be done again after undo', () => {
    open(['a = 1'], 0);
    insertCell(notebook, CODE);
    const after = json();
    NotebookActions.undo(notebook);
    NotebookActions.redo(notebook);
    expect(json()).toBe(after);
  });

  it('leaves the notebook valid: ids of cells are unique', () => {
    open(['a = 1', ''], 1);
    insertCell(notebook, CODE);
    insertCell(notebook, CODE);
    const ids = notebook.model?.toJSON() as INotebookContent;
    expect(new Set(ids.cells.map(cell => cell.id)).size).toBe(3);
  });
});
