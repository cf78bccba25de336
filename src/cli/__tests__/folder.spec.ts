import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { storeContract } from '../../testing/storecontract';
import { FolderStore } from '../folder';

storeContract('a local folder', async objects => {
  const folder = await mkdtemp(path.join(tmpdir(), 'folder-'));
  for (const [key, bytes] of objects) {
    await mkdir(path.dirname(path.join(folder, key)), { recursive: true });
    await writeFile(path.join(folder, key), bytes);
  }
  return { store: new FolderStore(folder), close: () => rm(folder, { recursive: true }) };
});

describe('a local folder', () => {
  let parent: string;
  let store: FolderStore;

  beforeAll(async () => {
    parent = await mkdtemp(path.join(tmpdir(), 'folder-'));
    const root = path.join(parent, 'data');
    await mkdir(path.join(root, 'inside'), { recursive: true });
    await mkdir(path.join(parent, 'data-secret'));
    await writeFile(path.join(parent, 'data-secret', 'key'), 'secret');
    await writeFile(path.join(root, 'inside', 'chunk'), 'pixels');
    await symlink('inside/chunk', path.join(root, 'stays'));
    await symlink('../data-secret/key', path.join(root, 'leaves'));
    await symlink('../data-secret', path.join(root, 'folder'));
    await symlink('/etc/passwd', path.join(root, 'absolute'));
    await symlink('loop', path.join(root, 'loop'));
    await symlink('gone', path.join(root, 'broken'));
    execFileSync('mkfifo', [path.join(root, 'pipe')]);
    store = new FolderStore(root);
  });
  afterAll(() => rm(parent, { recursive: true }));

  it('follows a link that stays inside', async () => {
    expect(Buffer.from((await store.get('stays')) ?? []).toString()).toBe('pixels');
  });

  it.each(['leaves', 'folder/key', 'absolute', 'loop', 'pipe'])('refuses %s', async key => {
    await expect(store.get(key)).rejects.toMatchObject({ code: 'PATH_DENIED' });
  });

  it('knows a broken link and a missing root as absent', async () => {
    expect(await store.get('broken')).toBeUndefined();
    expect(await new FolderStore(path.join(parent, 'nowhere')).get('a')).toBeUndefined();
  });
});
