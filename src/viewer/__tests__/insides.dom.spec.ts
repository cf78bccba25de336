import { BioImageError, say } from '../../core';
import type { ISessionTransport } from '../../entities';
import type { INode } from '../../ngff';
import { closeAll, prepare, setUp, until } from './placesbench';

beforeAll(prepare, 60_000); // the code under test is compiled meanwhile
afterEach(closeAll);

describe('A collection in a preview', () => {
  const node: INode = {
    kind: 'collection',
    version: '0.5',
    path: '',
    name: '',
    series: [
      { path: '0', name: 'First <b>one</b>', size: { x: 30, y: 20, z: 5, c: 1, t: 1 } },
      { path: '1', name: '' }
    ],
    notices: [say`There is nothing at /0; what lies above it is shown.`]
  };

  it('shows the first image beside the list, and another one when it is chosen', async () => {
    const { widget, log, stages } = setUp({ node });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.dataset).toMatchObject({ kind: 'collection', uri: 'p.zarr' });
    const options = widget.node.querySelectorAll<HTMLElement>('[role="option"]');
    expect(Array.from(options, one => one.getAttribute('aria-selected'))).toEqual(['true', 'false']);
    expect(options[0].textContent).toContain('First <b>one</b>');
    expect(options[0].textContent).toContain('30 × 20, 5 planes');
    expect(widget.node.textContent).toContain('There is nothing at /0');
    expect(widget.shownUri).toBe('p.zarr/0');
    options[0].focus();
    options[0].dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
    expect(document.activeElement).toBe(options[1]);
    options[1].dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }));
    await until(() => stages.length > 1 && widget.node.dataset.status === 'ready');
    expect(widget.state).toEqual({ z: 2, inside: '1' });
    expect(Array.from(options, one => one.getAttribute('aria-selected'))).toEqual(['false', 'true']);
    expect(options[1].isConnected).toBe(true);
    stages[1].options.host.insert('', { z: 2 });
    expect(log).toContain('insert p.zarr/1 {"z":2}');
  });

  it('comes back to the chosen image after a reload', async () => {
    const { widget } = setUp({ node, selection: { inside: '1' } });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.shownUri).toBe('p.zarr/1');
  });

  it('tells a broken image beside the list, from which another one can be chosen', async () => {
    const { widget } = setUp({ node, fail: key => (key === 'p.zarr/0' ? new BioImageError('BAD_METADATA', say`No axes.`, { where: '0/.zattrs' }) : undefined) });
    await until(() => widget.node.dataset.status === 'failed');
    expect(widget.node.querySelector('[role="alert"]')?.textContent).toContain('No axes.');
    widget.node.querySelectorAll<HTMLElement>('[role="option"]')[1].click();
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.dataset).toMatchObject({ kind: 'collection', status: 'ready' });
  });

  it('of a thousand images is there at once', async () => {
    const series = Array.from({ length: 1000 }, (_, i) => ({ path: String(i), name: `image ${i}` }));
    const { widget } = setUp({ node: { ...node, series } });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.querySelectorAll('[role="option"]')).toHaveLength(1000);
  });

  it('without images says so', async () => {
    const { widget } = setUp({ node: { ...node, series: [] } });
    await until(() => widget.node.querySelector('[role="alert"]'));
    expect(widget.node.querySelector('[role="alert"]')?.textContent).toContain('names no images');
  });
});

describe('A group in a preview', () => {
  const group = (members?: { path: string; type: 'group' | 'array' }[]): INode => ({
    kind: 'group',
    version: '',
    zarrFormat: 3,
    path: '',
    name: '',
    attributes: { author: '<img src=x onerror=alert(1)>', n: 3 },
    members,
    notices: []
  });

  it('is a tree of the members that its metadata name', async () => {
    const { widget, log } = setUp({ node: group([{ path: 'a', type: 'group' }, { path: 'a/b', type: 'array' }, { path: 'c', type: 'array' }]) });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.dataset.kind).toBe('collection');
    const items = (): string[] => Array.from(widget.node.querySelectorAll('[role="treeitem"]'), one => `${one.getAttribute('aria-level')} ${one.children[1].textContent}`);
    expect(items()).toEqual(['1 a', '1 c']);
    expect(widget.node.textContent).toContain('<img src=x onerror=alert(1)>');
    expect(widget.node.querySelector('img')).toBeNull();
    const key = (name: string): void => void document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
    widget.node.querySelector<HTMLElement>('[role="treeitem"]')!.focus();
    key('ArrowRight');
    await until(() => items().length === 3);
    expect(items()).toEqual(['1 a', '2 b', '1 c']);
    key('End');
    key('Enter');
    await until(() => log.includes('opened p.zarr/c {}'));
    await until(() => widget.node.dataset.status === 'ready' && widget.node.dataset.kind === 'image');
    expect(widget.state).toEqual({ z: 2, inside: 'c' });
  });

  it('lists page by page where its metadata do not name them', async () => {
    const asked: string[] = [];
    const list: ISessionTransport['list'] = (_, prefix, cursor) => {
      asked.push(`${prefix} ${cursor ?? ''}`);
      const entry = (name: string) => ({ name, kind: 'zarr' as const });
      return Promise.resolve(cursor ? { items: [entry('z')] } : { items: [entry('x'), { name: 'zarr.json', kind: 'file' as const }], cursor: 'more' });
    };
    const { widget, button } = setUp({ node: group(), transport: { list } });
    await until(() => widget.node.dataset.status === 'ready');
    expect(Array.from(widget.node.querySelectorAll('[role="treeitem"]'), one => one.children[1].textContent)).toEqual(['x']);
    button('More')!.click();
    await until(() => widget.node.querySelectorAll('[role="treeitem"]').length === 2);
    expect(asked).toEqual(['p.zarr ', 'p.zarr more']);
  });

  it('says so where nothing tells what lies in it', async () => {
    const { widget } = setUp({ node: group() });
    await until(() => widget.node.dataset.status === 'ready');
    expect(widget.node.textContent).toContain('cannot be listed');
  });
});
